import { writeFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { readRecording } from '../../../doctypes/chat_upload/recording.ts'
import { readWave } from '../../../doctypes/chat_upload/wave.ts'
import { readWebm } from '../../../doctypes/chat_upload/webm.ts'
import { RECORDED, wave } from '../../support/room-files.ts'

const folder = t.testdir({})
const stored = (content: Uint8Array): string => {
  const file = path.join(folder, 'sound')
  writeFileSync(file, content)
  return file
}

/** The same sound in another coding: its header says so, and each sample is written by `write`. */
function coded(coding: number, bits: number, write: (to: Buffer, value: number, at: number) => void): Buffer {
  const bytes = bits / 8
  const samples = 8000
  const sound = Buffer.alloc(44 + samples * bytes)
  wave(0).copy(sound)
  sound.writeUInt16LE(coding, 20)
  sound.writeUInt16LE(bytes, 32)
  sound.writeUInt16LE(bits, 34)
  sound.writeUInt32LE(samples * bytes, 40)
  for (let i = 0; i < samples; i++) write(sound, i < samples / 2 ? 0.5 : 1, 44 + i * bytes)
  return sound
}

t.test('a waveform shows how loud it is when', async (t) => {
  const found = await readWave(stored(wave(4, (second) => second / 4)))
  t.equal(found?.duration, 4)
  const bars = found?.waveform ?? []
  t.equal(bars.length, 64)
  t.equal(Math.max(...bars), 100)
  t.ok(
    bars.every((bar, i) => i === 0 || bar >= (bars[i - 1] ?? 0)),
    'it grows',
  )
  t.same(new Set((await readWave(stored(wave(1, () => 0))))?.waveform), new Set([0]), 'silence')
  t.equal((await readWave(stored(wave(10 / 8000))))?.waveform.length, 10, 'fewer samples than bars')
})

t.test('every coding that is not compressed', async (t) => {
  const halves = [...Array<number>(32).fill(50), ...Array<number>(32).fill(100)]
  for (const [name, sound] of [
    ['8 bits', coded(1, 8, (to, value, at) => to.writeUInt8(Math.round(128 + value * 127), at))],
    ['24 bits', coded(1, 24, (to, value, at) => to.writeIntLE(Math.round(value * 8_388_607), at, 3))],
    ['32 bits', coded(1, 32, (to, value, at) => to.writeInt32LE(Math.round(value * 2_147_483_647), at))],
    ['floats', coded(3, 32, (to, value, at) => to.writeFloatLE(value, at))],
  ] as const) {
    const found = await readWave(stored(sound))
    t.match(found, { duration: 1 }, name)
    t.ok(
      found?.waveform.every((bar, i) => Math.abs(bar - (halves[i] ?? 0)) <= 1),
      name,
    )
  }
  t.equal(await readWave(stored(coded(2, 8, () => undefined))), null, 'compressed')
  t.equal(await readWave(stored(coded(1, 12, () => undefined))), null)
})

t.test('what browsers record', async (t) => {
  t.same(readWebm(RECORDED.webm()), { duration: null, hasVideo: false, width: null, height: null })
  t.same(readWebm(RECORDED.video()), { duration: null, hasVideo: true, width: 64, height: 48 })
  // Info with a scale of a millisecond and 2500 of them; an audio track.
  const timed = Buffer.from(
    '1a45dfa3801853806701ffffffffffffff1549a966' + '8e' + '2ad7b1830f4240' + '448984451c4000',
    'hex',
  )
  t.match(readWebm(timed), { duration: 2.5, hasVideo: null })
  t.match(await readRecording(stored(RECORDED.mp4()), 'video/mp4'), { duration: null, hasVideo: false })
})

t.test('nothing that is broken breaks anything', async (t) => {
  const seeds = [wave(0.1), RECORDED.webm(), RECORDED.video()]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
      fc.nat(),
      async (seed, changes, length) => {
        const broken = Buffer.from(seed.subarray(0, (length % seed.length) + 1))
        for (const [at, value] of changes) broken[at % broken.length] = value
        const { duration, hasVideo } = readWebm(broken)
        const { waveform, ...rest } = await readRecording(stored(broken), 'audio/wav')
        return (
          (duration === null || typeof duration === 'number') &&
          [true, false, null].includes(hasVideo) &&
          (rest.duration === null || rest.duration > 0) &&
          (waveform ?? []).every((bar) => Number.isInteger(bar) && bar >= 0 && bar <= 100)
        )
      },
    ),
    { numRuns: 150 },
  )
  t.same(await readRecording(path.join(folder, 'nowhere'), 'audio/mpeg'), {
    duration: null,
    hasVideo: null,
    width: null,
    height: null,
    waveform: null,
  })
})
