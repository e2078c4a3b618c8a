import { request, type RequestOptions } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import tap from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { fileSite, stored, UPLOAD } from './support.ts'

const MIB = 1024 * 1024
const SIZE = 200 * MIB
/** What the process may grow by, the client included, which runs in it too. */
const MOST_GROWTH = 60 * MIB

/** A form with a file of that size, made as it is sent. */
function* formOf(size: number): Generator<Buffer> {
  yield Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n')
  const chunk = Buffer.alloc(64 * 1024, 7)
  for (let sent = 0; sent < size; sent += chunk.length) yield chunk
  yield Buffer.from('\r\n--b--\r\n')
}

/** Sends a request and counts what is answered. */
async function transfer(
  url: string,
  options: RequestOptions,
  body: Readable,
): Promise<{ status: number | undefined; bytes: number; start: string }> {
  const call = request(url, options)
  const answered = new Promise<{ status: number | undefined; bytes: number; start: string }>(
    (resolve, reject) => {
      call.on('error', reject)
      call.on('response', (response) => {
        let bytes = 0
        let start = ''
        response.on('data', (chunk: Buffer) => {
          if (bytes === 0) start = chunk.subarray(0, 1000).toString()
          bytes += chunk.length
        })
        response.on('error', reject)
        response.on('end', () => {
          resolve({ status: response.statusCode, bytes, start })
        })
      })
    },
  )
  await pipeline(body, call)
  return await answered
}

/** The most that the process has ever had in memory, in bytes. */
const peak = (): number => process.resourceUsage().maxRSS * 1024

await eachDatabase(tap, 'a large file goes through in pieces, up and down', async (t, db) => {
  const lab = await fileSite(t, db, { max_file_size: SIZE })
  const headers = { Cookie: lab.ann.cookie }
  const before = peak()
  const up = await transfer(
    lab.served.url + UPLOAD,
    { method: 'POST', headers: { ...headers, 'Content-Type': 'multipart/form-data; boundary=b' } },
    Readable.from(formOf(SIZE)),
  )
  t.equal(up.status, 200, up.start)
  t.match(stored(lab), { public: ['big.bin'], temporary: [] })
  const down = await transfer(`${lab.served.url}/files/big.bin`, { headers }, Readable.from([]))
  t.match(down, { status: 200, bytes: SIZE })
  const growth = peak() - before
  t.ok(growth < MOST_GROWTH, `grew by ${String(Math.round(growth / MIB))} MiB`)
  t.comment(`grew by ${String(Math.round(growth / MIB))} MiB for ${String(SIZE / MIB)} MiB`)
})
