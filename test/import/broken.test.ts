import { readFileSync } from 'node:fs'
import t from 'tap'
import { FrappeDatabase } from '../support/frappe-source.ts'
import { eachTarget } from '../support/import-lab.ts'
import { ANN, at, BEN, CLEO, message } from './world.ts'

t.setTimeout(240_000)
const SITE = 'new.test'

/** Each is listed once. */
const REASONS = [
  /^User\tghost@old.example\tis named by the chat and does not exist/,
  /^User\tWithout Address\thas no e-mail address/,
  /^Chat Room\tCR-0002\thas no room_name/,
  /^Chat Room\tCR-0002\tits room_type "Party" does not exist; brought as Group Chat/,
  /^Chat Room\tCR-0002\tits room_status "Gone" does not exist; brought as Archived/,
  /^Chat Room\tCR-0002\tits created_by "ghost@old.example" does not exist/,
  /^Chat Room\tCR-0003\tis a Direct Message of 1 members/,
  /^Chat Room\tCR-0005\tthese two have the Direct Message CR-0004 here/,
  /^Chat Room Member\t\S+\tits user "ghost@old.example" does not exist/,
  /^Chat Room Member\t\S+\tits user "Without Address" does not exist/,
  /^Chat Room Member\t\S+\tits user "Guest" does not exist/,
  /^Chat Room Member\t\S+\tits role "Boss" does not exist; brought as Member/,
  /^Chat Room Member\t\S+\tann@old.example is a member twice/,
  /^Chat Room Member\torphan-member\tbelongs to Chat Room "CR-0999"/,
  /^Chat Message\tMSG-0010\thas no chat_room/,
  /^Chat Message\tMSG-0011\tits chat_room CR-0999 does not exist/,
  /^Chat Message\tMSG-0012\tits sender "ghost@old.example" does not exist/,
  /^Chat Message\tMSG-0013\tits sender "" does not exist/,
  /^Chat Message\tMSG-0014\tits time "0000-00-00 00:00:00.*" never was, nor does it have another/,
  /^Chat Message\tMSG-0020\tits message_type "Poem" does not exist; brought as Text/,
  /^Chat Message\tMSG-0022\tits timestamp "0000-00-00.*" never was; brought with the time of its creation/,
  /^Chat Message\tmy message\twhat it replies to \(MSG-0030\) is not before it in its room/,
  /^Chat Message\tMSG-0024\thas 5000 characters, more than the 4000.*brought whole/,
  /^Chat Message\tMSG-0025\thas 120000 characters; brought cut/,
  /^Chat Message\tMSG-0026\twhat it replies to \(MSG-0998\)/,
  /^Chat Message Reaction\t\S+\tits reaction_emoji is no emoji/,
  /^Chat Message Reaction\t\S+\tits user "ghost@old.example"/,
  /^Chat Message Reaction\t\S+\tsays what another one of the same user says/,
  /^Chat Message Reaction\torphan-reaction\tbelongs to Chat Message "MSG-0999"/,
  /^Chat Message Attachment\torphan-attachment\tbelongs to Chat Message ""/,
  /^Chat Call Session\tCALL-0040\tits chat_room "CR-0999"/,
  /^Chat Call Session\tCALL-0041\tits call_status "Lost" does not exist; brought as Missed/,
  /^Chat Settings\tmax_file_size\tis no number/,
]

async function brokenWorld(source: FrappeDatabase): Promise<void> {
  await source.sql("insert into tabSingles values ('System Settings', 'time_zone', 'Asia/Kolkata')")
  await source.sql("insert into tabSingles values ('Chat Settings', 'max_file_size', 'large')")
  await source.insert('User', [
    { name: ANN, email: ANN, first_name: 'Ann' },
    { name: BEN, email: 'not an address', first_name: 'Ben' },
    { name: CLEO, email: CLEO, full_name: 'Cleo of Old' },
    { name: 'Without Address', email: '', first_name: 'W' },
  ])
  await source.insert('Chat Room', [
    { name: 'CR-0001', room_name: 'Café Zürich', created_by: ANN, creation_date: at(0) },
    {
      name: 'CR-0002',
      room_name: '',
      room_type: 'Party',
      room_status: 'Gone',
      created_by: 'ghost@old.example',
      creation_date: at(1),
      max_members: -3,
    },
    {
      name: 'CR-0003',
      room_name: 'Alone',
      room_type: 'Direct Message',
      created_by: ANN,
      creation_date: at(2),
    },
    {
      name: 'CR-0004',
      room_name: 'Twice',
      room_type: 'Direct Message',
      created_by: ANN,
      creation_date: at(3),
    },
    {
      name: 'CR-0005',
      room_name: 'Twice again',
      room_type: 'direct message',
      created_by: BEN,
      creation_date: at(4),
    },
  ])
  await source.children('Chat Room Member', 'CR-0001', 'members', [
    { user: ANN, role: 'Member', last_read_timestamp: at(90) },
    { user: BEN, role: 'Boss' },
    { user: CLEO, role: 'Member', last_read_timestamp: '0000-00-00 00:00:00' },
    { user: 'ghost@old.example', role: 'Admin' },
    { user: 'Guest' },
    { user: 'Without Address' },
    { user: 'ANN@old.example', role: 'Admin' },
  ])
  await source.children('Chat Room Member', 'CR-0003', 'members', [{ user: ANN }])
  await source.children('Chat Room Member', 'CR-0004', 'members', [{ user: ANN }, { user: BEN }])
  await source.children('Chat Room Member', 'CR-0005', 'members', [{ user: BEN }, { user: ANN }])
  await source.insert('Chat Room Member', [{ name: 'orphan-member', parent: 'CR-0999', user: ANN }])
  await source.insert('Chat Message', [
    message('MSG-0010', 'CR-0001', ANN, 10, 'lost', { chat_room: null }),
    message('MSG-0011', 'CR-0999', ANN, 11, 'lost'),
    message('MSG-0012', 'CR-0001', 'ghost@old.example', 12, 'lost'),
    message('MSG-0013', 'CR-0001', ANN, 13, 'lost', { sender: null }),
    message('MSG-0014', 'CR-0001', ANN, 14, 'lost', {
      timestamp: '0000-00-00 00:00:00',
      creation: '0000-00-00 00:00:00',
    }),
    message('MSG-0020', 'CR-0001', ANN, 20, 'odd 1', { message_type: 'Poem' }),
    message('MSG-0022', 'CR-0001', ANN, 0, 'odd 2', { timestamp: '0000-00-00 00:00:00', creation: at(21) }),
    message('my message', 'CR-0001', ANN, 22, 'odd 3', { reply_to_message: 'MSG-0030' }),
    message('MSG-0024', 'CR-0001', ANN, 23, 'x'.repeat(5000)),
    message('MSG-0025', 'CR-0001', ANN, 24, 'y'.repeat(120_000)),
    message('MSG-0026', 'CR-0001', BEN, 25, 'odd 6', { reply_to_message: 'MSG-0998' }),
    message('MSG-0030', 'CR-0004', ANN, 30, 'here'),
    message('MSG-0031', 'CR-0005', BEN, 31, 'and there'),
  ])
  await source.children('Chat Message Reaction', 'MSG-0020', 'reactions', [
    { user: ANN, reaction_emoji: '👍', timestamp: at(26) },
    { user: ANN, reaction_emoji: '👍', timestamp: at(27) },
    { user: BEN, reaction_emoji: '<img src=x>' },
    { user: 'ghost@old.example', reaction_emoji: '👍' },
  ])
  await source.insert('Chat Message Reaction', [
    { name: 'orphan-reaction', parent: 'MSG-0999', user: ANN, reaction_emoji: '👍' },
  ])
  await source.insert('Chat Message Attachment', [
    { name: 'orphan-attachment', parent: null, file_name: 'x', file_url: '/files/x' },
  ])
  await source.insert('Chat Call Session', [
    { name: 'CALL-0040', chat_room: 'CR-0999', initiated_by: ANN, start_time: at(40), call_status: 'Ended' },
    { name: 'CALL-0041', chat_room: 'CR-0001', initiated_by: ANN, start_time: at(41), call_status: 'Lost' },
  ])
}

await eachTarget(t, 'what is broken is listed, and the rest comes', async (t, lab) => {
  const source = await FrappeDatabase.create(t, {
    old: true,
    without: ['Chat User Activity', 'Chat Call Participant'],
  })
  // The presence table is missing, and so are participants.
  await source.sql('create table `tabChat User Activity` (name varchar(140) primary key)')
  await source.sql(
    'create table `tabChat Call Participant` (name varchar(140) primary key, parent varchar(140), user varchar(140))',
  )
  await brokenWorld(source)
  await lab.newSite(SITE)
  const said = await lab.bench.ok(t, ['--site', SITE, 'import-from-frappe', ...source.args], {
    env: source.env,
  })
  const report = readFileSync(/listed in (.*)$/m.exec(said)?.[1] ?? '', 'utf8')
  t.match(said, /source's time zone is Asia\/Kolkata and this site's is/)
  t.match(report, /Asia\/Kolkata/)
  const lines = report.split('\n').filter((line) => line.includes('\t'))
  t.same(
    lines.filter((line) => !REASONS.some((reason) => reason.test(line))),
    [],
    'nothing else is listed',
  )
  for (const reason of REASONS) t.equal(lines.filter((line) => reason.test(line)).length, 1, String(reason))

  t.same(
    await lab.rows(SITE, 'Chat Room', [
      'name',
      'room_name',
      'room_type',
      'room_status',
      'last_seq',
      'change_seq',
      'direct_key',
      'max_members',
    ]),
    [
      {
        name: 'CR-0001',
        room_name: 'Café Zürich',
        room_type: 'Group Chat',
        room_status: 'Active',
        last_seq: 6,
        change_seq: 6,
        direct_key: null,
        max_members: 50,
      },
      {
        name: 'CR-0002',
        room_name: 'CR-0002',
        room_type: 'Group Chat',
        room_status: 'Archived',
        last_seq: 0,
        change_seq: 1,
        direct_key: null,
        max_members: 50,
      },
      {
        name: 'CR-0003',
        room_name: 'Alone',
        room_type: 'Direct Message',
        room_status: 'Active',
        last_seq: 0,
        change_seq: 1,
        direct_key: null,
        max_members: 50,
      },
      {
        name: 'CR-0004',
        room_name: 'Twice',
        room_type: 'Direct Message',
        room_status: 'Active',
        last_seq: 2,
        change_seq: 2,
        direct_key: `${ANN}\n${BEN}`,
        max_members: 50,
      },
    ],
  )
  const members = await lab.rows(
    SITE,
    'Chat Room Member',
    ['parent', 'idx', 'user', 'role', 'is_muted', 'last_read_seq'],
    'parent',
  )
  t.same(
    members.filter(({ parent }) => parent === 'CR-0001').sort((a, b) => Number(a.idx) - Number(b.idx)),
    [
      { parent: 'CR-0001', idx: 1, user: ANN, role: 'Admin', is_muted: 0, last_read_seq: 6 },
      { parent: 'CR-0001', idx: 2, user: BEN, role: 'Member', is_muted: 0, last_read_seq: 0 },
      { parent: 'CR-0001', idx: 3, user: CLEO, role: 'Member', is_muted: 0, last_read_seq: 0 },
    ],
  )
  const messages = await lab.rows(
    SITE,
    'Chat Message',
    ['name', 'chat_room', 'seq', 'message_type', 'timestamp', 'reply_to_message', 'message_content'],
    'seq',
  )
  t.same(
    messages
      .filter(({ chat_room }) => chat_room === 'CR-0001')
      .map(({ name, seq, message_type, timestamp, reply_to_message, message_content }) => [
        name,
        seq,
        message_type,
        timestamp,
        reply_to_message,
        String(message_content).length,
      ]),
    [
      ['MSG-0020', 1, 'Text', at(20), null, 5],
      ['MSG-0022', 2, 'Text', at(21), null, 5],
      // Its own name could be one that the site gives later.
      [
        messages.find(({ seq, chat_room }) => seq === 3 && chat_room === 'CR-0001')?.name,
        3,
        'Text',
        at(22),
        null,
        5,
      ],
      ['MSG-0024', 4, 'Text', at(23), null, 5000],
      ['MSG-0025', 5, 'Text', at(24), null, 100_000],
      ['MSG-0026', 6, 'Text', at(25), null, 5],
    ],
  )
  t.same(
    messages.filter(({ chat_room }) => chat_room === 'CR-0004').map(({ name, seq }) => [name, seq]),
    [
      ['MSG-0030', 1],
      ['MSG-0031', 2],
    ],
  )
  t.same(await lab.rows(SITE, 'Chat Message Reaction', ['parent', 'reaction_emoji']), [
    { parent: 'MSG-0020', reaction_emoji: '👍' },
  ])
  const numbers = await lab.rows(SITE, 'Chat Message', ['name'])
  t.equal(new Set(numbers.map(({ name }) => name)).size, messages.length)
})
