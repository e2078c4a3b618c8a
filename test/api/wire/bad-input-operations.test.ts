import t from 'tap'
import {
  HUGE,
  NO_NUMBER,
  NOBODY_MEANS,
  noMessages,
  noRooms,
  tryBadInput,
  type Case,
} from '../../support/bad-input.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { wireSite } from '../../support/wire.ts'

const NO_TEXT = [0, true, {}, [], ['a'], HUGE]
const NO_DAY = [
  ...NOBODY_MEANS,
  ...['2026', '2026-13-01', '2026-02-30', '2026-01-01 25:00:00', '2026-01-01x', '0000-00-00', 'today'],
]
const NO_RECIPIENTS = [
  ...[0, true, {}, [], 'x', '{', [1], [null], [[]], [{}], [''], [' '], ['\u200b'], ['\0'], ['\ud800']],
  ...[
    ['nobody@elsewhere.example'],
    [BEN, 'x'],
    ['Guest'],
    ['%'],
    [`${BEN}\u200b`],
    [`${BEN}\nBcc: x@y.example`],
  ],
  ...[
    ['bén@test.example'],
    ['__proto__'],
    [HUGE],
    Array(1001).fill(BEN),
    [`"x" <${BEN}>`],
    [`${BEN},${ANN}`],
  ],
]
const NO_SUBJECT = [...NO_TEXT, 'a\r\nBcc: x@y.example', 'a\nb', 'a\0b', 'x'.repeat(201)]

const cases = (room: string, others: string, message: string, theirs: string): Case[] => {
  const notARoom = noRooms(room, others)
  const notAMessage = noMessages(message, theirs)
  return [
    {
      method: 'f_chat.send_message_via_email',
      args: { message_id: message, recipients: [BEN] },
      wrong: {
        message_id: notAMessage,
        recipients: NO_RECIPIENTS,
        subject: NO_SUBJECT,
        additional_message: [...NO_TEXT, 'x'.repeat(10_001)],
      },
    },
    {
      method: 'f_chat.send_file_via_email',
      args: { room_id: room, file_url: '/private/files/none', file_name: 'none', recipients: [BEN] },
      wrong: {
        room_id: notARoom,
        file_url: [
          ...NOBODY_MEANS,
          '',
          '/private/files/../../etc/passwd',
          'file:///etc/passwd',
          'x'.repeat(701),
        ],
        file_name: [...NO_TEXT, 'x', '../x', 'a\r\nb'],
        recipients: NO_RECIPIENTS,
        subject: NO_SUBJECT,
        message_content: NO_TEXT,
      },
    },
    {
      method: 'f_chat.get_available_email_recipients',
      args: { room_id: room },
      wrong: { room_id: notARoom },
    },
    {
      method: 'f_chat.send_broadcast_message',
      args: { room_ids: [room], message_content: 'bad' },
      wrong: {
        room_ids: [
          ...[0, true, {}, [], 'x', '{', room, [0], [null], [[]], [{}], [''], [room, 1], [HUGE]],
          Array.from({ length: 101 }, (_, i) => `CR-${String(i)}`),
        ],
        message_content: [
          0,
          true,
          null,
          {},
          [],
          '',
          ' \t\n ',
          '\0',
          '\u200b',
          '\u3164',
          HUGE,
          '😀'.repeat(4001),
        ],
        message_type: [...NOBODY_MEANS, 'System', 'Announcement', 'Text', 'File', 'broadcast'],
        attachments: ['x', '{', 1, {}, [1], [{}], [{ file_url: 1 }], [{ file_url: '' }], Array(101).fill({})],
        client_id: [0, true, {}, [], 'x'.repeat(101), HUGE],
      },
    },
    { method: 'f_chat.get_broadcast_rooms', args: {}, wrong: { search: NO_TEXT } },
    {
      method: 'f_chat.get_broadcast_history',
      args: {},
      wrong: { page: [...NO_NUMBER, 0, 1_000_001, 1e308], page_size: [...NO_NUMBER, 0, 101, 1e308] },
    },
    {
      method: 'f_chat.get_chat_analytics',
      args: { room_id: room },
      wrong: { room_id: notARoom, period: [...NOBODY_MEANS, 'Week', 'decade', 'week '] },
    },
    {
      method: 'f_chat.export_chat_messages',
      args: { room_id: room },
      wrong: {
        room_id: notARoom,
        from_date: NO_DAY,
        to_date: NO_DAY,
        format_type: [...NOBODY_MEANS, 'xlsx', 'CSV', 'json '],
      },
    },
    { method: 'f_chat.get_room_storage_usage', args: { room_id: room }, wrong: { room_id: notARoom } },
    { method: 'f_chat.manual_cleanup_room', args: { room_id: room }, wrong: { room_id: notARoom } },
  ]
}

await eachDatabase(t, 'bad input', async (t, db) => {
  const wire = await wireSite(t, db)
  const room = await wire.room(ANN, [BEN])
  const others = await wire.room(OUTSIDER, [CLEO])
  const { message_id } = await wire.send(ANN, room, 'hello')
  const theirs = await wire.send(OUTSIDER, others, 'hello')
  const mails = async (): Promise<unknown> =>
    await wire.site.database.reader('tabEmail Queue').count({ n: '*' })
  const before = await mails()
  await tryBadInput(t, wire, cases(room, others, message_id, theirs.message_id))
  t.same(await mails(), before, 'and nothing is mailed')
})
