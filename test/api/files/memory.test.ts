import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { fileWire, UPLOAD } from '../../support/room-files.ts'
import { ANN, BEN } from '../../support/site.ts'

const MIB = 1024 * 1024
const SIZE = 120 * MIB
/** What the process may grow by, the client included, which runs in it too. */
const MOST_GROWTH = 60 * MIB

/** A form with an MP3 of that size, made as it is sent. */
function* formOf(room: string): Generator<Buffer> {
  const part = (disposition: string): string =>
    `--b\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`
  yield Buffer.from(`${part('name="room_id"')}${room}\r\n${part('name="file"; filename="long.mp3"')}`)
  yield Buffer.from([0xff, 0xfb, 0x90, 0x64])
  const chunk = Buffer.alloc(64 * 1024, 7)
  for (let sent = 4; sent + chunk.length <= SIZE; sent += chunk.length) yield chunk
  yield Buffer.from('\r\n--b--\r\n')
}

/** The most that the process has ever had in memory, in bytes. */
const peak = (): number => process.resourceUsage().maxRSS * 1024

await eachDatabase(t, 'a large recording goes through in pieces', async (t, db) => {
  const chat = await fileWire(t, db, { config: { max_file_size: SIZE } })
  await chat.settings({ max_file_size: SIZE })
  const room = await chat.room(ANN, [BEN])
  // What looks into recordings is loaded once.
  await chat.uploaded(BEN, room, {
    name: 'short.mp3',
    content: Buffer.from([0xff, 0xfb, 0x90, 0x64, 0, 0, 0, 0]),
  })
  const { cookie } = await chat.as(BEN)
  const before = peak()
  const call = request(chat.served.url + UPLOAD, {
    method: 'POST',
    headers: { Cookie: cookie, 'Content-Type': 'multipart/form-data; boundary=b' },
  })
  const answered = new Promise<number | undefined>((resolve, reject) => {
    call.on('error', reject)
    call.on('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
  })
  await pipeline(Readable.from(formOf(room)), call)
  t.equal(await answered, 200)
  const growth = Math.round((peak() - before) / MIB)
  t.ok(growth * MIB < MOST_GROWTH, `grew by ${String(growth)} MiB`)
  t.comment(`grew by ${String(growth)} MiB for ${String(SIZE / MIB)} MiB`)
})
