import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import type { Body } from '../../support/server.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { overSocket, roads, wireSite, type Outcome } from '../../support/wire.ts'

const chatApis = 'f_chat.APIs.notification_chatroom.chat_apis'
const chatMessage = 'f_chat.f_chat.doctype.chat_message.chat_message'
const chatSettings = 'f_chat.f_chat.doctype.chat_settings.chat_settings'

const PAGINATION = ['total_count', 'page', 'page_size', 'total_pages', 'has_next', 'has_prev']

interface Row {
  names: string[]
  args: Record<string, unknown>
  /** The keys of the answer, by their place in it. */
  keys: Record<string, string[]>
  writes?: true
  /** What somebody outside the room is told: its status, or a part of the answer. */
  outsider: 404 | true | Record<string, unknown>
}

/** Every method of the first piece: what f-chat-api.md and interfaces.md say, and the fields that were added. */
const methods = (room: string): Row[] => [
  {
    names: ['f_chat.get_user_chat_rooms', `${chatApis}.chat_api.get_user_chat_rooms`],
    args: { page: 1, page_size: 5, room_type: 'Group Chat', search: 'Roo' },
    keys: {
      '': ['success', 'data'],
      data: ['rooms', 'pagination'],
      'data.pagination': PAGINATION,
      'data.rooms.0': [
        ...[
          'name',
          'room_name',
          'room_type',
          'description',
          'is_private',
          'creation',
          'user_role',
          'is_admin',
        ],
        ...[
          'last_read_timestamp',
          'member_count',
          'last_message',
          'last_message_time',
          'last_message_sender',
        ],
        'unread_count',
        ...['room_status', 'is_muted', 'last_seq', 'change_seq', 'last_read_seq', 'own_since_read'],
        ...['last_message_type', 'last_message_sender_name', 'peer'],
      ],
    },
    outsider: { data: { rooms: [], pagination: { total_count: 0 } } },
  },
  {
    names: ['f_chat.get_chat_messages', `${chatApis}.chat_api.get_chat_messages`],
    args: { room_id: room, page: 1, page_size: 2, before_seq: 100, include_deleted: true },
    keys: {
      '': ['success', 'data'],
      data: ['messages', 'pagination'],
      'data.pagination': PAGINATION,
      'data.messages.0': [
        ...['name', 'sender', 'message_type', 'message_content', 'timestamp', 'reply_to_message'],
        ...['reply_to_content', 'reply_to_sender', 'is_edited', 'edit_timestamp', 'attachments', 'reactions'],
        'sender_info',
        ...['chat_room', 'is_deleted', 'seq', 'change_seq', 'client_id'],
      ],
      'data.messages.0.sender_info': ['full_name', 'user_image'],
    },
    outsider: 404,
  },
  {
    names: ['f_chat.send_message', `${chatApis}.chat_api.send_message`],
    args: { room_id: room, message_content: 'Grüße 👋', message_type: 'Text', attachments: [] },
    keys: {
      '': ['success', 'message', 'data'],
      data: [
        ...['message_id', 'timestamp', 'room_id', 'sender', 'message_content', 'message_type', 'seq'],
        ...['change_seq', 'client_id'],
      ],
    },
    writes: true,
    outsider: 404,
  },
  {
    names: ['f_chat.mark_room_as_read', `${chatMessage}.mark_room_as_read`],
    args: { room_id: room, up_to_seq: 2 },
    keys: { '': ['success', 'message'] },
    writes: true,
    outsider: 404,
  },
  {
    names: ['f_chat.get_user_chat_status', `${chatMessage}.get_user_chat_status`],
    args: {},
    keys: {
      '': ['success', 'data'],
      data: ['total_unread', 'rooms_with_unread', 'total_rooms'],
      'data.rooms_with_unread.0': [
        ...['name', 'room_name', 'room_type', 'last_read_timestamp', 'unread_count'],
      ],
    },
    outsider: { data: { total_unread: 0, rooms_with_unread: [], total_rooms: 0 } },
  },
  {
    names: ['f_chat.search_users_for_chat_room', `${chatApis}.user_search.search_users_for_chat_room`],
    args: { search_term: 'o', room_id: room, exclude_existing: true },
    keys: {
      '': ['success', 'data', 'total_count', 'search_term', 'excluded_members'],
      'data.0': [
        ...['name', 'full_name', 'first_name', 'last_name', 'email', 'user_image', 'display_text'],
        'chat_status',
      ],
    },
    outsider: 404,
  },
  {
    names: [
      'f_chat.heartbeat',
      `${chatApis}.realtime_events.heartbeat`,
      `${chatApis}.realtime_events_fixed.heartbeat`,
    ],
    args: {},
    keys: { '': ['success', 'timestamp', 'rooms'] },
    outsider: { rooms: {} },
  },
  {
    names: ['f_chat.sync'],
    args: { rooms: { [room]: 0 }, limit: 2 },
    keys: {
      '': ['rooms', 'added', 'removed'],
      [`rooms.${room}`]: ['change_seq', 'messages', 'read', 'members', 'room', 'more', 'reset'],
      [`rooms.${room}.members.0`]: ['user', 'full_name', 'user_image', 'role', 'is_muted', 'joined_date'],
      [`rooms.${room}.room`]: [
        ...['name', 'room_name', 'room_type', 'description', 'room_status', 'is_private', 'max_members'],
        ...['allow_file_sharing', 'auto_delete_messages_after_days'],
      ],
    },
    outsider: { rooms: {}, added: [], removed: [room] },
  },
  {
    names: ['f_chat.is_chat_enabled', `${chatSettings}.is_chat_enabled`],
    args: {},
    keys: {},
    outsider: true,
  },
  {
    names: ['f_chat.get_chat_settings', `${chatSettings}.get_chat_settings`],
    args: {},
    keys: {
      '': [
        ...['enable_chat', 'max_file_size', 'allowed_file_types', 'default_room_max_members'],
        ...['enable_desktop_notifications', 'enable_message_editing', 'message_edit_time_limit'],
        ...['enable_message_reactions', 'enable_typing_indicators'],
      ],
    },
    outsider: { enable_chat: 1 },
  },
  {
    names: ['f_chat.create_chat_room', `${chatApis}.chat_api.create_chat_room`],
    args: {
      room_name: 'Made',
      room_type: 'Announcement',
      description: 'd',
      members: [BEN, { user: CLEO, role: 'Moderator' }],
      is_private: true,
    },
    keys: { '': ['success', 'message', 'data'], data: ['room_id', 'room_name', 'room_type', 'creation'] },
    writes: true,
    outsider: { success: true },
  },
]

const at = (value: Body, place: string): Body =>
  place === '' ? value : place.split('.').reduce((part: Body, key) => part?.[key], value)

/** What each call makes anew. */
const FRESH = new Set(['message_id', 'room_id', 'timestamp', 'creation', 'seq', 'change_seq'])
const settled = (answer: Outcome): Body =>
  JSON.parse(JSON.stringify(answer), (key, value: unknown) => (FRESH.has(key) ? '*' : value))

await eachDatabase(t, 'methods over the wire', async (t, db) => {
  const wire = await wireSite(t, db)
  const room = await wire.room(ANN, [BEN])
  for (const text of ['one', 'two', 'three']) await wire.send(BEN, room, text)
  const [ann, olaf] = [await wire.browser(ANN), await wire.browser(OUTSIDER)]

  for (const { names, args, keys, writes, outsider } of methods(room)) {
    await t.test(names[0] ?? '', async (t) => {
      const answers: [string, Outcome][] = []
      for (const name of names) {
        answers.push([`json ${name}`, await roads.json(ann, name, args)])
        answers.push([`form ${name}`, await roads.form(ann, name, args)])
        answers.push([`socket ${name}`, await overSocket(await wire.page(ANN), name, args)])
        if (!writes) answers.push([`query ${name}`, await roads.query(ann, name, args)])
      }
      const [[, first] = ['', { status: 0, message: undefined }]] = answers
      t.equal(first.status, 200, JSON.stringify(first))
      for (const [place, expected] of Object.entries(keys)) {
        t.same(Object.keys(at(first.message, place) ?? {}).toSorted(), expected.toSorted(), place)
      }
      for (const [road, answer] of answers) t.same(settled(answer), settled(first), road)

      const before = await wire.rows()
      if (writes) {
        for (const name of names) {
          t.match(await roads.query(ann, name, args), { status: 403, exc_type: 'PermissionError' }, name)
        }
      }
      const guest = wire.served.client()
      for (const name of names) {
        for (const road of Object.values(roads)) {
          t.match(await road(guest, name, args), {
            status: 403,
            message: { success: false, error: { code: 'PERMISSION_DENIED' } },
          })
        }
      }
      if (outsider === 404) t.same(await wire.rows(), before, 'and nothing was written')
      for (const name of names) {
        const told = await roads.json(olaf, name, args)
        t.same(settled(await overSocket(await wire.page(OUTSIDER), name, args)), settled(told))
        if (outsider !== 404) t.match(told, { status: 200, message: outsider })
        else {
          t.match(told, {
            status: outsider,
            exc_type: 'DoesNotExistError',
            message: { error: { code: 'NOT_FOUND' } },
          })
          const missing = await roads.json(olaf, name, { ...args, room_id: 'CR-9999' })
          t.same(JSON.stringify(told), JSON.stringify(missing).replaceAll('CR-9999', room), 'as if not there')
        }
      }
    })
  }

  await t.test('every method of the app is in the table', (t) => {
    const known = methods(room).flatMap(({ names }) => names)
    const app = wire.site.registry.apps.find(({ definition }) => definition.name === 'f_chat')
    const offered = app?.methods.flatMap(({ name, aliases }) => [name, ...aliases]) ?? []
    t.same(offered.toSorted(), known.toSorted())
    t.end()
  })
})
