import t from 'tap'
import { addRoomMember, getRoomDetails, muteUnmuteMember, removeRoomMember } from '../../../api/members.ts'
import { getChatMessages } from '../../../api/messages.ts'
import { archiveRoomMethod, updateRoomSettings } from '../../../api/room-settings.ts'
import { createChatRoom, getUserChatRooms } from '../../../api/rooms.ts'
import { sync } from '../../../api/sync.ts'
import { getUserChatStatus } from '../../../api/unread.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, refusal, type ChatSite } from '../../support/site.ts'

const leave = ({ call }: ChatSite, room: string, user: string, new_admin?: string) =>
  call(user, removeRoomMember, { room_id: room, user_id: user, ...(new_admin ? { new_admin } : {}) })

const stored = ({ site }: ChatSite, room: string) =>
  site.database
    .reader('tabChat Room')
    .where({ name: room })
    .first<{ room_status: string; member_left: number }>('room_status', 'member_left')

const roles = async ({ site }: ChatSite, room: string): Promise<Record<string, string>> => {
  const rows = await site.database
    .reader('tabChat Room Member')
    .where({ parent: room })
    .select<{ user: string; role: string }[]>('user', 'role')
  return Object.fromEntries(rows.map(({ user, role }) => [user, role]))
}

async function enable({ site }: ChatSite, name: string, enabled: 0 | 1): Promise<void> {
  await site.asAdministrator(async (ctx) => {
    const user = await ctx.getDoc('User', name)
    user.set('enabled', enabled)
    await user.save()
  })
}

await eachDatabase(t, 'leaving', async (t, db) => {
  const chat = await chatSite(t, db)
  const { call, published } = chat

  await t.test('a muted member may leave', async (t) => {
    const room = await chat.room(ANN, [BEN, CLEO])
    await call(ANN, muteUnmuteMember, { room_id: room, user_id: BEN, is_muted: true })
    await leave(chat, room, BEN)
    t.same(await roles(chat, room), { [ANN]: 'Admin', [CLEO]: 'Member' })
  })

  await t.test('the last Admin names another', async (t) => {
    const room = await chat.room(ANN, [BEN, CLEO])
    await call(ANN, muteUnmuteMember, { room_id: room, user_id: BEN, is_muted: true })
    await t.rejects(leave(chat, room, ANN), refusal(417, /last Admin/))
    await t.rejects(leave(chat, room, ANN, 'nobody@test.example'), refusal(417, /new_admin/))
    await enable(chat, CLEO, 0)
    await t.rejects(leave(chat, room, ANN, CLEO), refusal(417, /disabled/))
    await enable(chat, CLEO, 1)
    published()
    await leave(chat, room, ANN, BEN)
    t.same(await roles(chat, room), { [BEN]: 'Admin', [CLEO]: 'Member' })
    t.match(
      published().filter((message) => message.type === 'event'),
      [
        { event: 'chat_member_changed', message: { user: BEN, action: 'unmuted', change_seq: 3 } },
        { event: 'chat_member_changed', message: { user: BEN, action: 'role_changed', change_seq: 4 } },
        { event: 'chat_room_left', message: { role: 'Admin' } },
        { event: 'chat_member_changed', message: { user: ANN, action: 'removed', change_seq: 5 } },
      ],
    )
    await call(BEN, addRoomMember, { room_id: room, user_id: ANN })
  })

  await t.test('also of an archived room', async (t) => {
    const room = await chat.room(ANN, [BEN])
    await call(ANN, archiveRoomMethod, { room_id: room })
    await t.rejects(leave(chat, room, ANN), refusal(417, /last Admin/))
    await leave(chat, room, ANN, BEN)
    await call(BEN, updateRoomSettings, { room_id: room, settings: { room_status: 'Active' } })
    await chat.send(BEN, room, 'mine now')
  })

  await t.test('an Admin who is disabled does not count', async (t) => {
    const room = await chat.room(ANN, [])
    await call(ANN, addRoomMember, { room_id: room, user_id: BEN, role: 'Admin' })
    await enable(chat, BEN, 0)
    await t.rejects(leave(chat, room, ANN), refusal(417, /last Admin/))
    const { room: details } = await call(ANN, getRoomDetails, { room_id: room })
    t.match(details.members, [
      { user: ANN, enabled: 1 },
      { user: BEN, enabled: 0, role: 'Admin' },
    ])
    await enable(chat, BEN, 1)
    await leave(chat, room, ANN)
  })

  await t.test('a room that nobody is in is archived, and breaks nothing', async (t) => {
    const room = await chat.room(ANN, [])
    await chat.send(ANN, room, 'last words')
    await leave(chat, room, ANN)
    t.match(await stored(chat, room), { room_status: 'Archived' })
    await t.rejects(call(ANN, getRoomDetails, { room_id: room }), refusal(404))
    await t.rejects(leave(chat, room, ANN), refusal(404))
    await t.rejects(chat.send(ANN, room, 'x'), refusal(404))
    const list = await chat.site.read({ user: 'Administrator' }, (ctx) =>
      ctx.getList('Chat Room', { filters: { name: room }, fields: ['room_status'] }),
    )
    t.match(list, [{ room_status: 'Archived' }])
  })
})

await eachDatabase(t, 'a Direct Message that was left', async (t, db) => {
  const chat = await chatSite(t, db)
  const { call, published } = chat
  const open = async (by: string, other: string): Promise<string> =>
    (await call(by, createChatRoom, { room_type: 'Direct Message', members: [other] })).room_id
  const room = await open(ANN, BEN)
  await chat.send(ANN, room, 'one')

  await t.test('comes back to the leaver who opens it, with its history, and nothing unread', async (t) => {
    await leave(chat, room, ANN)
    t.same(await roles(chat, room), { [BEN]: 'Member' })
    t.same((await call(ANN, getUserChatRooms)).rooms, [])
    t.equal((await call(BEN, getUserChatRooms)).rooms.length, 1)
    published()
    t.equal(await open(ANN, BEN), room)
    t.same(await roles(chat, room), { [BEN]: 'Member', [ANN]: 'Admin' })
    t.match(
      published().filter((message) => message.type === 'event'),
      [
        { room: `user:${ANN}`, event: 'chat_room_joined', message: { room_name: 'Ben', room_id: room } },
        { event: 'chat_member_changed', message: { user: ANN, action: 'added' } },
      ],
    )
    t.equal((await call(ANN, getChatMessages, { room_id: room })).messages.length, 2)
    t.equal((await call(ANN, getUserChatStatus)).total_unread, 0)
    t.match(await stored(chat, room), { room_status: 'Active', member_left: 0 })
  })

  await t.test('comes back with the next message of the other, which is unread', async (t) => {
    await leave(chat, room, BEN)
    const sent = await chat.send(ANN, room, 'are you there?')
    t.equal(sent.seq, 3)
    t.match((await call(BEN, getUserChatStatus)).rooms_with_unread, [{ name: room, unread_count: 1 }])
    t.match((await call(BEN, sync, { rooms: { [room]: sent.change_seq - 1 } })).rooms[room]?.messages, [
      { message_content: 'are you there?' },
    ])
    t.match(await stored(chat, room), { member_left: 0 })
    t.same((await call(ANN, getRoomDetails, { room_id: room })).room.member_count, 2)
  })

  await t.test('many messages at once bring one back once', async (t) => {
    await leave(chat, room, BEN)
    published()
    await Promise.all(Array.from({ length: 8 }, (_, i) => chat.send(ANN, room, String(i))))
    t.equal(published().filter((message) => message.type === 'join').length, 1)
    t.equal((await call(BEN, getUserChatStatus)).total_unread, 8)
  })

  await t.test('not to somebody who is disabled', async (t) => {
    await leave(chat, room, BEN)
    await enable(chat, BEN, 0)
    await t.rejects(chat.send(ANN, room, 'x'), refusal(417, /disabled/))
    t.equal(await open(ANN, BEN), room, 'it can be read')
    await enable(chat, BEN, 1)
    await chat.send(ANN, room, 'welcome back')
    t.equal((await call(BEN, getUserChatRooms)).rooms.length, 1)
  })

  await t.test('both leave, one opens it: both are in it, one of them as Admin', async (t) => {
    await leave(chat, room, ANN)
    await leave(chat, room, BEN)
    t.match(await stored(chat, room), { room_status: 'Archived' })
    await Promise.all([open(BEN, ANN), open(ANN, BEN)])
    const now = await roles(chat, room)
    t.same(Object.keys(now).toSorted(), [ANN, BEN])
    t.same(Object.values(now).toSorted(), ['Admin', 'Member'])
    t.match(await stored(chat, room), { room_status: 'Active', member_left: 0 })
    await chat.send(BEN, room, 'again')
  })

  await t.test(
    'one that was archived is opened again; one that was deleted makes room for a new one',
    async (t) => {
      const admin = Object.entries(await roles(chat, room)).find(([, role]) => role === 'Admin')?.[0] ?? ''
      await call(admin, archiveRoomMethod, { room_id: room })
      await t.rejects(chat.send(ANN, room, 'x'), refusal(417, /archived/))
      t.equal(await open(BEN, ANN), room)
      await chat.send(ANN, room, 'x')
      await t.rejects(
        call(admin, updateRoomSettings, { room_id: room, settings: { room_status: 'Deleted' } }),
        refusal(403, /belongs to both/),
      )
      await chat.site.asAdministrator((ctx) =>
        ctx.db('tabChat Room').where({ name: room }).update({ room_status: 'Deleted', direct_key: null }),
      )
      await t.rejects(chat.send(ANN, room, 'x'), refusal(404))
      const fresh = await open(BEN, ANN)
      t.not(fresh, room)
      t.equal((await call(ANN, getChatMessages, { room_id: fresh })).messages.length, 1)
    },
  )

  await t.test('nobody else is added to it', async (t) => {
    const direct = await open(ANN, CLEO)
    await t.rejects(
      call(ANN, addRoomMember, { room_id: direct, user_id: BEN }),
      refusal(417, /Direct Message/),
    )
    await t.rejects(
      call(ANN, removeRoomMember, { room_id: direct, user_id: CLEO }),
      refusal(417, /Direct Message/),
    )
  })
})
