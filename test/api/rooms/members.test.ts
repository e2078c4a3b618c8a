import t from 'tap'
import {
  addMemberToRoom,
  addMultipleMembersToRoom,
  addRoomMember,
  checkRoomPermissions,
  getUserRoomRole,
  muteUnmuteMember,
  removeRoomMember,
  updateMemberRole,
} from '../../../api/members.ts'
import { createChatRoom, getUserChatRooms } from '../../../api/rooms.ts'
import { archiveRoomMethod } from '../../../api/room-settings.ts'
import { getUserChatStatus } from '../../../api/unread.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal, type ChatSite } from '../../support/site.ts'

const DORA = 'dora@test.example'

const rowsOf = (chat: ChatSite, room: string) =>
  chat.site.database
    .reader('tabChat Room Member')
    .where({ parent: room })
    .orderBy('idx')
    .select<{ user: string; role: string; idx: number }[]>('user', 'role', 'is_admin', 'is_muted', 'idx')

const numbers = (chat: ChatSite, room: string) =>
  chat.site.database
    .reader('tabChat Room')
    .where({ name: room })
    .first<{ change_seq: number; members_change_seq: number; last_seq: number }>(
      ...['change_seq', 'members_change_seq', 'last_seq'],
    )

/** A Group Chat of Ann's. */
const group = async (chat: ChatSite, members: readonly (string | object)[]): Promise<string> =>
  (await chat.call(ANN, createChatRoom, { room_name: 'Room', room_type: 'Group Chat', members })).room_id

async function person(chat: ChatSite, email: string, values: object = {}): Promise<string> {
  await chat.site.asAdministrator((ctx) =>
    ctx.insert('User', { email, first_name: email.split('@')[0], roles: [{ role: 'Chat User' }], ...values }),
  )
  return email
}

await eachDatabase(t, 'members come and go', async (t, db) => {
  const chat = await chatSite(t, db)
  const { call, published } = chat
  await person(chat, DORA)
  const room = await group(chat, [{ user: BEN, role: 'Moderator' }, CLEO])

  await t.test('a member is added: told to them and to the room, with the next change', async (t) => {
    await chat.send(ANN, room, 'before Dora')
    published()
    const answer = await call(BEN, addRoomMember, { room_id: room, user_id: ' DORA@test.example ' })
    t.same(answer, {
      room_id: room,
      user_id: DORA,
      role: 'Member',
      user_display_name: 'dora',
      member_count: 4,
    })
    t.same((await rowsOf(chat, room)).at(-1), {
      ...{ user: DORA, role: 'Member', is_admin: 0, is_muted: 0, idx: 4 },
    })
    const [join, joined, changed, ...more] = published()
    t.match(join, { type: 'join', users: [DORA], room: `chat_room_${room}` })
    t.match(joined, {
      room: `user:${DORA}`,
      event: 'chat_room_joined',
      message: { room_id: room, room_name: 'Room', room_type: 'Group Chat', role: 'Member', change_seq: 3 },
    })
    t.match(changed, {
      room: `chat_room_${room}`,
      event: 'chat_member_changed',
      message: { user: DORA, user_name: 'dora', action: 'added', role: 'Member', change_seq: 3 },
    })
    t.same(more, [])
    t.same(await numbers(chat, room), { change_seq: 3, members_change_seq: 3, last_seq: 2 })
    t.match(await call(DORA, getUserChatStatus), { total_unread: 0, rooms_with_unread: [], total_rooms: 1 })
    const permissions = (await chat.site.call(
      'f_chat.check_room_permissions',
      { room_id: room },
      { user: DORA },
    )) as {
      permissions: { joined_date: string }
    }
    t.match(permissions.permissions.joined_date, /^\d{4}-/)
  })

  await t.test('who cannot be added, and who cannot add', async (t) => {
    const add = (by: string, user_id: string, role = 'Member') =>
      call(by, addMemberToRoom, { room_id: room, user_id, role })
    await t.rejects(add(ANN, DORA), refusal(417, /already/))
    await t.rejects(add(ANN, 'nobody@test.example'), refusal(417, /nobody@test\.example/))
    await t.rejects(add(ANN, 'Guest'), refusal(417))
    await t.rejects(add(CLEO, OUTSIDER), refusal(403, /Only Admins and Moderators/))
    await t.rejects(add(BEN, OUTSIDER, 'Admin'), refusal(403, /Only Admins give/))
    await t.rejects(add(OUTSIDER, OUTSIDER, 'Admin'), refusal(404))
    await t.rejects(add('Administrator', OUTSIDER), refusal(404))
    await t.rejects(add(ANN, OUTSIDER, 'Owner'), refusal(417, /role/))
    await person(chat, 'gone@test.example', { enabled: 0 })
    await t.rejects(add(ANN, 'gone@test.example'), refusal(417, /disabled/))
    t.equal((await numbers(chat, room)).change_seq, 3, 'nothing changed')
  })

  await t.test('a member who is removed and comes back has nothing old unread', async (t) => {
    published()
    t.match(await call(BEN, removeRoomMember, { room_id: room, user_id: DORA }), {
      user_id: DORA,
      member_count: 3,
    })
    const [leave, left, changed] = published()
    t.match(leave, { type: 'leave', users: [DORA], room: `chat_room_${room}` })
    t.match(left, {
      room: `user:${DORA}`,
      event: 'chat_room_left',
      message: { room_id: room, role: 'Member' },
    })
    t.match(changed, {
      event: 'chat_member_changed',
      message: { action: 'removed', user: DORA, change_seq: 4 },
    })
    await t.rejects(call(DORA, checkRoomPermissions, { room_id: room }), refusal(404))
    await chat.send(ANN, room, 'without Dora')
    await call(ANN, addRoomMember, { room_id: room, user_id: DORA, role: 'Moderator' })
    t.equal((await call(DORA, getUserChatStatus)).total_unread, 0)
    t.same(
      (await rowsOf(chat, room)).map(({ user, role, idx }) => [user, role, idx]),
      [
        [ANN, 'Admin', 1],
        [BEN, 'Moderator', 2],
        [CLEO, 'Member', 3],
        [DORA, 'Moderator', 4],
      ],
    )
    await call(ANN, removeRoomMember, { room_id: room, user_id: BEN })
    t.same(
      (await rowsOf(chat, room)).map(({ idx }) => idx),
      [1, 2, 3],
      'the places close up',
    )
  })

  await t.test('who removes whom', async (t) => {
    const remove = (by: string, user_id: string) => call(by, removeRoomMember, { room_id: room, user_id })
    await t.rejects(remove(CLEO, DORA), refusal(403))
    await t.rejects(remove(DORA, ANN), refusal(403, /Members only/))
    await t.rejects(remove(ANN, BEN), refusal(417, /not a member/))
    await t.rejects(remove(OUTSIDER, OUTSIDER), refusal(404))
    await remove(DORA, CLEO)
    await remove(DORA, DORA)
    t.equal((await rowsOf(chat, room)).length, 1)
  })

  await t.test('roles and mutes', async (t) => {
    for (const user_id of [BEN, CLEO]) await call(ANN, addRoomMember, { room_id: room, user_id })
    published()
    t.same(await call(ANN, updateMemberRole, { room_id: room, user_id: BEN, new_role: 'Admin' }), {
      ...{ room_id: room, user_id: BEN, role: 'Admin', is_muted: false },
    })
    t.match(published(), [
      { event: 'chat_member_changed', message: { action: 'role_changed', role: 'Admin' } },
    ])
    t.match((await rowsOf(chat, room))[1], { user: BEN, role: 'Admin', is_admin: 1 })
    await call(BEN, updateMemberRole, { room_id: room, user_id: ANN, new_role: 'Moderator' })
    t.match((await rowsOf(chat, room))[0], { user: ANN, role: 'Moderator', is_admin: 0 })
    published()
    await call(BEN, updateMemberRole, { room_id: room, user_id: ANN, new_role: 'Moderator' })
    t.same(published(), [], 'what is so already is no change')
    await t.rejects(
      call(BEN, updateMemberRole, { room_id: room, user_id: BEN, new_role: 'Member' }),
      refusal(403, /your own/),
    )
    await t.rejects(
      call(ANN, updateMemberRole, { room_id: room, user_id: CLEO, new_role: 'Admin' }),
      refusal(403),
    )
    const mute = (by: string, user_id: string, is_muted: unknown) =>
      call(by, muteUnmuteMember, { room_id: room, user_id, is_muted })
    t.match(await mute(ANN, CLEO, '1'), { is_muted: true })
    t.match(published(), [{ message: { user: CLEO, action: 'muted', role: 'Member' } }])
    await t.rejects(chat.send(CLEO, room, 'x'), refusal(403, /muted/))
    await t.rejects(mute(ANN, BEN, 1), refusal(403, /Members only/))
    await t.rejects(mute(BEN, BEN, 1), refusal(403, /yourself/))
    await t.rejects(mute(CLEO, CLEO, 0), refusal(403, /muted/))
    await mute(BEN, CLEO, 0)
    t.match(published(), [{ message: { user: CLEO, action: 'unmuted' } }])
    await chat.send(CLEO, room, 'x')
  })

  await t.test('a role, in short and in full', async (t) => {
    t.same(await call(ANN, getUserRoomRole, { room_id: room, user_id: CLEO.toUpperCase() }), {
      ...{ user_id: CLEO, room_id: room, is_member: true, role: 'Member', is_muted: false },
      key_permissions: { can_send_messages: true, can_add_members: false, can_update_room_settings: false },
    })
    for (const user_id of [OUTSIDER, 'nobody@test.example', '%', "' or 1=1"]) {
      const { permissions } = await call(ANN, checkRoomPermissions, { room_id: room, user_id })
      t.match(permissions, { is_member: false, role: null, joined_date: null, can_send_messages: false })
    }
    await t.rejects(call(OUTSIDER, checkRoomPermissions, { room_id: room, user_id: ANN }), refusal(404))
    await t.rejects(call(OUTSIDER, getUserRoomRole, { room_id: room }), refusal(404))
  })

  await t.test('an archived room keeps its members, who may leave it', async (t) => {
    await call(BEN, archiveRoomMethod, { room_id: room })
    await t.rejects(call(BEN, addRoomMember, { room_id: room, user_id: DORA }), refusal(417, /archived/))
    await t.rejects(call(BEN, removeRoomMember, { room_id: room, user_id: CLEO }), refusal(417, /archived/))
    await t.rejects(
      call(BEN, updateMemberRole, { room_id: room, user_id: CLEO, new_role: 'Admin' }),
      refusal(417, /archived/),
    )
    await call(CLEO, removeRoomMember, { room_id: room, user_id: CLEO })
    t.same((await call(CLEO, getUserChatRooms)).rooms, [])
  })
})

await eachDatabase(t, 'add_multiple_members_to_room', async (t, db) => {
  const chat = await chatSite(t, db)
  const { call, published } = chat
  const users: string[] = []
  for (let i = 0; i < 5; i++) users.push(await person(chat, `p${String(i)}@test.example`))
  await person(chat, 'gone@test.example', { enabled: 0 })
  const room = await chat.room(ANN, [BEN])
  published()

  await t.test('one bad name does not stop the others', async (t) => {
    const user_list = [
      users[0],
      'nobody@x.example',
      BEN,
      'gone@test.example',
      users[0],
      '',
      users[1],
      '\ud800',
    ]
    const answer = await call(ANN, addMultipleMembersToRoom, {
      room_id: room,
      user_list: JSON.stringify(user_list),
    })
    t.match(answer, {
      success: true,
      message: /2 of 8/,
      added_users: users.slice(0, 2),
      already_members: [BEN],
      total_requested: 8,
      total_added: 2,
      total_failed: 5,
      final_member_count: 4,
    })
    t.match(
      answer.failed_users.map(({ reason }) => reason),
      [/no user/, /disabled/, /named twice/, /no user/, /no user/],
    )
    const seqs = published().flatMap((message) =>
      message.type === 'event' && message.event === 'chat_member_changed'
        ? [(message.message as { change_seq: number }).change_seq]
        : [],
    )
    t.same(seqs, [2, 3], 'a change each')
    t.same(
      (await rowsOf(chat, room)).map(({ idx }) => idx),
      [1, 2, 3, 4],
    )
  })

  await t.test('as many as there are seats', async (t) => {
    await chat.site.asAdministrator((ctx) =>
      ctx.db('tabChat Room').where({ name: room }).update({ max_members: 5 }),
    )
    const answer = await call(ANN, addMultipleMembersToRoom, { room_id: room, user_list: users })
    t.match(answer, { total_added: 1, already_members: users.slice(0, 2), final_member_count: 5 })
    t.match(answer.failed_users, [
      { user_id: users[3], reason: /full: it holds at most 5/ },
      { user_id: users[4], reason: /full/ },
    ])
    await t.rejects(call(ANN, addRoomMember, { room_id: room, user_id: CLEO }), refusal(417, /full/))
  })

  await t.test('who may not add at all is refused', async (t) => {
    const add = (by: string, args: object) =>
      call(by, addMultipleMembersToRoom, { room_id: room, user_list: [CLEO], ...args })
    await t.rejects(add(BEN, {}), refusal(403))
    await t.rejects(add(OUTSIDER, {}), refusal(404))
    await t.rejects(add(ANN, { user_list: [] }), refusal(417))
    await t.rejects(add(ANN, { user_list: Array(1001).fill(CLEO) }), refusal(417))
    await t.rejects(add(ANN, { user_list: 'cleo' }), refusal(417, /JSON/))
  })
})

await eachDatabase(t, 'at the same moment', async (t, db) => {
  const chat = await chatSite(t, db)
  const { call } = chat
  const outcomes = async (works: readonly Promise<unknown>[]): Promise<number[]> =>
    (await Promise.allSettled(works))
      .map((outcome) =>
        outcome.status === 'fulfilled' ? 200 : (outcome.reason as { status?: number }).status,
      )
      .map((status) => status ?? 500)
      .toSorted()

  await t.test('two Admins remove each other: one goes', async (t) => {
    for (let i = 0; i < 5; i++) {
      const room = await group(chat, [{ user: BEN, role: 'Admin' }, CLEO])
      const remove = (by: string, user_id: string) => call(by, removeRoomMember, { room_id: room, user_id })
      t.same(await outcomes([remove(ANN, BEN), remove(BEN, ANN)]), [200, 404])
      t.equal((await rowsOf(chat, room)).length, 2)
    }
  })

  await t.test('two Admins take the role from each other: one keeps it', async (t) => {
    const room = await group(chat, [{ user: BEN, role: 'Admin' }])
    const demote = (by: string, user_id: string) =>
      call(by, updateMemberRole, { room_id: room, user_id, new_role: 'Member' })
    t.same(await outcomes([demote(ANN, BEN), demote(BEN, ANN)]), [200, 403])
    t.equal((await rowsOf(chat, room)).filter(({ role }) => role === 'Admin').length, 1)
  })

  await t.test('the last two Admins leave: one must name another', async (t) => {
    for (let i = 0; i < 5; i++) {
      const room = await group(chat, [{ user: BEN, role: 'Admin' }, CLEO])
      const leave = (user: string) => call(user, removeRoomMember, { room_id: room, user_id: user })
      t.same(await outcomes([leave(ANN), leave(BEN)]), [200, 417])
      t.equal((await rowsOf(chat, room)).filter(({ role }) => role === 'Admin').length, 1)
    }
  })

  await t.test('the last seat is one seat, and a user is one member', async (t) => {
    await chat.site.asAdministrator(async (ctx) => {
      const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
      settings.set('default_room_max_members', 3)
      await settings.save()
    })
    for (let i = 0; i < 5; i++) {
      const room = await group(chat, [{ user: BEN, role: 'Moderator' }])
      const add = (by: string, user_id: string) => call(by, addRoomMember, { room_id: room, user_id })
      t.same(await outcomes([add(ANN, CLEO), add(BEN, OUTSIDER)]), [200, 417])
      t.equal((await rowsOf(chat, room)).length, 3)
    }
    const room = await chat.room(ANN, [])
    const tries = Array.from({ length: 4 }, () => call(ANN, addRoomMember, { room_id: room, user_id: CLEO }))
    t.same(await outcomes(tries), [200, 417, 417, 417])
  })

  await t.test('many changes at once leave no gap', async (t) => {
    const room = await chat.room(ANN, [])
    await chat.site.asAdministrator((ctx) =>
      ctx.db('tabChat Room').where({ name: room }).update({ max_members: 50 }),
    )
    chat.published()
    const works: Promise<unknown>[] = []
    for (const user of [BEN, CLEO, OUTSIDER]) {
      works.push(
        call(ANN, addRoomMember, { room_id: room, user_id: user }).then(() =>
          call(user, removeRoomMember, { room_id: room, user_id: user }),
        ),
      )
    }
    for (let i = 0; i < 6; i++) works.push(chat.send(ANN, room, String(i)))
    t.same(await outcomes(works), Array(9).fill(200))
    const seqs = chat
      .published()
      .flatMap((message) =>
        message.type === 'event' && message.room === `chat_room_${room}`
          ? [(message.message as { change_seq: number }).change_seq]
          : [],
      )
    t.same(
      seqs,
      Array.from({ length: 12 }, (_, i) => i + 2),
    )
    t.match(await numbers(chat, room), { change_seq: 13, last_seq: 7 })
  })
})

await eachDatabase(t, 'a chat that is switched off', async (t, db) => {
  const chat = await chatSite(t, db)
  const { call } = chat
  const room = await chat.room(ANN, [BEN])
  const turn = (enable_chat: 0 | 1) =>
    chat.site.asAdministrator(async (ctx) => {
      const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
      settings.set('enable_chat', enable_chat)
      await settings.save()
    })
  await turn(0)
  const off = refusal(403, /switched off/)
  await t.rejects(call(ANN, createChatRoom, { room_name: 'x', room_type: 'Group Chat' }), off)
  await t.rejects(call(ANN, addRoomMember, { room_id: room, user_id: CLEO }), off)
  await t.rejects(call(ANN, updateMemberRole, { room_id: room, user_id: BEN, new_role: 'Admin' }), off)
  await t.rejects(
    chat.site.write({ user: ANN }, (ctx) => ctx.insert('Chat Room', { room_name: 'x', members: [] })),
    off,
  )
  t.equal((await call(ANN, getUserChatRooms)).rooms.length, 1, 'what is there can be read')
  await call(BEN, removeRoomMember, { room_id: room, user_id: BEN })
  await turn(1)
  await call(ANN, addRoomMember, { room_id: room, user_id: BEN })
})
