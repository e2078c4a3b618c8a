import type { CommandIo, Context, Site } from '@f-chat/desk'
import type { FileTree } from './file-tree.ts'
import type { Ledger } from './ledger.ts'
import type { Names } from './names.ts'
import type { FrappeSource } from './source.ts'
import { Tally } from './tally.ts'

/** One import: where from, where to, and what has been found out so far. */
export interface ImportRun {
  site: Site
  source: FrappeSource
  /** The source's files, where they were given. */
  files: FileTree | null
  ledger: Ledger
  names: Names
  tally: Tally
  progress: CommandIo['progress']
  users: People
  /** Rooms that are here, by their name in the source. */
  rooms: Map<string, RoomHere>
}

/** A room of the source as it is here. */
export interface RoomHere {
  name: string
}

/** Who the source's users are here. */
export class People {
  readonly #byName = new Map<string, string>()

  /** Frappe's own columns do not tell cases apart, nor what a name ends in. */
  static key(name: string): string {
    return name.trim().toLowerCase()
  }

  set(name: string, here: string): void {
    this.#byName.set(People.key(name), here)
  }

  /** Undefined where there is no such user. */
  find(name: string): string | undefined {
    return this.#byName.get(People.key(name))
  }
}

/** One transaction of the import. What it tells counts once it has committed; after a deadlock it runs again. */
export async function writeBatch<T>(
  run: ImportRun,
  work: (ctx: Context, tally: Tally) => Promise<T>,
): Promise<T> {
  let tally = new Tally()
  const result = await run.site.asAdministrator(async (ctx) => {
    tally = new Tally()
    return await work(ctx, tally)
  })
  run.tally.take(tally)
  return result
}

/** Parts of a list, each of at most so many. */
export function* parts<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size)
}
