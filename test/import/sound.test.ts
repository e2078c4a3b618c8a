import t from 'tap'
import { FrappeDatabase } from '../support/frappe-source.ts'
import { eachTarget } from '../support/import-lab.ts'
import { ANN, at, BEN, CLEO, DORA, soundWorld } from './world.ts'

t.setTimeout(240_000)
const SITE = 'new.test'

await eachTarget(t, 'a sound site comes as it was', async (t, lab) => {
  const source = await FrappeDatabase.create(t)
  await soundWorld(source)
  const before = await source.checksum()
  await lab.newSite(SITE)
  const run = ['--site', SITE, 'import-from-frappe', ...source.args]
  const said = await lab.bench.ok(t, run, { env: source.env })
  t.match(said, /Chat Message +7 +0 +0 +0/)
  t.match(said, /3 rows are listed in .*\.log/)
  t.equal(await source.checksum(), before, 'the source has not changed')

  await t.test('users: without passwords, with the roles that are here', async (t) => {
    const users = await lab.rows(SITE, 'User', ['name', 'full_name', 'enabled', 'user_type', 'user_image'])
    t.same(
      users.filter(({ name }) => String(name).includes('@')),
      [
        { name: ANN, full_name: 'Ann Old', enabled: 1, user_type: 'System User', user_image: null },
        {
          name: BEN,
          full_name: 'Ben',
          enabled: 1,
          user_type: 'System User',
          user_image: 'https://pictures.example/ben.png',
        },
        { name: CLEO, full_name: 'Cleo', enabled: 1, user_type: 'System User', user_image: null },
        { name: DORA, full_name: 'Dora Away', enabled: 0, user_type: 'Website User', user_image: null },
      ],
    )
    const roles = await lab.rows(SITE, 'Has Role', ['parent', 'role'], 'parent')
    t.same(
      roles.filter(({ parent }) => String(parent).includes('@')),
      [
        { parent: ANN, role: 'System Manager' },
        { parent: BEN, role: 'Chat User' },
        { parent: CLEO, role: 'Chat User' },
      ],
    )
  })

  await t.test('rooms and members', async (t) => {
    t.same(
      await lab.rows(SITE, 'Chat Room', [
        'name',
        'room_name',
        'room_type',
        'room_status',
        'created_by',
        'last_seq',
        'change_seq',
        'members_change_seq',
        'deleted_count',
        'last_message_at',
        'direct_key',
        'is_private',
        'max_members',
        'allow_file_sharing',
      ]),
      [
        {
          name: 'CR-0001',
          room_name: 'Harbour',
          room_type: 'Group Chat',
          room_status: 'Active',
          created_by: ANN,
          last_seq: 5,
          change_seq: 5,
          members_change_seq: 1,
          deleted_count: 1,
          last_message_at: at(14),
          direct_key: null,
          is_private: 0,
          max_members: 30,
          allow_file_sharing: 1,
        },
        {
          name: 'CR-0002',
          room_name: 'Ann, Ben',
          room_type: 'Direct Message',
          room_status: 'Active',
          created_by: BEN,
          last_seq: 2,
          change_seq: 2,
          members_change_seq: 1,
          deleted_count: 0,
          last_message_at: at(21),
          direct_key: `${ANN}\n${BEN}`,
          is_private: 0,
          max_members: 50,
          allow_file_sharing: 1,
        },
        {
          name: 'CR-0003',
          room_name: 'Quiet',
          room_type: 'Announcement',
          room_status: 'Archived',
          created_by: ANN,
          last_seq: 0,
          change_seq: 1,
          members_change_seq: 1,
          deleted_count: 0,
          last_message_at: at(2),
          direct_key: null,
          is_private: 1,
          max_members: 50,
          allow_file_sharing: 0,
        },
      ],
    )
    const members = await lab.rows(
      SITE,
      'Chat Room Member',
      ['parent', 'idx', 'user', 'role', 'is_admin', 'is_muted', 'last_read_seq', 'own_since_read'],
      'parent',
    )
    t.same(
      members.sort((a, b) =>
        `${String(a.parent)}${String(a.idx)}`.localeCompare(`${String(b.parent)}${String(b.idx)}`),
      ),
      [
        {
          parent: 'CR-0001',
          idx: 1,
          user: ANN,
          role: 'Admin',
          is_admin: 1,
          is_muted: 0,
          last_read_seq: 5,
          own_since_read: 0,
        },
        {
          parent: 'CR-0001',
          idx: 2,
          user: BEN,
          role: 'Moderator',
          is_admin: 0,
          is_muted: 1,
          last_read_seq: 2,
          own_since_read: 1,
        },
        {
          parent: 'CR-0001',
          idx: 3,
          user: CLEO,
          role: 'Member',
          is_admin: 0,
          is_muted: 0,
          last_read_seq: 0,
          own_since_read: 1,
        },
        {
          parent: 'CR-0002',
          idx: 1,
          user: BEN,
          role: 'Admin',
          is_admin: 1,
          is_muted: 0,
          last_read_seq: 2,
          own_since_read: 0,
        },
        {
          parent: 'CR-0002',
          idx: 2,
          user: ANN,
          role: 'Member',
          is_admin: 0,
          is_muted: 0,
          last_read_seq: 1,
          own_since_read: 1,
        },
        {
          parent: 'CR-0003',
          idx: 1,
          user: DORA,
          role: 'Admin',
          is_admin: 1,
          is_muted: 0,
          last_read_seq: 0,
          own_since_read: 0,
        },
      ],
    )
  })

  await t.test('messages, in the order of their time', async (t) => {
    const messages = await lab.rows(SITE, 'Chat Message', [
      'name',
      'chat_room',
      'seq',
      'change_seq',
      'sender',
      'message_type',
      'message_content',
      'reply_to_message',
      'is_edited',
      'is_deleted',
      'timestamp',
    ])
    t.same(
      messages.map(({ name, chat_room, seq, change_seq, sender }) => [
        name,
        chat_room,
        seq,
        change_seq,
        sender,
      ]),
      [
        ['MSG-0004', 'CR-0001', 1, 1, ANN],
        ['MSG-0005', 'CR-0001', 2, 2, BEN],
        ['MSG-0006', 'CR-0001', 5, 5, CLEO],
        ['MSG-0007', 'CR-0001', 3, 3, ANN],
        ['MSG-0008', 'CR-0001', 4, 4, BEN],
        ['MSG-0009', 'CR-0002', 1, 1, BEN],
        ['MSG-0010', 'CR-0002', 2, 2, ANN],
      ],
    )
    const byName = new Map(messages.map((row) => [row.name, row]))
    t.match(byName.get('MSG-0005'), {
      message_content: 'Good morning @Ann Old, سفينة and 船',
      timestamp: at(11),
    })
    t.match(byName.get('MSG-0007'), { reply_to_message: 'MSG-0005' })
    t.match(byName.get('MSG-0006'), { is_edited: 1 })
    t.match(byName.get('MSG-0008'), { is_deleted: 1, message_content: 'This message was deleted' })
    t.match(byName.get('MSG-0009'), { message_content: '<b>Hi</b> 👋🏽' })
    const reactions = await lab.rows(
      SITE,
      'Chat Message Reaction',
      ['parent', 'user', 'reaction_emoji'],
      'idx',
    )
    t.same(reactions, [
      { parent: 'MSG-0005', user: ANN, reaction_emoji: '👍' },
      { parent: 'MSG-0005', user: CLEO, reaction_emoji: '🇯🇵' },
    ])
    t.match(await lab.rows(SITE, 'Chat Message Mention', ['parent', 'user', 'seq']), [
      { parent: 'MSG-0005', user: ANN, seq: 2 },
    ])
  })

  await t.test('search finds them, and members read them', async (t) => {
    await lab.on(SITE, async (site) => {
      const find = async (search_term: string): Promise<string[]> => {
        const args = { room_id: 'CR-0001', search_term }
        const answer = (await site.call('f_chat.search_messages', args, { user: ANN })) as {
          data: { messages: { name: string }[] }
        }
        return answer.data.messages.map(({ name }) => name)
      }
      t.same(await find('سفينة'), ['MSG-0005'])
      t.same(await find('船'), ['MSG-0005'])
      t.same(await find('deleted'), [])
      const rooms = (await site.call('f_chat.get_user_chat_rooms', {}, { user: BEN })) as {
        data: { rooms: { name: string; unread_count: number }[] }
      }
      t.same(
        rooms.data.rooms.map(({ name, unread_count }) => [name, unread_count]),
        [
          ['CR-0002', 0],
          ['CR-0001', 2],
        ],
      )
      // The next names follow on those that came.
      const sent = (await site.call(
        'f_chat.send_message',
        { room_id: 'CR-0002', message_content: 'new' },
        { user: ANN },
      )) as { data: { message_id: string; seq: number } }
      t.match(sent.data, { message_id: 'MSG-0014', seq: 3 })
    })
  })

  await t.test('calls are over', async (t) => {
    t.same(
      await lab.rows(SITE, 'Chat Call Session', [
        'name',
        'chat_room',
        'call_status',
        'session_id',
        'end_time',
        'total_duration',
        'active_room',
      ]),
      [
        {
          name: 'CALL-0011',
          chat_room: 'CR-0002',
          call_status: 'Ended',
          session_id: 'one',
          end_time: at(52),
          total_duration: 120,
          active_room: null,
        },
        {
          name: 'CALL-0012',
          chat_room: 'CR-0001',
          call_status: 'Missed',
          session_id: 'two',
          end_time: at(60),
          total_duration: 0,
          active_room: null,
        },
        {
          name: 'CALL-0013',
          chat_room: 'CR-0001',
          call_status: 'Ended',
          session_id: null,
          end_time: at(71.5),
          total_duration: 90,
          active_room: null,
        },
      ],
    )
    const participants = await lab.rows(SITE, 'Chat Call Participant', ['parent', 'user', 'status'], 'parent')
    t.same(
      participants.filter(({ parent }) => parent === 'CALL-0013').map(({ status }) => status),
      ['Left', 'Left'],
    )
  })

  await t.test('presence and settings', async (t) => {
    t.match(
      await lab.rows(SITE, 'Chat User Activity', [
        'name',
        'chat_status',
        'is_online',
        'active_room',
        'last_seen',
      ]),
      [{ name: ANN, chat_status: 'offline', is_online: 0, active_room: null, last_seen: at(80) }],
    )
    await lab.on(SITE, async (site) => {
      const settings = await site.asAdministrator((ctx) => ctx.getDoc('Chat Settings', 'Chat Settings'))
      t.match(settings.plain(), {
        message_edit_time_limit: 48,
        enable_message_reactions: 0,
        max_file_size: 5242880,
      })
    })
  })

  await t.test('a second run changes nothing', async (t) => {
    const again = await lab.bench.ok(t, run, { env: source.env })
    t.match(again, /Chat Message +0 +7 +0/)
    t.match(again, /Chat Room +0 +3 +0/)
    t.equal((await lab.rows(SITE, 'Chat Message', ['name'])).length, 8)
    t.match(await lab.rows(SITE, 'Chat Room', ['name', 'change_seq']), [
      { name: 'CR-0001', change_seq: 5 },
      { name: 'CR-0002', change_seq: 3 },
      { name: 'CR-0003', change_seq: 1 },
    ])
  })
})
