import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { create, Parser, Unpack, type ReadEntry } from 'tar'
import { writeHashed } from './hashed-file.ts'
import { isGzip } from './read.ts'

/** The folders of a site that hold files. */
export type FilesPart = 'public/files' | 'private/files'

/** Of a file at once; what waits to be written is as large. */
const READ_BYTES = 1024 * 1024

/** How often packing starts anew because a file was deleted meanwhile. */
const ATTEMPTS = 3

/** Packs one folder of files; a missing one as empty. @returns the archive's sha256 */
export async function packFiles(
  sitePath: string,
  part: FilesPart,
  file: string,
  compress: boolean,
): Promise<string> {
  await mkdir(path.join(sitePath, part), { recursive: true })
  for (let attempt = 1; ; attempt += 1) {
    try {
      const pack = create({ cwd: sitePath, portable: true, follow: false, maxReadSize: READ_BYTES }, [part])
      return await writeHashed(
        file,
        Readable.from(pack as AsyncIterable<Buffer>, { objectMode: false }),
        ...(compress ? [createGzip()] : []),
      )
    } catch (error) {
      await rm(file, { force: true })
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === ATTEMPTS) throw error
    }
  }
}

/**
 * Reads an archive of files to its end before anything is done with it.
 * @throws where it is cut short, no archive, of the other folder, or would write outside of its folder
 */
export async function checkArchive(file: string, part: FilesPart): Promise<void> {
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`)
  let problem: string | undefined
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      problem ??= entryProblem(entry, part)
      entry.resume()
    },
  })
  try {
    await feed(file, parser)
  } catch (error) {
    throw new Error(`${file} is cut short, damaged, or no archive of files: copy the backup again.`, {
      cause: error,
    })
  }
  if (problem) throw new Error(`${file}: ${problem}`)
  if (!(await isGzip(file)) && !(await endsWithZeros(file)))
    throw new Error(`${file} is cut short: the end of the archive is missing. Copy the backup again.`)
}

function entryProblem({ path: name, type }: ReadEntry, part: FilesPart): string | undefined {
  const parts = name.replace(/\/$/, '').split('/')
  if (name.startsWith('/') || name.includes('\\') || name.includes('\0') || parts.includes('..'))
    return `"${name}" would be written outside the site's files. This archive is not from "bench backup".`
  if (!['File', 'OldFile', 'Directory'].includes(type))
    return `"${name}" is a link or a device; only files can be restored.`
  if (!`${parts.join('/')}/`.startsWith(`${part}/`))
    return `"${name}" does not belong into ${part}. Give archives of public files and of private files each to its own option.`
  return undefined
}

/** Unpacks a checked archive into a new folder. */
export async function unpackFiles(file: string, into: string): Promise<void> {
  await rm(into, { recursive: true, force: true })
  await mkdir(into, { recursive: true })
  await feed(file, new Unpack({ cwd: into, strip: 2, strict: true, preserveOwner: false }))
}

async function feed(file: string, sink: Parser): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    sink.on(sink instanceof Unpack ? 'close' : 'end', () => resolve())
    sink.on('error', reject)
  })
  const writable = sink as unknown as NodeJS.WritableStream
  const source = createReadStream(file)
  const fed = (await isGzip(file)) ? pipeline(source, createGunzip(), writable) : pipeline(source, writable)
  await Promise.all([fed, ended])
}

/** A tar archive ends with two empty blocks. */
async function endsWithZeros(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    if (size < 1024) return false
    const { buffer } = await handle.read(Buffer.alloc(1024), 0, 1024, size - 1024)
    return buffer.every((byte) => byte === 0)
  } finally {
    await handle.close()
  }
}
