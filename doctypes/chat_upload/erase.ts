import type { Context } from '@f-chat/desk'
import { deleteUnreferenced } from '../chat_message/room-files.ts'

/** Removed in one transaction. */
const BATCH = 100

/** Removes what a user has uploaded and not sent, with its files: some of it. @returns whether there may be more */
export async function eraseUploads(ctx: Context, user: string): Promise<boolean> {
  const rows = await ctx
    .db('tabChat Upload')
    .where({ uploaded_by: user })
    .orderBy('name')
    .limit(BATCH)
    .select<{ name: string; file_url: string; thumbnail_url: string | null }[]>(
      'name',
      'file_url',
      'thumbnail_url',
    )
  await ctx
    .db('tabChat Upload')
    .whereIn(
      'name',
      rows.map(({ name }) => name),
    )
    .delete()
  const urls = rows.flatMap(({ file_url, thumbnail_url }) => [file_url, thumbnail_url ?? ''])
  await deleteUnreferenced(ctx, urls.filter(Boolean))
  return rows.length === BATCH
}
