import { open } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import type { parseFile } from 'music-metadata'
import { oneAtATime } from './turns.ts'
import { readWave } from './wave.ts'
import { readWebm } from './webm.ts'

/** What a file of sound or video says of itself; nulls where it does not. */
export interface Tracks {
  /** Seconds. */
  duration: number | null
  /** Whether there are pictures in it: a container's name alone does not tell. */
  hasVideo: boolean | null
  width: number | null
  height: number | null
}

export interface Recording extends Tracks {
  /** Loudness over its length, 0 to 100; only of what is not compressed. */
  waveform: number[] | null
}

const MOST_MS = 5000
const HEAD_BYTES = 64 * 1024
const NOTHING: Tracks = { duration: null, hasVideo: null, width: null, height: null }

const inTurn = oneAtATime(15)

/** Looks into a recording; a broken one says nothing, and that is no error. */
export async function readRecording(file: string, contentType: string): Promise<Recording> {
  if (/^audio\/(wav|vnd\.wave|x-wav)$/.test(contentType)) {
    const wave = await readWave(file).catch(() => null)
    if (wave) return { ...NOTHING, hasVideo: false, ...wave, duration: plausible(wave.duration) }
  }
  const tracks = contentType.endsWith('/webm')
    ? readWebm(await readHead(file))
    : await inTurn(() => parse(file))
  return { ...NOTHING, ...checked(tracks ?? NOTHING), waveform: null }
}

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** What music-metadata tells of a file. */
type Format = Awaited<ReturnType<typeof parseFile>>['format']
type Parsed = Pick<Format, 'duration' | 'hasVideo'> & { width?: number; height?: number }

/** Runs in a thread of its own, which is ended where a file keeps it busy. */
const PARSER = `
const { parentPort, workerData } = require('node:worker_threads')
import(workerData.library)
  .then(({ parseFile }) => parseFile(workerData.file, { duration: true, skipCovers: true }))
  .then(({ format: { duration, hasVideo, trackInfo = [] } }) => {
    const { pixelWidth, pixelHeight } = trackInfo.find(({ video }) => video)?.video ?? {}
    parentPort.postMessage({ duration, hasVideo, width: pixelWidth, height: pixelHeight })
  })
`

async function parse(file: string): Promise<Parsed | null> {
  const worker = new Worker(PARSER, {
    eval: true,
    workerData: { library: import.meta.resolve('music-metadata'), file },
    resourceLimits: { maxOldGenerationSizeMb: 96 },
    stdout: true,
    stderr: true,
    execArgv: [],
  })
  const limit = setTimeout(() => void worker.terminate(), MOST_MS)
  try {
    return await new Promise<Parsed | null>((resolve) => {
      const nothing = (): void => {
        resolve(null)
      }
      worker.once('message', resolve).once('error', nothing).once('exit', nothing)
    })
  } finally {
    clearTimeout(limit)
    await worker.terminate()
  }
}

function checked({ duration, hasVideo, width, height }: Parsed | Tracks): Tracks {
  return {
    duration: plausible(duration),
    hasVideo: hasVideo ?? null,
    width: pixels(width),
    height: pixels(height),
  }
}

/** A day. */
const MOST_SECONDS = 86_400
/** What browsers record as MP4 names the length of its first piece only. */
const LEAST_SECONDS = 0.05

/** A length in seconds, to the millisecond; null for what cannot be one. */
export function plausible(value: unknown): number | null {
  const known = typeof value === 'number' && value >= LEAST_SECONDS && value <= MOST_SECONDS
  return known ? Math.round(value * 1000) / 1000 : null
}

const pixels = (value: number | null | undefined): number | null =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) <= 100_000 ? Number(value) : null
