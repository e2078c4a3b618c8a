import t from 'tap'
import { HUGE, NO_NUMBER, NOBODY_MEANS, noRooms, tryBadInput, type Case } from '../../support/bad-input.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { roads, wireSite } from '../../support/wire.ts'

/** Nobody who could be added: what no user is called, and who is there already. */
const NOBODY = [
  ...NOBODY_MEANS,
  ...[
    'Guest',
    'guest',
    'nobody@test.example',
    `${BEN}\u200b`,
    'bén@test.example',
    BEN,
    BEN.toUpperCase(),
    ANN,
  ],
  ...['', ' ', null, [BEN], { user: OUTSIDER }],
]
/** No member, by any spelling. */
const NO_MEMBER = [...NOBODY_MEANS, OUTSIDER, CLEO, 'Guest', `${BEN}\u200b`, '', ' ', null, [BEN]]
const NO_ROLE = [...NOBODY_MEANS, 'Owner', 'admin', 'Member ', ['Admin']]
const NO_FLAG = ['x', 2, '2', -1, {}, [], [1]]

const cases = (room: string, others: string): Case[] => {
  const notARoom = noRooms(room, others)
  const adding = {
    args: { room_id: room, user_id: OUTSIDER, role: 'Member' },
    wrong: { room_id: notARoom, user_id: NOBODY, role: NO_ROLE },
  }
  return [
    {
      method: 'f_chat.check_room_permissions',
      args: { room_id: room },
      wrong: { room_id: notARoom, user_id: [0, {}, [], HUGE] },
    },
    {
      method: 'f_chat.get_user_room_role',
      args: { room_id: room },
      wrong: { room_id: notARoom, user_id: [0, {}, [], HUGE] },
    },
    { method: 'f_chat.get_room_details', args: { room_id: room }, wrong: { room_id: notARoom } },
    { method: 'f_chat.add_room_member', ...adding },
    { method: 'f_chat.add_member_to_room', ...adding },
    {
      method: 'f_chat.add_multiple_members_to_room',
      args: { room_id: room, user_list: [OUTSIDER], role: 'Member' },
      wrong: {
        room_id: notARoom,
        user_list: [...['x', '{', '[', 1, true, {}, [], [1], [null], [[]], [{}]], Array(1001).fill(OUTSIDER)],
        role: NO_ROLE,
      },
    },
    {
      method: 'f_chat.remove_room_member',
      args: { room_id: room, user_id: ANN },
      wrong: {
        room_id: notARoom,
        user_id: [...NO_MEMBER, ANN],
        new_admin: [...NOBODY_MEANS, ANN, OUTSIDER, 'Guest', [BEN]],
      },
    },
    {
      method: 'f_chat.update_member_role',
      args: { room_id: room, user_id: BEN, new_role: 'Moderator' },
      wrong: { room_id: notARoom, user_id: [...NO_MEMBER, ANN], new_role: [...NO_ROLE, null, ''] },
    },
    {
      method: 'f_chat.mute_unmute_member',
      args: { room_id: room, user_id: BEN, is_muted: 1 },
      wrong: { room_id: notARoom, user_id: [...NO_MEMBER, ANN], is_muted: [...NO_FLAG, null, ''] },
    },
    {
      method: 'f_chat.update_room_settings',
      args: { room_id: room, settings: { description: 'fine' } },
      wrong: {
        room_id: notARoom,
        settings: [
          ...['x', '{', '[]', 1, true, [], [1], null, { unknown: 1 }, { members: [] }, { last_seq: 1 }],
          ...[0, true, {}, [], null, '', ' ', '\0', '\u200b', 'x'.repeat(141), HUGE].map((room_name) => ({
            room_name,
          })),
          ...[0, true, {}, [], HUGE].map((description) => ({ description })),
          ...[...NO_NUMBER, 0, 1, 10_001, 1e308, null, ''].map((max_members) => ({ max_members })),
          ...[...NO_NUMBER, 36_501, 1e308, null].map((days) => ({ auto_delete_messages_after_days: days })),
          ...NO_FLAG.flatMap((flag) => [{ is_private: flag }, { allow_file_sharing: flag }]),
          ...[...NOBODY_MEANS, 'Direct Message', null].map((room_type) => ({ room_type })),
          ...[...NOBODY_MEANS, 'active', null].map((room_status) => ({ room_status })),
          { room_name: 'good', max_members: 1 },
          JSON.parse('{"__proto__": {"room_name": "x"}, "constructor": 1}'),
        ],
      },
    },
    { method: 'f_chat.archive_room', args: { room_id: room }, wrong: { room_id: notARoom } },
    { method: 'f_chat.join_team_room', args: { room_id: room }, wrong: { room_id: notARoom } },
    {
      method: 'f_chat.search_users_for_room',
      args: { room_id: room },
      wrong: {
        room_id: notARoom.filter((value) => value !== ''),
        search_term: [0, {}, [], HUGE],
        exclude_existing: NO_FLAG,
      },
    },
    {
      method: 'f_chat.create_chat_room',
      args: { room_name: 'Bad', room_type: 'Team Chat' },
      wrong: {
        team_master: [...NOBODY_MEANS, 'Nowhere'],
        client_id: [0, true, {}, [], 'x'.repeat(141), HUGE],
      },
    },
  ]
}

await eachDatabase(t, 'bad input to rooms', async (t, db) => {
  const wire = await wireSite(t, db)
  const room = await wire.room(ANN, [BEN])
  const others = await wire.room(OUTSIDER, [CLEO])
  await tryBadInput(t, wire, cases(room, others))

  await t.test('an archived and a deleted room', async (t) => {
    const ann = await wire.browser(ANN)
    const put = (room_status: string) =>
      roads.json(ann, 'f_chat.update_room_settings', { room_id: room, settings: { room_status } })
    const writes = {
      add_room_member: { user_id: OUTSIDER },
      add_multiple_members_to_room: { user_list: [OUTSIDER] },
      update_member_role: { user_id: BEN, new_role: 'Admin' },
      mute_unmute_member: { user_id: BEN, is_muted: 1 },
      update_room_settings: { settings: { room_name: 'x' } },
      archive_room: {},
    }
    for (const [status, expected] of [
      ['Archived', 417],
      ['Deleted', 404],
    ] as const) {
      await put(status)
      const before = await wire.rows()
      for (const [method, args] of Object.entries(writes)) {
        const answer = await roads.json(ann, `f_chat.${method}`, { room_id: room, ...args })
        t.equal(answer.status, expected, `${method}, ${status}`)
      }
      t.same(await wire.rows(), before)
    }
  })

  await t.test('names that are odd but somebody’s are kept as they are', async (t) => {
    const ann = await wire.browser(ANN)
    const odd = await wire.room(ANN, [])
    const ben = await wire.page(BEN)
    await roads.json(ann, 'f_chat.add_room_member', { room_id: odd, user_id: BEN })
    for (const room_name of [
      '<img src=x onerror=alert(1)>',
      '\u202eשלום\u202c',
      '👩‍👩‍👧‍👦 🏳️‍🌈',
      "x'); drop table `tabChat Room`; --",
      '\\ %_ ?? :name $1',
      'null',
      '0',
    ]) {
      const settings = { room_name, description: room_name }
      const { status } = await roads.json(ann, 'f_chat.update_room_settings', { room_id: odd, settings })
      t.equal(status, 200)
      const details = await roads.query(ann, 'f_chat.get_room_details', { room_id: odd })
      t.match(details.message.data.room, settings)
      const event = await ben.frame((frame) => frame.message?.new_values?.room_name === room_name)
      t.equal(event.message.room_name, room_name)
    }
  })
})
