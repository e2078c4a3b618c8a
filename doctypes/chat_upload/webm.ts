import type { Tracks } from './recording.ts'

/** Matroska's names of elements, as they are written. */
const SEGMENT = 0x18538067
const INFO = 0x1549a966
const TIMESTAMP_SCALE = 0x2ad7b1
const DURATION = 0x4489
const TRACKS = 0x1654ae6b
const TRACK_ENTRY = 0xae
const TRACK_TYPE = 0x83
const VIDEO = 0xe0
const PIXEL_WIDTH = 0xb0
const PIXEL_HEIGHT = 0xba
/** What is looked into; everything else is passed over. */
const OPENED = new Set([SEGMENT, INFO, TRACKS, TRACK_ENTRY, VIDEO])

const IS_VIDEO = 1

/**
 * What the beginning of a WebM file says of its tracks. Browsers write recordings while they go on, so that these
 * name neither their length nor that of their parts.
 */
export function readWebm(head: Buffer): Tracks {
  const found = { duration: null as number | null, scale: 1_000_000, kinds: [] as number[] }
  let [width, height] = [null as number | null, null as number | null]
  for (const { id, data } of elements(head)) {
    if (id === TIMESTAMP_SCALE) found.scale = unsigned(data)
    else if (id === DURATION) found.duration = decimal(data)
    else if (id === TRACK_TYPE) found.kinds.push(unsigned(data))
    else if (id === PIXEL_WIDTH) width ??= unsigned(data)
    else if (id === PIXEL_HEIGHT) height ??= unsigned(data)
  }
  return {
    duration: found.duration === null ? null : (found.duration * found.scale) / 1e9,
    hasVideo: found.kinds.length > 0 ? found.kinds.includes(IS_VIDEO) : null,
    width,
    height,
  }
}

/** The elements in their order, inside of those that are opened too; ends where the bytes do. */
function* elements(head: Buffer): Generator<{ id: number; data: Buffer }> {
  let at = 0
  while (at < head.length) {
    const id = number(head, at, true)
    const size = id && number(head, at + id.length, false)
    if (!id || !size) return
    at += id.length + size.length
    if (OPENED.has(id.value)) continue
    yield { id: id.value, data: head.subarray(at, at + size.value) }
    at += size.value
  }
}

/** A number of variable length: its leading zeros tell how many bytes it has. */
function number(from: Buffer, at: number, marked: boolean): { value: number; length: number } | null {
  const first = from[at]
  if (first === undefined || first === 0) return null
  const length = Math.clz32(first) - 23
  if (at + length > from.length) return null
  let value = marked ? first : first & (0xff >> length)
  for (let i = 1; i < length; i++) value = value * 256 + (from[at + i] ?? 0)
  return { value, length }
}

const unsigned = (data: Buffer): number =>
  data.length > 6 ? 0 : data.length && data.readUIntBE(0, data.length)

function decimal(data: Buffer): number | null {
  if (data.length === 4) return data.readFloatBE()
  return data.length === 8 ? data.readDoubleBE() : null
}
