import t from 'tap'
import { deleteMessageMethod, editMessageMethod } from '../../api/message-changes.ts'
import { getChatMessages, sendMessage } from '../../api/messages.ts'
import { setRoomNotifications } from '../../api/notifications.ts'
import { getRoomDetails } from '../../api/members.ts'
import { getUserChatRooms } from '../../api/rooms.ts'
import { sync } from '../../api/sync.ts'
import { getUserChatStatus, markRoomAsRead } from '../../api/unread.ts'
import { eachDatabase } from '../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal, type ChatSite } from '../support/site.ts'

/** Who was told of a mention since the last time this was asked, each with what they were told. */
function told(chat: ChatSite): { user: string; [key: string]: unknown }[] {
  return chat.published().flatMap((message) => {
    if (message.type !== 'event' || message.event !== 'chat_mention') return []
    return [{ user: message.room.slice('user:'.length), ...(message.message as object) }]
  })
}

const users = (chat: ChatSite): string[] => told(chat).map(({ user }) => user)

async function newest(chat: ChatSite, user: string, room: string) {
  const { messages } = await chat.call(user, getChatMessages, { room_id: room, page_size: 1 })
  const [{ mentions, mention_labels } = { mentions: [], mention_labels: {} }] = messages
  return { mentions, mention_labels }
}

const unread = async (chat: ChatSite, user: string): Promise<number[]> => {
  const { rooms } = await chat.call(user, getUserChatRooms, {})
  const { total_unread_mentions } = await chat.call(user, getUserChatStatus, {})
  return [...rooms.map(({ unread_mentions }) => unread_mentions), total_unread_mentions]
}

await eachDatabase(t, 'whom a message names', async (t, db) => {
  const chat = await chatSite(t, db)
  const room = await chat.room(ANN, [BEN, CLEO])
  chat.published()

  await t.test('is told, on every device, what was said and where', async (t) => {
    const { message_id, seq } = await chat.send(ANN, room, '**@Ben**, look at `x`: @cleo@test.example!')
    const mention = {
      message_id,
      room_id: room,
      room_name: 'Room',
      sender: ANN,
      sender_name: 'Ann',
      content: '@Ben, look at x: @cleo@test.example!',
      seq,
    }
    t.same(told(chat), [
      { user: BEN, ...mention },
      { user: CLEO, ...mention },
    ])
    t.same(await newest(chat, CLEO, room), {
      mentions: [BEN, CLEO],
      mention_labels: { Ben: BEN, 'cleo@test.example': CLEO },
    })
    const caught = await chat.call(BEN, sync, { rooms: { [room]: seq - 1 } })
    t.same(caught.rooms[room]?.messages[0]?.mentions, [BEN, CLEO])
  })

  await t.test('counts as unread mentions, until it is read', async (t) => {
    t.same(await unread(chat, BEN), [1, 1])
    t.same(await unread(chat, ANN), [0, 0])
    await chat.send(CLEO, room, 'Nobody in particular')
    await chat.send(CLEO, room, '@ben and @BEN@test.example: once each')
    t.same(await unread(chat, BEN), [2, 2], 'messages are counted, not names')
    await chat.call(BEN, markRoomAsRead, { room_id: room })
    t.same(await unread(chat, BEN), [0, 0])
    chat.published()
  })

  await t.test('is nobody outside, nobody in code, and not the sender', async (t) => {
    await chat.send(ANN, room, '@olaf @Olaf@test.example `@Ben` x@Ben @Ann @Benny ben@test.example @')
    t.same(users(chat), [])
    t.same(await newest(chat, ANN, room), { mentions: [], mention_labels: {} })
  })

  await t.test('is the whole room, without a row for each', async (t) => {
    await chat.send(ANN, room, 'Attention @everyone, @ben too')
    t.same(users(chat), [BEN, CLEO])
    t.same(await newest(chat, BEN, room), {
      mentions: ['@all', BEN],
      mention_labels: { everyone: '@all', ben: BEN },
    })
    t.same(await unread(chat, ANN), [0, 0], 'but for who speaks')
    t.same(await unread(chat, CLEO), [2, 2])
    const rows = await chat.site.database.reader('tabChat Message Mention').whereNull('user')
    t.equal(rows.length, 1)
  })

  await t.test('follows the text when it is edited', async (t) => {
    const { message_id } = await chat.send(ANN, room, 'For @Ben')
    t.same(users(chat), [BEN])
    const edit = (new_content: string) => chat.call(ANN, editMessageMethod, { message_id, new_content })
    await edit('For @Ben and @Cleo')
    t.same(users(chat), [CLEO], 'nobody is told twice')
    t.same((await newest(chat, BEN, room)).mentions, [BEN, CLEO])
    chat.published()
    await edit('For @Cleo')
    const events = chat.published()
    t.match(
      events.find((message) => message.type === 'event' && message.event === 'chat_message_updated'),
      {
        message: { mentions: [CLEO], mention_labels: { Cleo: CLEO } },
      },
    )
    await edit('For nobody')
    t.same(await newest(chat, BEN, room), { mentions: [], mention_labels: {} })
    await edit('For @all')
    t.same(users(chat), [BEN, CLEO])
  })

  await t.test('is forgotten with the message', async (t) => {
    await chat.call(CLEO, markRoomAsRead, { room_id: room })
    const { message_id } = await chat.send(ANN, room, '@Cleo')
    t.same(await unread(chat, CLEO), [1, 1])
    await chat.call(ANN, deleteMessageMethod, { message_id })
    t.same(await unread(chat, CLEO), [0, 0])
    t.same(await chat.site.database.reader('tabChat Message Mention').where({ parent: message_id }), [])
    chat.published()
  })

  await t.test('cannot be made up by the sender', async (t) => {
    const forged = chat.site.call(
      'frappe.client.insert',
      {
        doc: {
          doctype: 'Chat Message',
          chat_room: room,
          message_content: 'Hello',
          mentions: [{ user: CLEO, label: 'x', chat_room: room, seq: 99 }],
        },
      },
      { user: ANN },
    )
    await t.rejects(forged, refusal(417, /read from its text/))
    t.same(await unread(chat, CLEO), [0, 0])
  })

  await t.test('costs no statement where nobody is', async (t) => {
    const send = (message_content: string) =>
      chat.statements(() => chat.call(ANN, sendMessage, { room_id: room, message_content }))
    const plain = (await send('No at sign')).length
    t.equal((await send('An @ that names nobody')).length, plain + 1, 'the members, to know that')
    t.equal((await send('@Ben')).length, plain + 3, 'the members, those named, the rows')
  })
})

await eachDatabase(t, 'what a member wishes to hear', async (t, db) => {
  const chat = await chatSite(t, db)
  const room = await chat.room(ANN, [BEN, CLEO])
  const wish = (user: string, notify: string, room_id = room) =>
    chat.call(user, setRoomNotifications, { room_id, notify })
  chat.published()

  await t.test('is kept, and told to their own devices', async (t) => {
    t.same(await wish(BEN, 'None'), { room_id: room, notify: 'None' })
    t.match(chat.published(), [
      {
        type: 'event',
        room: `user:${BEN}`,
        event: 'room_notify_changed',
        message: { room_id: room, notify: 'None' },
      },
    ])
    await wish(BEN, 'None')
    t.same(chat.published(), [], 'once')
    t.equal((await chat.call(BEN, getUserChatRooms, {})).rooms[0]?.notify, 'None')
    t.equal((await chat.call(BEN, sync, { rooms: { [room]: 1 } })).rooms[room]?.notify, 'None')
    t.equal((await chat.call(ANN, getUserChatRooms, {})).rooms[0]?.notify, 'All')
  })

  await t.test('is theirs alone to know', async (t) => {
    const details = await chat.call(ANN, getRoomDetails, { room_id: room })
    t.equal(details.room.notify, 'All')
    t.notOk(details.room.members.some((member) => 'notify' in member))
    const doc = (await chat.site.call(
      'frappe.client.get',
      { doctype: 'Chat Room', name: room },
      { user: ANN },
    )) as { members: object[] }
    t.equal(doc.members.length, 3)
    t.notOk(doc.members.some((member) => 'notify' in member))
    const { members } = (await chat.call(ANN, sync, { rooms: { [room]: 0 } })).rooms[room] ?? {}
    t.notOk(members?.some((member) => 'notify' in member))
  })

  await t.test('decides whether a mention is told', async (t) => {
    await chat.send(ANN, room, '@Ben @Cleo')
    t.same(users(chat), [CLEO])
    t.same(await unread(chat, BEN), [1, 1], 'it counts all the same')
    await wish(BEN, 'Mentions')
    await chat.send(ANN, room, '@all')
    t.same(users(chat), [BEN, CLEO])
  })

  await t.test('is asked of members only', async (t) => {
    await t.rejects(wish(OUTSIDER, 'All'), refusal(404))
    await t.rejects(wish(OUTSIDER, 'All', 'CR-987654'), refusal(404))
    await t.rejects(wish(BEN, 'Loud'), refusal(417))
    t.same(chat.published(), [])
  })
})

await eachDatabase(t, 'a large room', async (t, db) => {
  const chat = await chatSite(t, db)
  const room = await chat.room(ANN, [BEN])
  await chat.site.asAdministrator(async ({ db }) => {
    const rows = Array.from({ length: 60 }, (_, i) => ({
      name: `extra-${String(i)}`,
      parent: room,
      parenttype: 'Chat Room',
      parentfield: 'members',
      idx: i + 3,
      user: `extra${String(i)}@test.example`,
      role: 'Member',
      notify: 'All',
    }))
    await db('tabChat Room Member').insert(rows)
    await db('tabUser').insert(
      rows.map(({ user }) => ({ name: user, email: user, full_name: user.split('@')[0], enabled: 1 })),
    )
  })
  chat.published()
  await chat.send(BEN, room, 'Hello @all, and @Ann')
  t.same(users(chat), [ANN], 'is not called together by a Member')
  await chat.send(ANN, room, 'Hello @all')
  t.equal(users(chat).length, 61, 'but by an Admin')
  t.same(await unread(chat, BEN), [1, 1])
})
