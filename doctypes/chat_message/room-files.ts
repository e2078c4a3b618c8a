import type { Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'

/** What a File is attached to that is the chat's: its room's; messages of the Python app had files of their own. */
export const CHAT_DOCTYPES = ['Chat Room', 'Chat Message'] as const

/** Tables whose rows keep a file alive. */
const REFERENCES = ['tabChat Message Attachment', 'tabChat Upload'] as const

/**
 * Deletes the chat's Files of these URLs that no message and no waiting upload shows any more. A File with the same
 * URL that belongs to something else stays, and its content with it.
 * @returns how many Files went
 */
export async function deleteUnreferenced(ctx: Context, urls: readonly string[]): Promise<number> {
  const kept = await referencedUrls(ctx, urls)
  const gone = new Set(urls.filter((url) => !kept.has(url)))
  if (gone.size === 0) return 0
  const files = await ctx
    .db('tabFile')
    .whereIn('file_url', [...gone])
    .whereIn('attached_to_doctype', CHAT_DOCTYPES)
    .select<{ name: string; file_url: string }[]>('name', 'file_url')
  // MariaDB's collation finds other cases of a URL's letters, too.
  const exact = files.filter(({ file_url }) => gone.has(file_url))
  for (const { name } of exact) {
    const file = await ctx.getDoc('File', name)
    await file.delete({ ignorePermissions: true, ignoreLinks: true })
  }
  return exact.length
}

async function referencedUrls(ctx: Context, urls: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>()
  for (const table of REFERENCES) {
    for (const column of ['file_url', 'thumbnail_url']) {
      const rows = await rowsOf<{ url: string }>(
        ctx.db(table).whereIn(column, urls).select(`${column} as url`),
      )
      for (const { url } of rows) found.add(url)
    }
  }
  return found
}

/** Files that one transaction of the cleaning looks at. */
export const BATCH = 100

/** Where a cleaning stands: it goes through the Files in the order of their names. */
export interface Cleaned {
  /** The last File looked at; null at the end. */
  last: string | null
  removed: number
}

/**
 * Removes uploads that were never sent, with their files: some of those from before that time.
 * @returns how many; fewer than a batch when there are no more
 */
export async function removeUnsent(ctx: Context, before: string): Promise<number> {
  const rows = await ctx
    .db('tabChat Upload')
    .where('creation', '<', before)
    .orderBy('creation')
    .limit(BATCH)
    .select<{ name: string; file_url: string; thumbnail_url: string | null }[]>(
      'name',
      'file_url',
      'thumbnail_url',
    )
  for (const { name, file_url, thumbnail_url } of rows) {
    // A message that takes it in this moment wins.
    if ((await ctx.db('tabChat Upload').where({ name }).delete()) === 0) continue
    await deleteUnreferenced(ctx, thumbnail_url ? [file_url, thumbnail_url] : [file_url])
  }
  return rows.length
}

/** Removes, among the next of the chat's Files from before that time, those that no message shows and nobody waits for. */
export async function removeOrphans(ctx: Context, before: string, after: string): Promise<Cleaned> {
  const files = await ctx
    .db('tabFile')
    .whereIn('attached_to_doctype', CHAT_DOCTYPES)
    .where('creation', '<', before)
    .where('name', '>', after)
    .orderBy('name')
    .limit(BATCH)
    .select<{ name: string; file_url: string }[]>('name', 'file_url')
  const removed =
    files.length === 0
      ? 0
      : await deleteUnreferenced(
          ctx,
          files.map(({ file_url }) => file_url),
        )
  return { last: files.length < BATCH ? null : (files.at(-1)?.name ?? null), removed }
}
