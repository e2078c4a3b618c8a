import type { Context } from '@f-chat/desk'
import { deleteUnreferenced } from './room-files.ts'

/**
 * Takes the files off messages that are being deleted, in the same transaction: their attachment rows go, and every
 * File of theirs that no other message shows; contents follow after the commit.
 * @param messages names; the caller holds their room
 */
export async function releaseFiles(ctx: Context, messages: readonly string[]): Promise<void> {
  if (messages.length === 0) return
  const ofMessages = ctx
    .db('tabChat Message Attachment')
    .where('parenttype', 'Chat Message')
    .whereIn('parent', messages)
  const rows = await ofMessages
    .clone()
    .select<{ file_url: string; thumbnail_url: string | null }[]>('file_url', 'thumbnail_url')
  if (rows.length === 0) return
  await ofMessages.delete()
  const urls = rows.flatMap(({ file_url, thumbnail_url }) => [file_url, thumbnail_url ?? ''])
  await deleteUnreferenced(ctx, urls.filter(Boolean))
}
