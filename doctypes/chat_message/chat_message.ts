import { documentOf, PermissionError, ValidationError, type Context } from '@f-chat/desk'
import { publishToRoom } from '../../realtime/events.ts'
import { memberRoom, roomNotFound } from '../chat_room/membership.ts'
import { personShown, roomNames } from '../chat_room/names.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { isBlank } from '../text.ts'
import { attachmentShown, checkClaims, claimUploads } from './attachments.ts'
import type { ChatMessageFields } from './chat_message.types.ts'
import { checkContent } from './content.ts'
import { storeMentions } from './mentions.ts'
import { takePlace } from './place.ts'
import { indexMessages, type IndexedMessage } from './search-index.ts'
import { deleteMessage } from './remove.ts'

/** What a client may send. */
const CLIENT_TYPES = ['Text', 'File', 'Image', 'Voice']

/** A message: written once by its sender, with the next number of its room. */
export default class ChatMessage extends documentOf<ChatMessageFields>() {
  #fromServer = false
  #typeIsGiven = false
  #names = { room: '', sender: { name: '', image: null as string | null } }

  /** A message of the server's own making, complete with its place; the rules for senders do not apply to it. */
  static fromServer(ctx: Context, values: Partial<ChatMessageFields>): ChatMessage {
    const message = ChatMessage.#made(ctx, { ...values })
    message.#fromServer = true
    return message
  }

  /** A message that a method sends in the caller's name: the type is the method's, every other rule applies. */
  static byMethod(ctx: Context, values: Readonly<Record<string, unknown>>): ChatMessage {
    const message = ChatMessage.#made(ctx, values)
    message.#typeIsGiven = true
    return message
  }

  static #made(ctx: Context, values: Readonly<Record<string, unknown>>): ChatMessage {
    const message = ctx.newDoc('Chat Message', values)
    if (!(message instanceof ChatMessage)) throw new Error('Chat Message has another controller.')
    return message
  }

  override async before_insert(ctx: Context): Promise<void> {
    if (this.#fromServer) return
    await requireChat(ctx)
    this.#checkContent()
    Object.assign(this, {
      sender: ctx.user,
      is_edited: 0,
      edit_timestamp: null,
      is_deleted: 0,
      delete_timestamp: null,
      client_id: this.text('client_id') || null,
    } satisfies Partial<ChatMessageFields>)
    await this.#findNames(ctx)
    await this.#checkReply(ctx)
    await this.#attachFiles(ctx)
  }

  override validate(): void {
    if (!this.isNew) throw new PermissionError('A message is not changed by saving the document.')
  }

  /** Last before the insert, so that the room is locked no longer than it must be. */
  override async before_save(ctx: Context): Promise<void> {
    if (this.#fromServer) return
    this.timestamp = ctx.now()
    const { seq, change_seq } = await takePlace(ctx, this.text('chat_room'), this.timestamp)
    this.set('seq', seq)
    this.set('change_seq', change_seq)
  }

  override async after_insert(ctx: Context): Promise<void> {
    await indexMessages(ctx, [this.#asIndexed()])
    if (this.#fromServer) return
    const room = this.text('chat_room')
    const content = this.text('message_content')
    const named = await storeMentions(ctx, {
      message: this.name,
      room,
      seq: this.seq,
      content,
      sender: ctx.user,
      before: null,
    })
    publishToRoom(ctx, room, 'chat_new_message', {
      message_id: this.name,
      room_id: room,
      room_name: this.#names.room,
      sender: ctx.user,
      sender_name: this.#names.sender.name,
      sender_image: this.#names.sender.image,
      message_type: this.text('message_type'),
      content,
      timestamp: this.text('timestamp'),
      attachments: this.file_attachments.map(attachmentShown),
      reply_to: this.reply_to_message,
      ...named,
      seq: this.seq,
      client_id: this.client_id,
      change_seq: this.change_seq,
    })
  }

  /** By every road a message leaves a tombstone: its place in the room must remain (f-chat-api.md §2). */
  override async delete(): Promise<void> {
    await deleteMessage(this.ctx, this.name)
  }

  #asIndexed(): IndexedMessage {
    return {
      name: this.name,
      chat_room: this.text('chat_room'),
      seq: this.seq,
      message_type: this.text('message_type'),
      timestamp: this.text('timestamp'),
      message_content: this.message_content,
      files: this.file_attachments.map(({ file_name }) => file_name ?? ''),
    }
  }

  #checkContent(): void {
    if (!CLIENT_TYPES.includes(this.text('message_type')) && !this.#typeIsGiven) {
      throw new ValidationError(`A message of type ${this.text('message_type')} cannot be sent by a client.`)
    }
    if (this.reactions.length > 0) throw new ValidationError('A new message has no reactions yet.')
    if (this.mentions.length > 0) throw new ValidationError('Whom a message names is read from its text.')
    const content = this.get('message_content') ?? ''
    const hasFiles = this.file_attachments.length > 0
    // Files speak for themselves: their text may be empty, and is then nothing at all.
    if (hasFiles && typeof content === 'string' && isBlank(content)) this.message_content = ''
    else checkContent(content)
    // Before the room is looked for: what is wrong with the files is said alike of rooms that are hidden, and of none.
    checkClaims(this.file_attachments, this.text('message_type'))
  }

  async #attachFiles(ctx: Context): Promise<void> {
    const [room, type] = [this.text('chat_room'), this.text('message_type')]
    const rows = await claimUploads(ctx, room, this.file_attachments, type)
    this.file_attachments = []
    for (const row of rows) this.append('file_attachments', { ...row })
  }

  async #findNames(ctx: Context): Promise<void> {
    const room = await roomNames.get(ctx, this.text('chat_room'))
    if (!room) throw roomNotFound(this.text('chat_room'))
    const sender = await personShown(ctx, ctx.user)
    this.#names = { room: room.room_type === 'Direct Message' ? sender.name : room.room_name, sender }
  }

  async #checkReply(ctx: Context): Promise<void> {
    this.reply_to_message = this.text('reply_to_message') || null
    if (this.reply_to_message === null) return
    const room = this.text('chat_room')
    const original = await ctx
      .db('tabChat Message')
      .where({ name: this.reply_to_message, chat_room: room })
      .first<{ name: string } | undefined>('name')
    if (original) {
      this.reply_to_message = original.name
      return
    }
    await memberRoom(ctx, room)
    throw new ValidationError('The message that you reply to is not in this room.')
  }
}
