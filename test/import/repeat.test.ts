import t, { type Test } from 'tap'
import { FrappeDatabase } from '../support/frappe-source.ts'
import { eachTarget, type ImportLab } from '../support/import-lab.ts'
import { ANN, at, BEN, CLEO, DORA, message, soundWorld } from './world.ts'

t.setTimeout(300_000)
const SITE = 'new.test'

const bring = async (t: Test, lab: ImportLab, source: FrappeDatabase): Promise<string> =>
  await lab.bench.ok(t, ['--site', SITE, 'import-from-frappe', ...source.args], { env: source.env })

/** seq and change_seq of a room's messages have no gaps, and the room stands where they end. */
async function checkNumbers(t: Test, lab: ImportLab, room: string): Promise<void> {
  await lab.on(SITE, async ({ database }) => {
    const messages = await database
      .reader('tabChat Message')
      .where({ chat_room: room })
      .orderBy('seq')
      .select<{ seq: number; change_seq: number; is_deleted: number }[]>('seq', 'change_seq', 'is_deleted')
    const [stands] = await database.reader('tabChat Room').where({ name: room }).select<
      {
        last_seq: number
        change_seq: number
        deleted_count: number
        members_change_seq: number
        settings_change_seq: number
      }[]
    >('*')
    t.same(
      messages.map(({ seq }) => seq),
      messages.map((_, i) => i + 1),
      `${room}: seq`,
    )
    t.equal(stands?.last_seq, messages.length)
    t.equal(stands?.deleted_count, messages.filter(({ is_deleted }) => is_deleted === 1).length)
    const changes = messages.map(({ change_seq }) => change_seq)
    t.equal(new Set(changes).size, changes.length, `${room}: every change_seq once`)
    t.equal(
      stands?.change_seq,
      Math.max(...changes, stands?.members_change_seq ?? 0, stands?.settings_change_seq ?? 0),
    )
    const wrong = await database
      .reader('tabChat Room Member as m')
      .where('m.parent', room)
      .whereRaw(
        'm.own_since_read <> (select count(*) from `tabChat Message` c where c.chat_room = m.parent and c.sender = m.user and c.seq > m.last_read_seq)',
      )
      .select('m.user', 'm.last_read_seq', 'm.own_since_read')
    t.same(wrong, [], `${room}: own messages are counted`)
  })
}

await eachTarget(t, 'a later run brings what is new', async (t, lab) => {
  const source = await FrappeDatabase.create(t)
  await soundWorld(source)
  await lab.newSite(SITE)
  await bring(t, lab, source)
  await lab.on(SITE, async (site) => {
    await site.call(
      'f_chat.send_message',
      { room_id: 'CR-0001', message_content: 'written here' },
      { user: ANN },
    )
    await site.call('f_chat.delete_message', { message_id: 'MSG-0004' }, { user: ANN })
    await site.asAdministrator((ctx) =>
      ctx.setValue('Chat Settings', 'Chat Settings', { enable_message_reactions: 1 }),
    )
    await site.call('f_chat.add_reaction', { message_id: 'MSG-0007', emoji: '🎉' }, { user: CLEO })
  })
  const before = await lab.rows(SITE, 'Chat Room', [
    'name',
    'change_seq',
    'members_change_seq',
    'settings_change_seq',
  ])

  await source.insert('User', [{ name: 'eve@old.example', email: 'eve@old.example', first_name: 'Eve' }])
  await source.children('Chat Room Member', 'CR-0001', 'members', [
    { user: 'eve@old.example', role: 'Member' },
  ])
  await source.sql(
    "update `tabChat Room Member` set role = 'Member', is_muted = 0 where parent = 'CR-0001' and user = ?",
    [BEN],
  )
  await source.sql("delete from `tabChat Room Member` where parent = 'CR-0001' and user = ?", [CLEO])
  await source.sql(
    "update `tabChat Room Member` set last_read_timestamp = ? where parent = 'CR-0002' and user = ?",
    [at(21), ANN],
  )
  await source.sql(
    "update `tabChat Room Member` set last_read_timestamp = ? where parent = 'CR-0001' and user = ?",
    [at(1), ANN],
  )
  await source.sql(
    "update `tabChat Room` set room_name = 'Old harbour', room_status = 'Archived' where name = 'CR-0001'",
  )
  await source.insert('Chat Message', [
    message('MSG-0014', 'CR-0001', ANN, 90, 'the newest'),
    // Late: older than what has come already.
    message('MSG-0015', 'CR-0001', BEN, 9, 'late', { reply_to_message: 'MSG-0006' }),
    message('MSG-0016', 'CR-0003', DORA, 91, 'the first here'),
  ])
  await source.sql(
    "update `tabChat Message` set message_content = 'Answer, edited', is_edited = 1, edit_timestamp = ? where name = 'MSG-0007'",
    [at(92)],
  )
  await source.sql(
    "update `tabChat Message` set message_content = 'x', is_deleted = 1, delete_timestamp = ? where name = 'MSG-0005'",
    [at(93)],
  )
  // What was deleted here stays so.
  await source.sql("update `tabChat Message` set message_content = 'changed there' where name = 'MSG-0004'")
  await source.children('Chat Message Reaction', 'MSG-0006', 'reactions', [
    { user: BEN, reaction_emoji: '❤️' },
  ])
  await source.sql("update `tabChat Call Session` set call_status = 'Rejected' where name = 'CALL-0012'")

  const said = await bring(t, lab, source)
  t.match(said, /Chat Message +3 +4 +3 /)
  t.match(said, /Chat Room +0 +2 +1 /)
  t.match(said, /Chat Call Session +0 +2 +1 /)

  const messages = await lab.rows(
    SITE,
    'Chat Message',
    ['name', 'chat_room', 'seq', 'message_content', 'is_edited', 'is_deleted', 'reply_to_message'],
    'seq',
  )
  t.same(
    messages
      .filter(({ chat_room }) => chat_room === 'CR-0001')
      .map(({ seq, message_content, is_deleted }) => [seq, message_content, is_deleted]),
    [
      [1, 'This message was deleted', 1],
      [2, 'This message was deleted', 1],
      [3, 'Answer, edited', 0],
      [4, 'This message was deleted', 1],
      [5, 'the last one', 0],
      [6, 'written here', 0],
      [7, 'late', 0],
      [8, 'the newest', 0],
    ],
  )
  // "written here" has taken that number.
  const newest = messages.find(({ message_content }) => message_content === 'the newest')
  t.not(newest?.name, 'MSG-0014')
  t.match(
    messages.find(({ message_content }) => message_content === 'late'),
    { name: 'MSG-0015', reply_to_message: 'MSG-0006' },
  )
  t.match(
    messages.find(({ message_content }) => message_content === 'the first here'),
    { chat_room: 'CR-0003', seq: 1 },
  )
  t.same(await lab.rows(SITE, 'Chat Message Reaction', ['parent', 'user', 'reaction_emoji'], 'parent'), [
    { parent: 'MSG-0006', user: BEN, reaction_emoji: '❤️' },
    { parent: 'MSG-0007', user: CLEO, reaction_emoji: '🎉' },
  ])
  t.same(
    await lab.rows(SITE, 'Chat Message Mention', ['parent']),
    [],
    'whom a deleted message named is forgotten',
  )
  const members = await lab.rows(
    SITE,
    'Chat Room Member',
    ['parent', 'user', 'role', 'is_muted', 'last_read_seq'],
    'user',
  )
  t.same(
    members.filter(({ parent }) => parent === 'CR-0001'),
    [
      { parent: 'CR-0001', user: ANN, role: 'Admin', is_muted: 0, last_read_seq: 5 },
      { parent: 'CR-0001', user: BEN, role: 'Member', is_muted: 0, last_read_seq: 2 },
      { parent: 'CR-0001', user: 'eve@old.example', role: 'Member', is_muted: 0, last_read_seq: 0 },
    ],
  )
  t.match(
    members.find(({ parent, user }) => parent === 'CR-0002' && user === ANN),
    { last_read_seq: 2 },
  )
  const rooms = await lab.rows(SITE, 'Chat Room', [
    'name',
    'room_name',
    'room_status',
    'change_seq',
    'members_change_seq',
    'settings_change_seq',
  ])
  const stood = Number(before[0]?.change_seq)
  // Settings, members, three changed or deleted messages' two, and two new ones: one each.
  t.match(rooms[0], {
    room_name: 'Old harbour',
    room_status: 'Archived',
    settings_change_seq: stood + 1,
    members_change_seq: stood + 2,
    change_seq: stood + 7,
  })
  for (const room of ['CR-0001', 'CR-0002', 'CR-0003']) await checkNumbers(t, lab, room)
})

await eachTarget(t, 'a site in use keeps what it has', async (t, lab) => {
  const source = await FrappeDatabase.create(t)
  await soundWorld(source)
  await lab.newSite(SITE)
  await lab.on(SITE, async (site) => {
    await site.asAdministrator(async (ctx) => {
      for (const email of [ANN, BEN])
        await ctx.insert('User', { email, first_name: `${email} here`, roles: [{ role: 'Chat User' }] })
    })
    await site.call('f_chat.create_chat_room', { room_name: 'Own', room_type: 'Group Chat' }, { user: ANN })
    await site.call(
      'f_chat.create_chat_room',
      { room_name: 'x', room_type: 'Direct Message', members: [BEN] },
      { user: ANN },
    )
    for (const text of ['one', 'two', 'three'])
      await site.call('f_chat.send_message', { room_id: 'CR-0001', message_content: text }, { user: ANN })
  })
  const own = await lab.rows(SITE, 'Chat Message', ['name', 'message_content'])
  const [, direct] = await lab.rows(SITE, 'Chat Room', ['name'])
  const said = await bring(t, lab, source)
  t.match(said, /User +2 +2 +0/)
  const messages = await lab.rows(SITE, 'Chat Message', [
    'name',
    'chat_room',
    'seq',
    'message_content',
    'reply_to_message',
  ])
  for (const row of own)
    t.match(
      messages.find(({ name }) => name === row.name),
      row,
    )
  t.equal(messages.length, own.length + 7)
  const contents = messages
    .filter(({ chat_room }) => chat_room === direct?.name)
    .sort((a, b) => Number(a.seq) - Number(b.seq))
  t.same(
    contents.map(({ seq, message_content }) => [seq, message_content]).slice(1),
    [
      [2, '<b>Hi</b> 👋🏽'],
      [3, 'Hello; "quoted"'],
    ],
    'the Direct Message of the two is one',
  )
  const answer = messages.find(({ message_content }) => message_content === 'Answer')
  const original = messages.find(({ message_content }) => String(message_content).startsWith('Good morning'))
  t.equal(answer?.reply_to_message, original?.name, 'replies follow the names')
  t.match(
    (await lab.rows(SITE, 'User', ['name', 'full_name'])).find(({ name }) => name === ANN),
    { full_name: `${ANN} here` },
  )
  for (const { name } of await lab.rows(SITE, 'Chat Room', ['name'])) await checkNumbers(t, lab, String(name))
  const again = await bring(t, lab, source)
  t.match(again, /Chat Message +0 +7 +0/)
  await lab.on(SITE, async (site) => {
    for (let i = 0; i < 5; i += 1)
      await site.call('f_chat.send_message', { room_id: 'CR-0001', message_content: 'more' }, { user: ANN })
  })
})
