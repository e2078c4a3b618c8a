import t from 'tap'
import {
  HUGE,
  isClear,
  NO_NUMBER,
  NOBODY_MEANS,
  noMessages,
  noRooms,
  shown,
  tryBadInput,
  type Case,
} from '../../support/bad-input.ts'
import { eachDatabase } from '../../support/databases.ts'
import type { Answer, Client } from '../../support/server.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { roads, wireSite } from '../../support/wire.ts'

const cases = (room: string, others: string, message: string, theirs: string): Case[] => {
  const notARoom = noRooms(room, others)
  const notAMessage = noMessages(message, theirs)
  const noText = [
    ...[0, true, null, {}, [], ['x'], '', ' \t\n ', '\0', '\u200b', '\u2060\ufeff\u200d', '\u202e\u2066'],
    ...['\u3164', '\u115f\ufe0f', '\u00a0\u3000', HUGE, '😀'.repeat(4001), 'x'.repeat(4001)],
  ]
  return [
    {
      method: 'f_chat.get_user_chat_rooms',
      args: {},
      wrong: {
        page: [...NO_NUMBER, 0, 1_000_001, 1e308],
        page_size: [...NO_NUMBER, 0, 101, 1e308],
        room_type: NOBODY_MEANS,
        search: [0, true, {}, [], ['a'], HUGE],
      },
    },
    {
      method: 'f_chat.get_chat_messages',
      args: { room_id: room },
      wrong: {
        room_id: notARoom,
        page: [...NO_NUMBER, 0, 1e308],
        page_size: [...NO_NUMBER, 0, 101],
        before_timestamp: [
          ...NOBODY_MEANS,
          ...['2026', '2026-13-01', '2026-02-30', '2026-01-01 25:00:00', '2026-01-01x', '2026-01-01 10'],
          ...['2026-01-01 10:00:00.1234567', '0000-00-00', '2026-01-01 10:00:00+02:00'],
        ],
        before_seq: [...NO_NUMBER, 1e308],
        after_seq: [...NO_NUMBER, 1e308],
        include_deleted: ['x', 2, '2', {}, []],
      },
    },
    {
      method: 'f_chat.send_message',
      args: { room_id: room, message_content: 'bad' },
      wrong: {
        room_id: notARoom,
        message_content: noText,
        message_type: [
          ...NOBODY_MEANS,
          'System',
          'Announcement',
          'Broadcast',
          'File',
          'Image',
          'Voice',
          'text',
        ],
        reply_to: [...NOBODY_MEANS, 'MSG-99999'],
        attachments: ['x', '{', 1, [1], [{}], [{ file_url: '/private/files/x' }], Array(101).fill({})],
        client_id: [0, true, {}, [], 'x'.repeat(141), HUGE],
      },
    },
    {
      method: 'f_chat.add_reaction',
      args: { message_id: message, emoji: '👍' },
      wrong: {
        message_id: notAMessage,
        emoji: [
          ...NOBODY_MEANS.filter((value) => value !== '👩‍👩‍👧‍👦'),
          null,
          '',
          'ok',
          '👍👍',
          '🇩',
          '1',
          '👍'.repeat(99),
        ],
      },
    },
    {
      method: 'f_chat.edit_message',
      args: { message_id: message, new_content: 'bad' },
      wrong: { message_id: notAMessage, new_content: noText },
    },
    { method: 'f_chat.delete_message', args: {}, wrong: { message_id: notAMessage } },
    {
      method: 'f_chat.mark_room_as_read',
      args: { room_id: room },
      wrong: { room_id: notARoom, up_to_seq: NO_NUMBER },
    },
    {
      method: 'f_chat.search_users_for_chat_room',
      args: {},
      wrong: {
        search_term: [0, true, {}, [], HUGE],
        room_id: notARoom.filter((value) => value !== ''),
        exclude_existing: ['x', 2, {}, []],
      },
    },
    {
      method: 'f_chat.sync',
      args: { rooms: {} },
      wrong: {
        rooms: ['x', '{', 1, true, [], [1], { a: 'x' }, { a: -1 }, { a: 1.5 }, { a: null }, { a: {} }],
        limit: [...NO_NUMBER, 0, 501, 1e308],
      },
    },
    {
      method: 'f_chat.create_chat_room',
      args: { room_name: 'Bad', room_type: 'Group Chat', members: [BEN] },
      wrong: {
        room_name: [0, true, {}, [], null, '', ' ', '\0', '\u200b', '\u3164\u2060', 'x'.repeat(141), HUGE],
        room_type: [...NOBODY_MEANS, null, 'Direct Message ', 'group chat'],
        description: [0, true, {}, [], HUGE],
        members: [
          ...['x', '{', 1, { user: BEN }, [1], [null], [[]], [{}], [{ user: 1 }], [{ role: 'Admin' }]],
          ...[
            [{ user: BEN, role: 'Owner' }],
            [{ user: BEN, role: {} }],
            [BEN, BEN],
            [BEN, BEN.toUpperCase()],
          ],
          ...[
            'nobody@x.example',
            'Guest',
            'guest',
            '',
            ' ',
            '%',
            '__proto__',
            `${BEN}\u200b`,
            '\ud800',
            '\0',
          ].map((user) => [user]),
          [`bén@test.example`],
          Array(10_001).fill(BEN),
        ],
        team_master: [0, true, {}, [], 'Nowhere', '%', '\ud800', HUGE],
        is_private: ['x', 2, '-1', {}, []],
      },
    },
  ]
}

await eachDatabase(t, 'bad input', async (t, db) => {
  const wire = await wireSite(t, db)
  const room = await wire.room(ANN, [BEN])
  const others = await wire.room(OUTSIDER, [CLEO])
  const { message_id: message } = await wire.send(ANN, room, 'hello')
  const { message_id: theirs } = await wire.send(OUTSIDER, others, 'hello')
  const ann = await wire.browser(ANN)

  await tryBadInput(t, wire, cases(room, others, message, theirs))

  await t.test('missing arguments are named', async (t) => {
    for (const [method, names] of Object.entries({
      'f_chat.get_chat_messages': 'room_id',
      'f_chat.send_message': 'room_id, message_content',
      'f_chat.mark_room_as_read': 'room_id',
      'f_chat.create_chat_room': 'room_type',
    })) {
      for (const args of [{}, { unknown: 1 }, { room_id: null, message_content: null, room_type: null }]) {
        const { status, message } = await roads.json(ann, method, args)
        t.match([status, message.error.message], [417, `Missing argument: ${names}.`])
      }
    }
  })

  await t.test('text that is odd but someone’s is kept as it is', async (t) => {
    const texts = [
      '‮right to left‬ שלום مرحبا',
      '👩‍👩‍👧‍👦 🏳️‍🌈 ‍',
      '<script>alert(1)</script>&amp;',
      "Robert'); DROP TABLE `tabChat Room`;--",
      '\\ %_ \\0 \\u0000 ?? :name $1',
      '  lead and trail \n',
      '\u{10ffff}\u{1f9ff}',
      'e\u0301',
      '0',
      'null',
    ]
    const socket = await wire.page(BEN)
    for (const text of texts) {
      const { status, message } = await roads.json(ann, 'f_chat.send_message', {
        room_id: room,
        message_content: text,
      })
      t.equal(status, 200)
      t.equal(message.data.message_content, text)
      const event = await socket.frame((frame) => frame.message?.message_id === message.data.message_id)
      t.equal(event.message.content, text)
      const [stored] = (await roads.query(ann, 'f_chat.get_chat_messages', { room_id: room, page_size: 1 }))
        .message.data.messages
      t.equal(stored.message_content, text)
    }
    for (const text of ['a\0b', 'a\ud800b']) {
      const { message } = await roads.json(ann, 'f_chat.send_message', {
        room_id: room,
        message_content: text,
      })
      const [stored] = (await roads.query(ann, 'f_chat.get_chat_messages', { room_id: room, page_size: 1 }))
        .message.data.messages
      const event = await socket.frame((frame) => frame.message?.message_id === message.data.message_id)
      t.same(
        [message.data.message_content, event.message.content],
        [stored.message_content, stored.message_content],
        'what is answered and told is what is stored',
      )
    }
    for (const search of ["'", '\\', '!', '%', '_', '👋', '\u200b', '\0', '\ud800']) {
      const found = await roads.json(ann, 'f_chat.get_user_chat_rooms', { search })
      const people = await roads.json(ann, 'f_chat.search_users_for_chat_room', { search_term: search })
      t.same([found.status, people.status], [200, 200], shown(search))
    }
  })

  await t.test('keys of sync that are no rooms', async (t) => {
    const rooms = JSON.parse(
      `{"__proto__":1,"constructor":2,"toString":3,"":4,"\\u0000":5,"${room.toLowerCase()}":1,"${others}":0,"${room}":1e300}`,
    ) as Record<string, number>
    const { status, message } = await roads.json(ann, 'f_chat.sync', { rooms })
    t.equal(status, 200)
    t.same(Object.keys(message.rooms), [room])
    t.equal(message.rooms[room].reset, true)
    t.same(
      message.removed.toSorted(),
      Object.keys(rooms)
        .filter((name) => name !== room)
        .toSorted(),
    )
    const many = Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`CR-9${String(i)}`, i]))
    t.equal((await roads.json(ann, 'f_chat.sync', { rooms: many })).message.removed.length, 40_000)
  })

  await t.test('bodies that are no text or no JSON', async (t) => {
    const before = await wire.rows()
    const post = (client: Client, type: string, body: BodyInit): Promise<Answer> =>
      client.request('POST', '/api/method/f_chat.send_message', { headers: { 'Content-Type': type }, body })
    const bytes = (text: string): Uint8Array<ArrayBuffer> => {
      const [head = '', tail = ''] = text.split('¤')
      return new Uint8Array(Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xc3]), Buffer.from(tail)]))
    }
    const json = JSON.stringify({ room_id: room, message_content: 'a¤b' })
    const bodies: [string, string | Uint8Array<ArrayBuffer>][] = [
      ['application/json', bytes(json)],
      ['application/json', '{"room_id":'],
      ['application/json', '[]'],
      ['application/json', '"text"'],
      ['application/json', '7'],
      ['application/json', '[{"room_id":1}]'],
      ['application/x-www-form-urlencoded', `room_id=${room}&room_id=${room}&message_content=x`],
      ['application/x-www-form-urlencoded', `room_id[]=${room}&message_content=x`],
      ['application/x-www-form-urlencoded', `__proto__[room_id]=${room}&message_content=x`],
      ['application/xml', '<a/>'],
      ['multipart/form-data', 'x'],
    ]
    for (const [type, body] of bodies) {
      const answer = await post(ann, type, body)
      isClear(
        t,
        { status: answer.status, message: answer.body?.message },
        `${type} ${Buffer.from(body).toString('latin1').slice(0, 50)}`,
      )
    }
    for (const path of [
      '/api/method/%ff',
      '/api/method/f_chat.send_message%',
      '/api/resource/Chat%20Room/%c3%28',
    ]) {
      const { status, body } = await ann.get(path)
      t.match([status, body?.exc_type], [/4\d\d/, /./], path)
    }
    const socket = await wire.page(ANN)
    socket.ws.send(bytes(JSON.stringify({ id: 1, method: 'f_chat.send_message', args: JSON.parse(json) })), {
      binary: true,
    })
    t.equal((await socket.closed).code, 4400)
    t.same(await wire.rows(), before)
  })
})
