import t from 'tap'
import { addRoomMember, getRoomDetails, removeRoomMember } from '../../../api/members.ts'
import { getChatMessages } from '../../../api/messages.ts'
import { archiveRoomMethod, updateRoomSettings } from '../../../api/room-settings.ts'
import { createChatRoom, getUserChatRooms } from '../../../api/rooms.ts'
import { sync } from '../../../api/sync.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../../support/site.ts'

await eachDatabase(t, 'a room’s settings', async (t, db) => {
  const chat = await chatSite(t, db)
  const { call, published, site } = chat
  const room = await chat.room(ANN, [CLEO])
  await call(ANN, addRoomMember, { room_id: room, user_id: BEN, role: 'Moderator' })
  const update = (by: string, settings: unknown, room_id = room) =>
    call(by, updateRoomSettings, { room_id, settings })
  const details = async (by = ANN) => (await call(by, getRoomDetails, { room_id: room })).room
  const status = () =>
    site.database.reader('tabChat Room').where({ name: room }).first<{ room_status: string }>('room_status')

  await t.test('what changes is stored, answered and told once; what is so already is not', async (t) => {
    published()
    const answer = await update(ANN, {
      ...{ room_name: ' Depot ', description: 'd', max_members: '40', allow_file_sharing: 0 },
      ...{ auto_delete_messages_after_days: 30, is_private: true, room_type: 'Group Chat' },
    })
    const changes = [
      ...['room_name', 'description', 'max_members', 'allow_file_sharing'],
      ...['auto_delete_messages_after_days', 'is_private'],
    ]
    t.same(answer.changes.toSorted(), changes.toSorted())
    t.match(await details(BEN), {
      ...{ room_name: 'Depot', description: 'd', max_members: 40, allow_file_sharing: 0, is_private: 1 },
      ...{ auto_delete_messages_after_days: 30, change_seq: 3 },
    })
    t.match(published(), [
      {
        room: `chat_room_${room}`,
        event: 'chat_room_updated',
        message: {
          ...{ room_id: room, room_name: 'Depot', action: 'settings_updated', change_seq: 3 },
          new_values: { max_members: 40, is_private: 1 },
        },
      },
    ])
    t.same((await update(ANN, { room_name: 'Depot', max_members: 40 })).changes, [])
    t.same((await update(ANN, JSON.stringify({}))).changes, [])
    t.same(published(), [])
    const caught = (await call(BEN, sync, { rooms: { [room]: 2 } })).rooms[room]
    t.match(caught, { change_seq: 3, room: { room_name: 'Depot', max_members: 40 } })
    t.notOk(caught?.members, 'the members are as they were')
    await chat.send(BEN, room, 'x')
    const [message] = published()
    t.match(message, { message: { room_name: 'Depot' } }, 'events carry the new name')
    t.same((await update(ANN, { description: null })).changes, ['description'])
  })

  await t.test('bad values are named', async (t) => {
    const bad: [object, RegExp][] = [
      [{ room_name: ' ' }, /room_name/],
      [{ room_name: '\u200b' }, /room_name/],
      [{ room_name: 'x'.repeat(141) }, /room_name/],
      [{ max_members: 2 }, /max_members: at least 3/],
      [{ max_members: 0 }, /max_members/],
      [{ max_members: 1_000_000 }, /max_members/],
      [{ max_members: -1 }, /max_members/],
      [{ auto_delete_messages_after_days: 1_000_000 }, /auto_delete/],
      [{ room_type: 'Direct Message' }, /Direct Message/],
      [{ room_type: 'Club' }, /room_type/],
      [{ room_status: 'Gone' }, /room_status/],
      [{ direct_key: 'x' }, /settings/],
      [{ created_by: BEN }, /settings/],
    ]
    for (const [settings, message] of bad) await t.rejects(update(ANN, settings), refusal(417, message))
    t.equal((await details()).change_seq, 5)
  })

  await t.test('Admins alone', async (t) => {
    for (const user of [BEN, CLEO]) {
      await t.rejects(update(user, { room_name: 'x' }), refusal(403, /Only Admins/))
      await t.rejects(update(user, { room_status: 'Deleted' }), refusal(403))
      await t.rejects(call(user, archiveRoomMethod, { room_id: room }), refusal(403))
    }
    for (const user of [OUTSIDER, 'Administrator']) {
      await t.rejects(update(user, { room_name: 'x' }), refusal(404))
      await t.rejects(call(user, archiveRoomMethod, { room_id: room }), refusal(404))
    }
  })

  await t.test('the type changes who may write', async (t) => {
    await update(ANN, { room_type: 'Announcement' })
    await t.rejects(chat.send(CLEO, room, 'x'), refusal(403, /Announcement/))
    await update(ANN, { room_type: 'Team Chat' })
    await chat.send(CLEO, room, 'x')
    const { room_id: direct } = await call(ANN, createChatRoom, {
      room_type: 'Direct Message',
      members: [BEN],
    })
    await t.rejects(update(ANN, { room_type: 'Group Chat' }, direct), refusal(417, /Direct Message/))
    await t.rejects(update(ANN, { max_members: 60 }, direct), refusal(417, /two members/))
  })

  await t.test('archived is read-only until an Admin brings it back', async (t) => {
    published()
    t.same(await call(ANN, archiveRoomMethod, { room_id: room }), { room_id: room, room_status: 'Archived' })
    t.match(published(), [{ event: 'chat_room_updated', message: { action: 'archived' } }])
    await t.rejects(call(ANN, archiveRoomMethod, { room_id: room }), refusal(417, /archived/))
    await t.rejects(update(ANN, { room_name: 'x' }), refusal(417, /archived/))
    await t.rejects(chat.send(ANN, room, 'x'), refusal(417, /archived/))
    t.ok((await call(CLEO, getChatMessages, { room_id: room })).messages.length > 0)
    await t.rejects(update(BEN, { room_status: 'Active' }), refusal(403))
    const { changes } = await update(ANN, { room_status: 'Active', room_name: 'Back' })
    t.same(changes.toSorted(), ['room_name', 'room_status'])
    t.match(published(), [{ message: { action: 'restored', room_name: 'Back' } }])
    await chat.send(CLEO, room, 'x')
  })

  await t.test('deleted is nobody’s, by every road', async (t) => {
    published()
    await update(ANN, { room_status: 'Deleted' })
    t.match(published(), [
      { event: 'chat_room_updated', message: { action: 'deleted' } },
      { type: 'leave', users: [ANN, CLEO, BEN], room: `chat_room_${room}` },
    ])
    t.same(await status(), { room_status: 'Deleted' })
    const works: (() => Promise<unknown>)[] = [
      () => update(ANN, { room_status: 'Active' }),
      () => details(),
      () => chat.send(ANN, room, 'x'),
      () => call(ANN, addRoomMember, { room_id: room, user_id: OUTSIDER }),
      () => call(ANN, removeRoomMember, { room_id: room, user_id: ANN }),
      () => call(ANN, getChatMessages, { room_id: room }),
    ]
    for (const work of works) await t.rejects(work(), refusal(404))
    t.notOk((await call(ANN, getUserChatRooms)).rooms.some(({ name }) => name === room))
    t.same((await call(ANN, sync, { rooms: { [room]: 1 } })).removed, [room])
  })
})

await eachDatabase(t, 'max_members and members at once', async (t, db) => {
  const chat = await chatSite(t, db)
  const room = await chat.room(ANN, [BEN])
  const outcomes = await Promise.allSettled([
    chat.call(ANN, updateRoomSettings, { room_id: room, settings: { max_members: 2 } }),
    chat.call(ANN, addRoomMember, { room_id: room, user_id: CLEO }),
  ])
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1, 'one of them was too late')
})

await eachDatabase(t, 'create_chat_room with a client_id', async (t, db) => {
  const { call, site, published } = await chatSite(t, db)
  const create = (user: string, args: object = {}) =>
    call(user, createChatRoom, { room_name: 'Once', room_type: 'Group Chat', client_id: 'k1', ...args })
  const count = async () => Number((await site.database.reader('tabChat Room').count({ n: '*' }))[0]?.n)

  const first = await create(ANN, { members: [BEN] })
  published()
  t.same(
    await create(ANN, { members: ['nobody@test.example'] }),
    first,
    'the first room, whatever is asked now',
  )
  t.same(published(), [])
  const others = await Promise.all(Array.from({ length: 5 }, () => create(BEN)))
  t.equal(new Set(others.map(({ room_id }) => room_id)).size, 1)
  t.not(others[0]?.room_id, first.room_id, 'somebody else’s key is another')
  t.equal(await count(), 2)
  for (const client_id of ['K1', 'k1 ', 'k\u0301'])
    await create(ANN, { client_id }).then(
      ({ room_id }) => t.not(room_id, first.room_id),
      (error: unknown) => t.match(error, { status: 417 }),
    )
  t.not((await create(ANN, { client_id: '' })).room_id, (await create(ANN, { client_id: '' })).room_id)
  await call(ANN, removeRoomMember, { room_id: first.room_id, user_id: ANN, new_admin: BEN })
  await t.rejects(create(ANN), refusal(417), 'a room that one has left is not answered')
})
