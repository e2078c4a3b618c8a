import t from 'tap'
import { buildTimeline } from '../../public/chat/timeline.ts'
import { filterRooms, disabledReason, previewLine } from '../../public/chat/rooms.ts'
import { messageFromRow, type Message } from '../../public/shared/store/model.ts'
import { roomFromRow } from '../../public/shared/store/room.ts'

const ME = 'me@example.com'
const reader = { me: ME, timeZone: 'UTC' }
const noon = new Date(2026, 5, 17, 12).getTime()

function message(seq: number, sender: string, minutes: number, more: Partial<Message> = {}): Message {
  const base = messageFromRow({ name: `MSG-${seq}`, seq, sender, message_content: `text ${seq}` }, reader)
  return { ...base, at: noon + minutes * 60_000, ...more }
}

const layOut = (messages: Message[], newAfter: number | null = null) =>
  buildTimeline({ messages, pending: [], me: ME, newAfter }).map((item) =>
    item.kind === 'group'
      ? `${item.sender.slice(0, 1)}${item.own ? '*' : ''}${item.entries.length}`
      : item.kind,
  )

t.test('messages of one sender within five minutes of each other are one group', async (t) => {
  t.same(layOut([message(1, 'asha', 0), message(2, 'asha', 4), message(3, 'asha', 8)]), ['day', 'a3'])
  t.same(layOut([message(1, 'asha', 0), message(2, 'asha', 5)]), ['day', 'a1', 'a1'])
  t.same(layOut([message(1, 'asha', 0), message(2, ME, 1), message(3, 'asha', 2)]), [
    'day',
    'a1',
    'm*1',
    'a1',
  ])
})

t.test('a new day, a system line and the New line part a group', async (t) => {
  const midnight = 12 * 60
  t.same(layOut([message(1, 'asha', midnight - 1), message(2, 'asha', midnight + 1)]), [
    'day',
    'a1',
    'day',
    'a1',
  ])
  const system = message(2, 'asha', 1, { type: 'System' })
  t.same(layOut([message(1, 'asha', 0), system, message(3, 'asha', 2)]), ['day', 'a1', 'system', 'a1'])
  t.same(layOut([message(1, 'asha', 0), message(2, 'asha', 1)], 1), ['day', 'a1', 'new', 'a1'])
})

t.test("the New line stands before another's message, once, and not without one", async (t) => {
  t.same(
    layOut([message(1, 'asha', 0), message(2, ME, 1), message(3, 'asha', 2), message(4, 'asha', 9)], 1),
    ['day', 'a1', 'm*1', 'new', 'a1', 'a1'],
  )
  t.same(layOut([message(1, 'asha', 0), message(2, ME, 1)], 1), ['day', 'a1', 'm*1'])
})

t.test('a message keeps its key from the moment it is sent', async (t) => {
  const send = {
    clientId: 'c-1',
    room: 'CR-1',
    content: 'hello',
    at: noon,
    state: 'sending',
    error: '',
    seq: 0,
  } as const
  const keys = (items: ReturnType<typeof buildTimeline>) =>
    items.flatMap((item) => (item.kind === 'group' ? item.entries.map((entry) => entry.key) : []))
  const sending = buildTimeline({ messages: [], pending: [send], me: ME, newAfter: null })
  const stored = buildTimeline({
    messages: [message(1, ME, 0, { clientId: 'c-1' })],
    pending: [],
    me: ME,
    newAfter: null,
  })
  t.same(keys(sending), ['c-1'])
  t.same(keys(stored), ['c-1'])
})

const room = (row: Record<string, unknown>) =>
  roomFromRow({ last_message_time: '2026-01-01 00:00:00', ...row }, reader)

t.test("a room's line says who spoke, where that is not plain", async (t) => {
  const line = (row: Record<string, unknown>) => previewLine(room(row), ME)
  const asha = { last_message: 'hi', last_message_sender: 'asha', last_message_sender_name: 'Asha Rao' }
  t.same(line({ ...asha, room_type: 'Group Chat' }), { text: 'Asha: hi', quiet: false })
  t.same(line({ ...asha, room_type: 'Direct Message' }), { text: 'hi', quiet: false })
  t.same(line({ last_message: 'hi', last_message_sender: ME }), { text: 'You: hi', quiet: false })
  t.same(line({ ...asha, last_message_type: 'System' }), { text: 'hi', quiet: true })
  t.same(line({ last_message_time: null }), { text: 'No messages yet', quiet: true })
})

t.test('rooms are narrowed by filter and by every word of the search', async (t) => {
  const rooms = [
    room({ name: 'a', room_name: 'Asha Rao', room_type: 'Direct Message', last_seq: 2, last_read_seq: 2 }),
    room({
      name: 'b',
      room_name: 'Night Shift Warehouse',
      room_type: 'Group Chat',
      last_seq: 3,
      last_read_seq: 1,
    }),
  ]
  const names = (...args: [Parameters<typeof filterRooms>[1], string]) =>
    filterRooms(rooms, ...args).map((r) => r.name)
  t.same(names('all', ''), ['a', 'b'])
  t.same(names('unread', ''), ['b'])
  t.same(names('direct', ''), ['a'])
  t.same(names('rooms', 'ware night'), ['b'])
  t.same(names('all', 'zzz'), [])
})

t.test('why nothing can be written', async (t) => {
  const open = { status: 'Active', muted: false, type: 'Group Chat', role: 'Member' }
  t.equal(disabledReason(open), '')
  t.match(disabledReason({ ...open, status: 'Archived' }), /archived/)
  t.match(disabledReason({ ...open, muted: true }), /muted/)
  t.match(disabledReason({ ...open, type: 'Announcement' }), /admins and moderators/)
  t.equal(disabledReason({ ...open, type: 'Announcement', role: 'Moderator' }), '')
})

t.test('what is on its way stands after what is stored, by a clock that runs behind too', async (t) => {
  const send = {
    clientId: 'c-1',
    room: 'CR-1',
    content: 'hello',
    at: noon - 3 * 86_400_000,
    state: 'sending',
    error: '',
    seq: 0,
  } as const
  const items = buildTimeline({ messages: [message(1, ME, 0)], pending: [send], me: ME, newAfter: null })
  t.same(
    items.map(({ kind }) => kind),
    ['day', 'group'],
    'no day of its own',
  )
})
