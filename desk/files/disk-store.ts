import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, lstat, mkdir, open, opendir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { isStorable } from './names.ts'
import { tooLarge } from './size.ts'
import type { FileStore, LinkOutcome, Place, Received, StoredContent } from './store.ts'

/** Symbolic links are not followed, and a pipe does not make its reader wait. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** What says that there is no such file, whatever the reason. */
const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENAMETOOLONG', 'ENXIO'])
/** What says that this disk, or this pair of disks, cannot give a file a second name. */
const UNLINKABLE = new Set(['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''

/** Contents in a site's folder: `public/files`, `private/files`, and `private/.uploads` for what is coming in. */
export class DiskStore implements FileStore {
  readonly #site: string

  constructor(sitePath: string) {
    this.#site = sitePath
  }

  get #uploads(): string {
    return path.join(this.#site, 'private', '.uploads')
  }

  #folder(isPrivate: boolean): string {
    return path.join(this.#site, isPrivate ? 'private' : 'public', 'files')
  }

  #file({ isPrivate, name }: Place): string {
    return path.join(this.#folder(isPrivate), name)
  }

  async receive(content: Readable, limit: number): Promise<Received> {
    const file = path.join(this.#uploads, randomUUID())
    const hash = createHash('sha256')
    let size = 0
    try {
      await mkdir(this.#uploads, { recursive: true })
      const handle = await open(file, 'wx')
      try {
        for await (const chunk of content) {
          const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
          size += bytes.length
          if (size > limit) throw tooLarge(limit)
          hash.update(bytes)
          await handle.writeFile(bytes)
        }
        // A row that was committed shall not name what a power cut took.
        await handle.sync()
      } finally {
        await handle.close()
      }
    } catch (error) {
      content.destroy()
      await rm(file, { force: true }).catch(() => undefined)
      throw error
    }
    return { path: file, size, hash: hash.digest('hex') }
  }

  async discard({ path: file }: Received): Promise<void> {
    await rm(file, { force: true }).catch((error: unknown) => {
      if (!MISSING.has(codeOf(error))) throw error
    })
  }

  async put(received: Received, place: Place): Promise<boolean> {
    return (await this.#name(received.path, place)) === 'done'
  }

  async link(from: Place, to: Place): Promise<LinkOutcome> {
    if (!isStorable(from.name)) return 'missing'
    try {
      if (!(await lstat(this.#file(from))).isFile()) return 'missing'
      return await this.#name(this.#file(from), to)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return 'missing'
      throw error
    }
  }

  async #name(file: string, place: Place): Promise<'done' | 'taken'> {
    if (!isStorable(place.name)) throw new Error('A place needs the name of a file.')
    await mkdir(this.#folder(place.isPrivate), { recursive: true })
    try {
      await link(file, this.#file(place)).catch(async (error: unknown) => {
        if (!UNLINKABLE.has(codeOf(error))) throw error
        await this.#copy(file, this.#file(place))
      })
      return 'done'
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return 'taken'
      throw error
    }
  }

  async #copy(file: string, to: string): Promise<void> {
    try {
      await copyFile(file, to, constants.COPYFILE_EXCL)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') await rm(to, { force: true })
      throw error
    }
  }

  async open(place: Place): Promise<StoredContent | null> {
    if (!isStorable(place.name)) return null
    try {
      const handle = await open(this.#file(place), READ_ONLY)
      const found = await handle.stat()
      if (!found.isFile()) {
        await handle.close()
        return null
      }
      return {
        size: found.size,
        modified: found.mtime,
        stream: (range) => handle.createReadStream(range ?? {}),
        close: () => handle.close(),
      }
    } catch (error) {
      if (MISSING.has(codeOf(error))) return null
      throw error
    }
  }

  async remove(place: Place): Promise<void> {
    if (!isStorable(place.name)) return
    await rm(this.#file(place), { force: true })
  }

  async *list(isPrivate: boolean): AsyncIterable<string> {
    try {
      for await (const entry of await opendir(this.#folder(isPrivate))) {
        if (entry.isFile() && isStorable(entry.name)) yield entry.name
      }
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
  }

  async clearTemporary(before: Date): Promise<number> {
    let cleared = 0
    const names = await readdir(this.#uploads).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    })
    for (const name of names) {
      const file = path.join(this.#uploads, name)
      const found = await stat(file).catch(() => null)
      if (!found || found.mtime >= before) continue
      await rm(file, { force: true, recursive: true })
      cleared += 1
    }
    return cleared
  }
}
