import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'

/** Symbolic links are not followed, and a pipe does not make its reader wait. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The files of a Frappe site: its folder, or a copy of `private/files` and `public/files`. */
export class FileTree {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** @throws where there is no such folder */
  static async open(folder: string): Promise<FileTree> {
    const found = await stat(folder).catch(() => null)
    if (!found?.isDirectory()) throw new Error(`There is no folder ${folder}: check --files.`)
    return new FileTree(path.resolve(folder))
  }

  /** The content of a URL of the source, `/files/x` or `/private/files/x`; null where there is none. */
  async read(url: string): Promise<Readable | null> {
    const place = localPlace(url)
    if (!place) return null
    const side = place.isPrivate ? 'private' : 'public'
    for (const name of new Set([place.name, decoded(place.name)])) {
      if (!isPlain(name)) continue
      for (const folder of [path.join(side, 'files'), 'files']) {
        const handle = await open(path.join(this.#folder, folder, name), READ_ONLY).catch(() => null)
        if (!handle) continue
        if ((await handle.stat()).isFile()) return handle.createReadStream()
        await handle.close()
      }
    }
    return null
  }
}

/** Where a URL of a site says that a file lies; null for every other text. */
export function localPlace(url: string): { isPrivate: boolean; name: string } | null {
  const [, side, name = ''] = /^(\/private)?\/files\/([^]+)$/.exec(url.trim()) ?? []
  return isPlain(name) ? { isPrivate: side !== undefined, name } : null
}

/** One part of a path, and no hidden one: what users have written shall lead nowhere else. */
const isPlain = (name: string): boolean => name !== '' && !name.startsWith('.') && !/[\\/\0]/.test(name)

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
