import { documentOf, PermissionError, ValidationError, type Context } from '@f-chat/desk'
import { publishToUser, roomChannel } from '../../realtime/events.ts'
import ChatMessage from '../chat_message/chat_message.ts'
import { isBlank } from '../text.ts'
import { directKey } from './direct.ts'
import { findPeople, type Person } from './users.ts'
import type { ChatRoomFields } from './chat_room.types.ts'

/** The first change of every room is the message that records its creation. */
const FIRST = 1

/** A room and its members. Whoever makes it is its Admin; what changes it later are methods, each with its rule. */
export default class ChatRoom extends documentOf<ChatRoomFields>() {
  #people: Person[] = []

  override async before_insert(ctx: Context): Promise<void> {
    await this.#gatherMembers(ctx)
    const now = ctx.now()
    Object.assign(this, {
      room_status: 'Active',
      created_by: ctx.user,
      creation_date: now,
      last_seq: FIRST,
      change_seq: FIRST,
      members_change_seq: FIRST,
      settings_change_seq: FIRST,
      deleted_count: 0,
      last_message_at: now,
      last_change: now,
      direct_key: null,
    } satisfies Partial<ChatRoomFields>)
    // The check for what is mandatory names the field.
    if (isBlank(this.text('room_name'))) this.room_name = ''
    if (this.room_type !== 'Direct Message') return
    if (this.#people.length !== 2) throw new ValidationError('A Direct Message has exactly two members.')
    this.direct_key = directKey(this.#people.map(({ name }) => name))
    this.room_name =
      this.text('room_name').trim() || this.#people.map((person) => person.full_name).join(', ')
  }

  override validate(): void {
    if (this.isNew) return
    throw new PermissionError('A room is changed through its own methods, not by saving the document.')
  }

  override async after_insert(ctx: Context): Promise<void> {
    const creator = this.#people.find(({ name }) => name === ctx.user)?.full_name ?? ctx.user
    await ChatMessage.fromServer(ctx, {
      chat_room: this.name,
      sender: ctx.user,
      message_type: 'System',
      timestamp: this.last_message_at,
      message_content:
        this.room_type === 'Direct Message'
          ? `${creator} started this conversation`
          : `${creator} created ${this.text('room_name')}`,
      seq: FIRST,
      change_seq: FIRST,
    }).insert({ ignorePermissions: true, ignoreLinks: true })
    this.#announce(ctx)
  }

  override on_trash(): void {
    throw new PermissionError('A room cannot be deleted: its messages would be lost. Archive it instead.')
  }

  /** The caller first and as Admin, then the others; every row starts from nothing but its user and role. */
  async #gatherMembers(ctx: Context): Promise<void> {
    const given = this.children('members').map((row) => ({
      user: row.text('user'),
      role: row.text('role') === '' ? 'Member' : row.text('role'),
    }))
    const caller = ctx.user.toLowerCase()
    const others = given.filter(({ user }) => user.trim().toLowerCase() !== caller)
    this.#people = await findPeople(ctx, [ctx.user, ...others.map(({ user }) => user)])
    if (this.#people.length > this.max_members) {
      throw new ValidationError(`This room holds at most ${String(this.max_members)} members.`)
    }
    this.members = []
    const now = ctx.now()
    this.#people.forEach(({ name }, i) => {
      const role = i === 0 ? 'Admin' : (others[i - 1]?.role ?? 'Member')
      this.append('members', {
        user: name,
        role,
        is_admin: role === 'Admin' ? 1 : 0,
        joined_date: now,
        last_read_timestamp: now,
        last_read_seq: FIRST,
      })
    })
  }

  #announce(ctx: Context): void {
    ctx.joinRoom(
      this.#people.map(({ name }) => name),
      roomChannel(this.name),
    )
    for (const { name } of this.#people) {
      const other = this.#people.find((person) => person.name !== name)
      publishToUser(ctx, name, 'chat_new_room', {
        room_id: this.name,
        room_name: (this.room_type === 'Direct Message' ? other?.full_name : null) ?? this.text('room_name'),
        room_type: this.text('room_type'),
        role: this.members.find((member) => member.user === name)?.role ?? 'Member',
        change_seq: this.change_seq,
      })
    }
  }
}
