import { open, type FileHandle } from 'node:fs/promises'

/** Bars of a waveform. */
const BARS = 64
/** Of each bar so much is listened to, so that an hour costs no more than a minute. */
const BAR_BYTES = 16 * 1024
const MOST_CHUNKS = 100

const PCM = 1
const FLOAT = 3
const EXTENSIBLE = 0xfffe

interface Format {
  coding: number
  channels: number
  rate: number
  bits: number
}

/**
 * The length and loudness of an uncompressed WAV file.
 * @returns null for one that is compressed or broken
 */
export async function readWave(file: string): Promise<{ duration: number; waveform: number[] } | null> {
  const handle = await open(file)
  try {
    const found = await findSound(handle, (await handle.stat()).size)
    if (!found) return null
    const { format, start, length } = found
    const sample = sampleOf(format)
    const frame = (format.bits / 8) * format.channels
    const frames = Math.floor(length / frame)
    if (!sample || frames === 0) return null
    const bars = Math.min(BARS, frames)
    const peaks: number[] = []
    for (let bar = 0; bar < bars; bar++) {
      const [from, to] = [Math.floor((bar * frames) / bars), Math.floor(((bar + 1) * frames) / bars)]
      const bytes = Math.min((to - from) * frame, BAR_BYTES - (BAR_BYTES % frame))
      peaks.push(peak(await read(handle, start + from * frame, bytes), sample, format.bits / 8))
    }
    return { duration: frames / format.rate, waveform: scaled(peaks) }
  } finally {
    await handle.close()
  }
}

/** Walks the chunks of the file to its format and its sound. */
async function findSound(
  handle: FileHandle,
  size: number,
): Promise<{ format: Format; start: number; length: number } | null> {
  const head = await read(handle, 0, 12)
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return null
  let format: Format | null = null
  let at = 12
  for (let i = 0; i < MOST_CHUNKS && at + 8 <= size; i++) {
    const chunk = await read(handle, at, 8)
    const [id, claimed] = [chunk.toString('latin1', 0, 4), chunk.readUInt32LE(4)]
    at += 8
    if (id === 'fmt ') format = formatOf(await read(handle, at, Math.min(claimed, 40)))
    // What is recorded while it is written may claim more, or nothing, of what follows.
    if (id === 'data') return format && { format, start: at, length: Math.min(claimed || size, size - at) }
    at += claimed + (claimed % 2)
  }
  return null
}

function formatOf(chunk: Buffer): Format | null {
  if (chunk.length < 16) return null
  const coding = chunk.readUInt16LE(0)
  const format = {
    coding: coding === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : coding,
    channels: chunk.readUInt16LE(2),
    rate: chunk.readUInt32LE(4),
    bits: chunk.readUInt16LE(14),
  }
  return format.channels > 0 && format.channels <= 32 && format.rate > 0 ? format : null
}

type Sample = (bytes: Buffer, at: number) => number

/** Reads one sample as -1 to 1; null for what is compressed. */
function sampleOf({ coding, bits }: Format): Sample | null {
  if (coding === FLOAT && bits === 32) return (bytes, at) => bytes.readFloatLE(at)
  if (coding !== PCM) return null
  if (bits === 8) return (bytes, at) => (bytes.readUInt8(at) - 128) / 128
  if (bits !== 16 && bits !== 24 && bits !== 32) return null
  const most = 2 ** (bits - 1)
  return (bytes, at) => bytes.readIntLE(at, bits / 8) / most
}

function peak(bytes: Buffer, sample: Sample, step: number): number {
  let most = 0
  for (let at = 0; at + step <= bytes.length; at += step) most = Math.max(most, Math.abs(sample(bytes, at)))
  return most
}

/** The loudest bar is 100; silence is silence. */
function scaled(peaks: readonly number[]): number[] {
  const most = Math.max(...peaks)
  return peaks.map((one) => (most > 0.001 && Number.isFinite(most) ? Math.round((one / most) * 100) : 0))
}

async function read(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, at)
  return buffer.subarray(0, bytesRead)
}
