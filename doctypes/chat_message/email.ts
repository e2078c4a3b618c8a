import {
  DoesNotExistError,
  PermissionError,
  TooManyRequestsError,
  ValidationError,
  type Context,
} from '@f-chat/desk'
import { memberRooms } from '../chat_room/membership.ts'
import { personShown } from '../chat_room/names.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { rowsOf, type Query } from '../query.ts'
import { isBlank, oneLine } from '../text.ts'
import { loadFiles, type FileOfMessage } from './email-files.ts'
import { addressOf, findRecipients } from './email-recipients.ts'
import { emailHtml, emailText, subjectOf, type EmailContent } from './email-text.ts'
import { messageNotFound } from './locked.ts'

/** Whom a mail goes to and what its sender adds. */
export interface EmailWish {
  /** Undefined for the room's other members. */
  recipients: readonly string[] | undefined
  subject: string | undefined
  note: string | undefined
}

export interface SentEmail {
  recipients_count: number
  recipients: string[]
}

/** Every address counts as one mail. */
const MAILS_AN_HOUR = 300
const HOUR = 3600

interface MailedMessage {
  name: string
  sender: string
  sender_name: string | null
  message_content: string | null
  timestamp: string
  is_deleted: number
  room: string
  room_name: string
  room_type: string
  is_muted: number
}

/** Messages (`msg`) of the caller's rooms. */
function readableMessages(ctx: Context): Query {
  return memberRooms(ctx)
    .join('tabChat Message as msg', 'msg.chat_room', 'r.name')
    .leftJoin('tabUser as u', 'u.name', 'msg.sender')
    .whereNot('r.room_status', 'Deleted')
    .select(...['name', 'sender', 'message_content', 'timestamp', 'is_deleted'].map((c) => `msg.${c}`))
    .select('u.full_name as sender_name', 'r.name as room', 'r.room_name', 'r.room_type', 'm.is_muted')
}

/**
 * Mails a message with its files.
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError, TooManyRequestsError
 */
export async function emailMessage(ctx: Context, name: string, wish: EmailWish): Promise<SentEmail> {
  const [message] = await rowsOf<MailedMessage>(readableMessages(ctx).where('msg.name', name))
  if (message?.name !== name) throw messageNotFound(name)
  checkMayMail(message)
  if (message.is_deleted) throw new ValidationError('This message was deleted; it cannot be mailed.')
  const files = await rowsOf<{ file_name: string; file_url: string }>(
    ctx
      .db('tabChat Message Attachment')
      .where({ parent: name, parenttype: 'Chat Message' })
      .orderBy('idx')
      .select('file_name', 'file_url'),
  )
  const quoted = {
    author: message.sender_name ?? message.sender,
    at: message.timestamp,
    text: message.message_content ?? '',
  }
  return await send(ctx, message, wish, {
    quoted,
    files: files.map((file) => ({ ...file, message: name, room: message.room })),
  })
}

/**
 * Mails a file that a message of the room shows.
 * @throws DoesNotExistError (outsiders too), PermissionError, ValidationError, TooManyRequestsError
 */
export async function emailFile(
  ctx: Context,
  room: { name: string; is_muted: number },
  url: string,
  wish: EmailWish,
): Promise<SentEmail> {
  checkMayMail(room)
  const rows = await rowsOf<MailedMessage & { file_name: string; file_url: string }>(
    readableMessages(ctx)
      .join('tabChat Message Attachment as a', 'a.parent', 'msg.name')
      .where({
        'msg.chat_room': room.name,
        'msg.is_deleted': 0,
        'a.parenttype': 'Chat Message',
        'a.file_url': url,
      })
      .select('a.file_name', 'a.file_url'),
  )
  const found = rows.find(({ file_url }) => file_url === url)
  if (!found) throw new DoesNotExistError(`File ${url.slice(0, 140)} not found.`)
  const { file_name, file_url, name: message } = found
  return await send(ctx, found, wish, {
    quoted: undefined,
    files: [{ file_name, file_url, message, room: room.name }],
  })
}

/** A mail is something said to the others, too: who was muted in the room does not say it this way. */
function checkMayMail({ is_muted }: { is_muted: number }): void {
  if (is_muted) throw new PermissionError('You are muted in this room. Ask one of its Admins.')
}

/** Several recipients get it blind: not all of them may know of each other. */
async function send(
  ctx: Context,
  room: { room: string; room_name: string; room_type: string },
  { recipients, subject, note }: EmailWish,
  { quoted, files }: { quoted: EmailContent['quoted']; files: readonly FileOfMessage[] },
): Promise<SentEmail> {
  await requireChat(ctx)
  const to = await findRecipients(ctx, room.room, recipients)
  const content: EmailContent = {
    sender: (await personShown(ctx, ctx.user)).name,
    room: room.room_type === 'Direct Message' ? 'a direct message' : room.room_name,
    note: note === undefined || isBlank(note) ? undefined : note,
    quoted,
    files: files.map(({ file_name }) => file_name),
  }
  const attachments = await loadFiles(ctx, files)
  await countMails(ctx, to.length)
  const replyTo = await replyAddress(ctx, content.sender)
  await ctx.sendMail({
    ...(to.length === 1 ? { to } : { to: [], bcc: to }),
    subject: subject === undefined || isBlank(subject) ? subjectOf(content) : subject,
    text: emailText(content),
    html: emailHtml(content),
    attachments,
    // Who reads the site's Email Queue is not a member of every room.
    sensitive: true,
    ...(replyTo === undefined ? {} : { replyTo }),
  })
  return { recipients_count: to.length, recipients: to }
}

/** Answers go to who had it sent. A name is what is left of it outside the header's own marks. */
async function replyAddress(ctx: Context, sender: string): Promise<string | undefined> {
  const user = await ctx
    .db('tabUser')
    .where({ name: ctx.user })
    .first<{ email: string | null } | undefined>('email')
  const address = addressOf(user?.email ?? '')
  return address === undefined
    ? undefined
    : `"${oneLine(sender.replaceAll(/["<>\\]/g, ''), 140)}" <${address}>`
}

/** @throws TooManyRequestsError where the caller's allowance is used up */
async function countMails(ctx: Context, count: number): Promise<void> {
  const { limits } = ctx.site
  const key = `f_chat.mail:${ctx.user}`
  const { used, resetSeconds } = await limits.add(key, count, HOUR)
  ctx.afterRollback(async () => {
    await limits.add(key, -count, HOUR)
  })
  if (used <= MAILS_AN_HOUR) return
  const error = new TooManyRequestsError(
    `You can mail ${String(MAILS_AN_HOUR)} people an hour from the chat. Try again in ${String(Math.ceil(resetSeconds / 60))} minutes.`,
  )
  error.retryAfter = resetSeconds
  throw error
}
