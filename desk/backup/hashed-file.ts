import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Writes a stream to a new file that only its owner may read, on the disk when this resolves. @returns its sha256 */
export async function writeHashed(
  file: string,
  source: NodeJS.ReadableStream,
  ...through: NodeJS.ReadWriteStream[]
): Promise<string> {
  const hash = createHash('sha256')
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  await pipeline([source, ...through, hashing, createWriteStream(file, { flags: 'wx', mode: 0o600 })])
  const handle = await open(file)
  await handle.sync()
  await handle.close()
  return hash.digest('hex')
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** @throws where a file of a backup is not what its list of checksums says */
export async function checkSums(sums: string, files: readonly string[]): Promise<void> {
  const lines = (await readFile(sums, 'utf8')).split('\n')
  for (const file of files) {
    const wanted = lines.find((line) => line.endsWith(`  ${path.basename(file)}`))?.slice(0, 64)
    if (wanted !== undefined && wanted !== (await sha256Of(file)))
      throw new Error(
        `${file} is damaged or cut short: it does not have the checksum of ${sums}. Copy it again.`,
      )
  }
}
