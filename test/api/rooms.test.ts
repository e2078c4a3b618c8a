import t from 'tap'
import { getChatMessages } from '../../api/messages.ts'
import { createChatRoom, getUserChatRooms } from '../../api/rooms.ts'
import { eachDatabase } from '../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../support/site.ts'

await eachDatabase(t, 'create_chat_room', async (t, db) => {
  const { call, published, site } = await chatSite(t, db)
  const create = (user: string, args: object) =>
    call(user, createChatRoom, { room_name: 'Warehouse', room_type: 'Group Chat', ...args })
  const members = (room: string) =>
    site.database
      .reader('tabChat Room Member')
      .where({ parent: room })
      .orderBy('idx')
      .select('user', 'role', 'is_admin', 'is_muted', 'last_read_seq')

  await t.test('the caller becomes Admin, a System message records it, everybody is told', async (t) => {
    published()
    const created = await create(ANN, { members: [BEN, { user: CLEO, role: 'Moderator' }, ANN] })
    t.match(created, {
      room_id: /^CR-\d{4}/,
      room_name: 'Warehouse',
      room_type: 'Group Chat',
      creation: /^\d{4}-/,
    })
    t.same(await members(created.room_id), [
      { user: ANN, role: 'Admin', is_admin: 1, is_muted: 0, last_read_seq: 1 },
      { user: BEN, role: 'Member', is_admin: 0, is_muted: 0, last_read_seq: 1 },
      { user: CLEO, role: 'Moderator', is_admin: 0, is_muted: 0, last_read_seq: 1 },
    ])
    const { messages } = await call(BEN, getChatMessages, { room_id: created.room_id })
    t.match(messages, [
      { seq: 1, message_type: 'System', message_content: 'Ann created Warehouse', sender: ANN },
    ])
    const [join, ...told] = published()
    t.match(join, { type: 'join', users: [ANN, BEN, CLEO], room: `chat_room_${created.room_id}` })
    t.match(told, [
      { room: `user:${ANN}`, event: 'chat_new_room', message: { role: 'Admin', change_seq: 1 } },
      { room: `user:${BEN}`, event: 'chat_new_room', message: { role: 'Member', room_name: 'Warehouse' } },
      { room: `user:${CLEO}`, event: 'chat_new_room', message: { role: 'Moderator' } },
    ])
  })

  await t.test('a Direct Message is one for two people, whoever opens it, also at once', async (t) => {
    const direct = { room_name: '', room_type: 'Direct Message' }
    const opened = await Promise.all([
      create(ANN, { ...direct, members: [BEN] }),
      create(BEN, { ...direct, members: [ANN] }),
      create(ANN, { ...direct, members: [BEN.toUpperCase()] }),
    ])
    t.equal(new Set(opened.map(({ room_id }) => room_id)).size, 1)
    const { rooms } = await call(BEN, getUserChatRooms, { room_type: 'Direct Message' })
    t.match(rooms, [{ room_name: 'Ann', peer: { user: ANN, full_name: 'Ann' }, member_count: 2 }])
    await t.rejects(create(ANN, { ...direct, members: [BEN, CLEO] }), refusal(417, /two members/))
    await t.rejects(create(ANN, { ...direct, members: [] }), refusal(417, /two members/))
    await t.rejects(create(ANN, { ...direct, members: [ANN] }), refusal(417, /two members/))
  })

  await t.test('bad members are named, and nothing is made', async (t) => {
    const count = () => site.database.reader('tabChat Room').count({ n: '*' })
    const before = await count()
    await site.asAdministrator(async (ctx) => {
      const user = await ctx.getDoc('User', CLEO)
      user.set('enabled', 0)
      await user.save()
    })
    await t.rejects(
      create(ANN, { members: [BEN, 'nobody@test.example'] }),
      refusal(417, /nobody@test\.example/),
    )
    await t.rejects(create(ANN, { members: [CLEO] }), refusal(417, /Cleo is disabled/))
    await t.rejects(create(ANN, { members: [BEN, BEN] }), refusal(417, /Ben is named twice/))
    await t.rejects(create(ANN, { members: ['Guest'] }), refusal(417, /Guest/))
    await t.rejects(create(ANN, { room_type: 'Secret' }), refusal(417, /room_type must be one of/))
    await t.rejects(create(ANN, { room_name: ' ' }), refusal(417, /Room Name/))
    await t.rejects(create(ANN, { room_name: 'x'.repeat(141) }), refusal(417))
    await t.rejects(create(ANN, { members: '[not json' }), refusal(417, /members must be JSON/))
    await t.rejects(create('Guest', {}), refusal(403))
    await site.asAdministrator((ctx) =>
      ctx.insert('User', { email: 'roleless@test.example', first_name: 'R', user_type: 'Website User' }),
    )
    await t.rejects(create('roleless@test.example', {}), refusal(403, /Chat User/))
    t.same(await count(), before)
  })

  await t.test('a room holds as many as Chat Settings say', async (t) => {
    await site.asAdministrator(async (ctx) => {
      const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
      settings.set('default_room_max_members', 2)
      await settings.save()
    })
    await t.rejects(create(ANN, { members: [BEN, OUTSIDER] }), refusal(417, /at most 2/))
    await create(ANN, { members: [BEN] })
  })

  await t.test('arguments of a form are understood', async (t) => {
    const created = await create(ANN, { members: JSON.stringify([BEN]), is_private: '1', description: 'd' })
    const doc = await site.read({ user: ANN }, (ctx) => ctx.getDoc('Chat Room', created.room_id))
    t.match(doc.plain(), { is_private: 1, description: 'd', created_by: ANN })
  })

  await t.test('as a document: counters and members are the server’s', async (t) => {
    const doc = await site.write({ user: ANN }, (ctx) =>
      ctx.insert('Chat Room', {
        room_name: 'By document',
        last_seq: 99,
        members: [{ user: BEN, role: 'Admin', is_muted: 1, own_since_read: 7 }],
      }),
    )
    t.match(doc.plain(), {
      last_seq: 1,
      change_seq: 1,
      members: [
        { user: ANN, role: 'Admin' },
        { user: BEN, is_admin: 1, is_muted: 0, own_since_read: 0 },
      ],
    })
    const change = (user: string) =>
      site.write({ user }, async (ctx) => {
        const room = await ctx.getDoc('Chat Room', doc.name)
        room.append('members', { user: OUTSIDER, role: 'Admin' })
        await room.save()
      })
    await t.rejects(change(ANN), refusal(403, /methods/))
    await t.rejects(change('Administrator'), refusal(403, /methods/))
    await t.rejects(change(OUTSIDER), refusal(404))
    await t.rejects(
      site.write({ user: 'Administrator' }, async (ctx) =>
        (await ctx.getDoc('Chat Room', doc.name)).delete(),
      ),
      refusal(403),
    )
  })

  await t.test('documents are listed for members; metadata of rooms for System Managers', async (t) => {
    const names = (user: string, doctype: string) =>
      site.read({ user }, async (ctx) => (await ctx.getList(doctype, { limit_page_length: 0 })).length)
    t.equal(await names(OUTSIDER, 'Chat Room'), 0)
    t.equal(await names(OUTSIDER, 'Chat Message'), 0)
    t.equal(await names('Administrator', 'Chat Message'), 0)
    t.ok(await names('Administrator', 'Chat Room'))
    t.ok(await names(BEN, 'Chat Message'))
  })
})

await eachDatabase(t, 'get_user_chat_rooms', async (t, db) => {
  const { call, room: makeRoom, send, statements } = await chatSite(t, db)
  const first = await makeRoom(ANN, [BEN])
  const second = await makeRoom(BEN, [ANN], 'Announcement')
  await send(BEN, first, 'one')
  await send(BEN, first, 'two')

  await t.test('newest message first, with what is unread', async (t) => {
    const { rooms, pagination } = await call(ANN, getUserChatRooms)
    t.match(rooms, [
      {
        name: first,
        room_name: 'Room',
        room_type: 'Group Chat',
        user_role: 'Admin',
        is_admin: 1,
        member_count: 2,
        last_message: 'two',
        last_message_type: 'Text',
        last_message_sender: BEN,
        unread_count: 2,
        last_seq: 3,
        last_read_seq: 1,
        own_since_read: 0,
        change_seq: 3,
        peer: null,
      },
      { name: second, unread_count: 0, user_role: 'Member' },
    ])
    t.same(pagination, {
      total_count: 2,
      page: 1,
      page_size: 20,
      total_pages: 1,
      has_next: false,
      has_prev: false,
    })
  })

  await t.test('pages, types and search', async (t) => {
    const list = async (args: object) =>
      (await call(ANN, getUserChatRooms, { ...args })).rooms.map(({ name }) => name)
    t.same(await list({ page: 2, page_size: 1 }), [second])
    t.same(await list({ room_type: 'Announcement' }), [second])
    await call(ANN, createChatRoom, { room_type: 'Direct Message', members: [CLEO] })
    t.equal((await list({ search: 'cle' })).length, 1)
    t.same(await list({ search: 'oom' }), [first, second])
    t.same(await list({ search: '%' }), [])
    await t.rejects(list({ page_size: 101 }), refusal(417, /page_size/))
    await t.rejects(list({ page: 0 }), refusal(417, /page/))
  })

  await t.test('an outsider has no rooms', async (t) => {
    t.same((await call(OUTSIDER, getUserChatRooms)).rooms, [])
    await t.rejects(call('Guest', getUserChatRooms), refusal(403))
  })

  await t.test('costs three statements', async (t) => {
    t.equal((await statements(() => call(ANN, getUserChatRooms))).length, 3)
  })
})
