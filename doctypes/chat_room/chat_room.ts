import { documentOf, PermissionError, ValidationError, type Context } from '@f-chat/desk'
import { publishToUser, roomChannel } from '../../realtime/events.ts'
import ChatMessage from '../chat_message/chat_message.ts'
import { isBlank } from '../text.ts'
import { requireChat } from '../chat_settings/require-chat.ts'
import { directKey } from './direct.ts'
import { MOST_MEMBERS } from './membership-rules.ts'
import { MOST_DAYS } from './settings-rules.ts'
import { teamFor } from './team-rooms.ts'
import { findPeople, type Person } from './users.ts'
import type { ChatRoomFields } from './chat_room.types.ts'

/** The first change of every room is the message that records its creation. */
const FIRST = 1

/** A room and its members. Whoever makes it is its Admin; what changes it later are methods, each with its rule. */
export default class ChatRoom extends documentOf<ChatRoomFields>() {
  #people: Person[] = []

  override async before_insert(ctx: Context): Promise<void> {
    await requireChat(ctx)
    this.#checkSettings()
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
      member_left: 0,
      team_left: null,
      client_id: this.text('client_id') || null,
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

  #checkSettings(): void {
    const { max_members, auto_delete_messages_after_days: days } = this
    if (!(max_members >= 2 && max_members <= MOST_MEMBERS)) {
      throw new ValidationError(`max_members: a room holds 2 to ${String(MOST_MEMBERS)} members.`)
    }
    if (!(days >= 0 && days <= MOST_DAYS)) {
      throw new ValidationError(`auto_delete_messages_after_days: 0, or up to ${String(MOST_DAYS)}.`)
    }
    this.team_master = this.text('team_master') || null
    if (this.team_master !== null && this.room_type !== 'Team Chat') {
      throw new ValidationError('team_master: only a Team Chat has a team.')
    }
  }

  /**
   * The caller first and as Admin, then the others, then the team as far as there are seats; every row starts from
   * nothing but its user and role.
   */
  async #gatherMembers(ctx: Context): Promise<void> {
    const caller = ctx.user.toLowerCase()
    const given = this.children('members')
      .map((row) => ({ user: row.text('user'), role: row.text('role') || 'Member' }))
      .filter(({ user }) => user.trim().toLowerCase() !== caller)
    this.#people = await findPeople(ctx, [ctx.user, ...given.map(({ user }) => user)])
    if (this.#people.length > this.max_members) {
      throw new ValidationError(`This room holds at most ${String(this.max_members)} members.`)
    }
    const byHand = this.#people.length
    const here = new Set(this.#people.map(({ name }) => name))
    const team = this.team_master === null ? [] : await teamFor(ctx, this.team_master)
    const others = team.filter(({ name }) => !here.has(name))
    this.#people.push(...others.slice(0, Math.max(0, this.max_members - byHand)))
    this.members = []
    const now = ctx.now()
    this.#people.forEach(({ name }, i) => {
      const role = i === 0 ? 'Admin' : (given[i - 1]?.role ?? 'Member')
      this.append('members', {
        user: name,
        role,
        via_team: i < byHand ? 0 : 1,
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
