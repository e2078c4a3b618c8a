import { DoesNotExistError, type Context, type Document } from '@f-chat/desk'
import { memberRooms } from '../chat_room/membership.ts'
import type { ChatMessageAttachmentFields } from '../chat_message_attachment/chat_message_attachment.types.ts'
import { rowsOf, type Query } from '../query.ts'
import { ATTACHMENT_COLUMNS } from './attachments.ts'
import { CHAT_DOCTYPES } from './room-files.ts'

type FileRow = Omit<ChatMessageAttachmentFields, 'uploaded_timestamp'> & { uploaded_timestamp: string }

/** What changes a File; its messages do that, nobody's hand. */
const CHANGES = new Set(['write', 'delete', 'share', 'submit', 'cancel', 'amend', 'import'])

/**
 * The chat's part in the rights on File: its files are read by whoever reads a message that shows them, and before
 * there is one by their sender, as long as they are members. That goes for owners and administrators, too. They are
 * made by upload_chat_file, and changed and deleted with their messages only.
 */
export async function mayAccessFile(doc: Document, ptype: string, ctx: Context): Promise<boolean> {
  const wished = doc.text('attached_to_doctype')
  if (ptype === 'create') return !isOurs(ctx, wished) && !(await wouldCopy(ctx, doc.text('file_url')))
  // What it is now counts, not what the caller would like it to be.
  const { stored } = doc
  if (!isChats(stored ? stored.attached_to_doctype : wished)) return ptype !== 'write' || !isOurs(ctx, wished)
  if (CHANGES.has(ptype)) return false
  const url = stored ? stored.file_url : doc.get('file_url')
  return typeof url === 'string' && (await findReadable(ctx, url)) !== undefined
}

const isChats = (doctype: unknown): boolean => (CHAT_DOCTYPES as readonly unknown[]).includes(doctype)

/** A document of the chat's: what is there beside rooms and messages takes no files at all. */
const isOurs = (ctx: Context, doctype: string): boolean =>
  ctx.site.registry.findMeta(doctype)?.module === 'F Chat'

/** Another File for a file of a room would outlive the membership. One that is hidden is for desk to miss. */
async function wouldCopy(ctx: Context, url: string): Promise<boolean> {
  if (url === '') return false
  const names = await ctx
    .db('tabFile')
    .where({ file_url: url })
    .whereIn('attached_to_doctype', CHAT_DOCTYPES)
    .pluck<string[]>('name')
  for (const name of names) {
    if (await ctx.hasPermission('File', 'read', await ctx.getDoc('File', name))) return true
  }
  return false
}

/** The same for lists of Files. */
export function narrowFiles(query: Query, ctx: Context): void {
  const shown = ctx
    .db('tabChat Message Attachment as a')
    .join('tabChat Message as msg', 'msg.name', 'a.parent')
    .whereRaw('(a.file_url = `tabFile`.file_url or a.thumbnail_url = `tabFile`.file_url)')
    .where('msg.is_deleted', 0)
    .whereIn('msg.chat_room', ownRooms(ctx))
    .select('a.name')
  const waiting = ctx
    .db('tabChat Upload as up')
    .whereRaw('(up.file_url = `tabFile`.file_url or up.thumbnail_url = `tabFile`.file_url)')
    .where('up.uploaded_by', ctx.user)
    .whereIn('up.chat_room', ownRooms(ctx))
    .select('up.name')
  void query.where((any) => {
    void any
      .whereNull('tabFile.attached_to_doctype')
      .orWhereNotIn('tabFile.attached_to_doctype', CHAT_DOCTYPES)
      .orWhereExists(shown)
      .orWhereExists(waiting)
  })
}

const ownRooms = (ctx: Context): Query =>
  memberRooms(ctx).whereNot('r.room_status', 'Deleted').select('m.parent')

/**
 * The file with this URL, or with this thumbnail, if the caller may read it now; at most three statements. Of
 * several messages that show it, one.
 */
export async function findReadable(ctx: Context, url: string): Promise<FileRow | undefined> {
  return (await shownIn(ctx, url)) ?? (await waitingAs(ctx, url))
}

async function shownIn(ctx: Context, url: string): Promise<FileRow | undefined> {
  const rows = await rowsOf<FileRow & { parent: string }>(
    ctx
      .db('tabChat Message Attachment')
      .where((either) => {
        void either.where({ file_url: url }).orWhere({ thumbnail_url: url })
      })
      .where('parenttype', 'Chat Message')
      .select('parent', 'uploaded_timestamp', ...ATTACHMENT_COLUMNS),
  )
  const named = rows.filter((row) => isOf(row, url))
  if (named.length === 0) return undefined
  const messages = await rowsOf<{ name: string }>(
    memberRooms(ctx)
      .whereNot('r.room_status', 'Deleted')
      .join('tabChat Message as msg', 'msg.chat_room', 'm.parent')
      .where('msg.is_deleted', 0)
      .whereIn(
        'msg.name',
        named.map(({ parent }) => parent),
      )
      .select('msg.name'),
  )
  const readable = new Set(messages.map(({ name }) => name))
  return named.find(({ parent }) => readable.has(parent))
}

async function waitingAs(ctx: Context, url: string): Promise<FileRow | undefined> {
  const rows = await rowsOf<FileRow>(
    memberRooms(ctx)
      .whereNot('r.room_status', 'Deleted')
      .join('tabChat Upload as up', 'up.chat_room', 'm.parent')
      .where('up.uploaded_by', ctx.user)
      .where((either) => {
        void either.where('up.file_url', url).orWhere('up.thumbnail_url', url)
      })
      .select('up.creation as uploaded_timestamp')
      .select(ATTACHMENT_COLUMNS.map((column) => `up.${column}`)),
  )
  return rows.find((row) => isOf(row, url))
}

/** MariaDB's collation finds other cases of a URL's letters, too. */
const isOf = (row: FileRow, url: string): boolean => row.file_url === url || row.thumbnail_url === url

/** A file of one of the caller's rooms. @throws DoesNotExistError for one of others' rooms, and for none */
export async function roomFile(ctx: Context, url: string): Promise<FileRow> {
  const row = await findReadable(ctx, url)
  if (row?.file_url !== url)
    throw new DoesNotExistError(`There is no file ${url.slice(0, 140)} in your rooms.`)
  return row
}
