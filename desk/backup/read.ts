import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** Of which database a backup is. @throws where it is of neither, or there is no such file */
export async function kindOf(file: string): Promise<'sqlite' | 'mariadb'> {
  const start = await firstBytes(file)
  if (start.startsWith('SQLite format 3\0')) return 'sqlite'
  if (start.startsWith('-- bench backup {')) return 'mariadb'
  if (/^(\/\*|-- (MySQL|MariaDB) dump|--|CREATE|INSERT)/.test(start))
    throw new Error(
      `${file} is SQL, but not from "bench backup". A Frappe site's chat comes over with "bench import-from-frappe".`,
    )
  throw new Error(
    `${file} is not a backup of a database: give the file that ends with -database.sql.gz or .sqlite.gz.`,
  )
}

async function firstBytes(file: string): Promise<string> {
  let start = Buffer.alloc(0)
  try {
    for await (const chunk of await contentOf(file)) {
      start = Buffer.concat([start, chunk as Buffer])
      if (start.length >= 64) break
    }
  } catch (error) {
    throw unreadable(file, error)
  }
  return start.toString('latin1', 0, 64)
}

export async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await handle.close()
  }
}

/** What is in a file, unpacked where it is gzipped; gzip's own checksum is at its end. */
export async function contentOf(file: string): Promise<Readable> {
  const source = createReadStream(file)
  if (!(await isGzip(file))) return source
  const unpacked = createGunzip()
  source.on('error', (error) => unpacked.destroy(error))
  return source.pipe(unpacked)
}

/** The lines of a file, one at a time; only a line feed ends a line. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let parts: Buffer[] = []
  for await (const chunk of await contentOf(file)) {
    let rest = chunk as Buffer
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8')
      parts = []
      rest = rest.subarray(end + 1)
    }
    if (rest.length > 0) parts.push(rest)
  }
  if (parts.length > 0) yield Buffer.concat(parts).toString('utf8')
}

/** What a broken file means for the person who gave it. */
export function unreadable(file: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return new Error(`There is no file ${file}.`, { cause: error })
  if (code?.startsWith('Z_'))
    return new Error(`${file} is cut short or damaged. Copy the backup again, or take an older one.`, {
      cause: error,
    })
  return error instanceof Error ? error : new Error(String(error))
}
