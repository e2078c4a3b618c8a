import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import type { Answer, Client } from '../../support/server.ts'
import { ANN, BEN, OUTSIDER } from '../../support/site.ts'
import { roads, wireSite } from '../../support/wire.ts'

const ADMINISTRATOR = 'Administrator'
const MANAGER = 'manager@test.example'
const ROLELESS = 'roleless@test.example'
/** A member who has no role of the chat. */
const GUESTED = 'guested@test.example'

const at = (doctype: string, name = ''): string =>
  `/api/resource/${encodeURIComponent(doctype)}${name && `/${encodeURIComponent(name)}`}`

const status = async (answer: Promise<Answer>): Promise<number> => (await answer).status

await eachDatabase(t, '/api/resource', async (t, db) => {
  const wire = await wireSite(t, db)
  const { site } = wire
  await wire.person(MANAGER, { roles: [{ role: 'System Manager' }] })
  await wire.person(ROLELESS)
  await wire.person(GUESTED)
  const room = await wire.room(ANN, [BEN, GUESTED])
  const own = await wire.room(OUTSIDER)
  const { message_id: message } = await wire.send(BEN, room, 'secret words')
  const call = 'CALL-0001'
  await site.asAdministrator(async (ctx) => {
    const now = ctx.now()
    const standard = { owner: ANN, modified_by: ANN, creation: now, modified: now }
    await ctx.db('tabChat Call Session').insert({
      ...standard,
      name: call,
      chat_room: room,
      call_type: 'Audio',
      call_status: 'Ended',
      initiated_by: ANN,
    })
    await ctx.db('tabChat Message Attachment').insert({
      ...standard,
      name: 'attachment',
      parent: message,
      parenttype: 'Chat Message',
      parentfield: 'file_attachments',
      file_name: 'secret.pdf',
      file_url: '/private/files/secret.pdf',
    })
  })
  const memberRow = await site.database
    .reader('tabChat Room Member')
    .where({ parent: room, user: BEN })
    .first<{ name: string }>('name')
  const clients = new Map<string, Client>()
  for (const user of [ANN, BEN, OUTSIDER, MANAGER, ROLELESS, GUESTED, ADMINISTRATOR]) {
    clients.set(user, await wire.browser(user))
  }
  const as = (user: string): Client => clients.get(user) ?? wire.served.client()

  /** All that the chat holds, to be the same after every refusal. */
  const everything = async (): Promise<unknown> =>
    Promise.all(
      ['Chat Room', 'Chat Room Member', 'Chat Message', 'Chat Message Attachment', 'Chat Call Session'].map(
        (doctype) => site.database.reader(`tab${doctype}`).orderBy('name').select('*'),
      ),
    )
  const before = await everything()

  await t.test('who reads what', async (t) => {
    const table: [doctype: string, name: string, who: Record<string, number>][] = [
      [
        'Chat Room',
        room,
        {
          Guest: 403,
          [ROLELESS]: 403,
          [GUESTED]: 403,
          [OUTSIDER]: 404,
          [BEN]: 200,
          [MANAGER]: 200,
          Administrator: 200,
        },
      ],
      ...[
        ['Chat Message', message],
        ['Chat Call Session', call],
      ].map(([doctype = '', name = '']): [string, string, Record<string, number>] => [
        doctype,
        name,
        {
          Guest: 403,
          [ROLELESS]: 403,
          [GUESTED]: 403,
          [OUTSIDER]: 404,
          [BEN]: 200,
          [MANAGER]: 404,
          Administrator: 404,
        },
      ]),
      [
        'Chat Message Attachment',
        'attachment',
        { Guest: 403, [ROLELESS]: 404, [OUTSIDER]: 404, [BEN]: 200, [MANAGER]: 404, Administrator: 404 },
      ],
      [
        'Chat Room Member',
        memberRow.name,
        { Guest: 403, [ROLELESS]: 404, [OUTSIDER]: 404, [BEN]: 200, [MANAGER]: 200, Administrator: 200 },
      ],
      [
        'Chat Settings',
        'Chat Settings',
        { Guest: 403, [OUTSIDER]: 403, [BEN]: 403, [MANAGER]: 200, Administrator: 200 },
      ],
    ]
    for (const [doctype, name, who] of table) {
      for (const [user, expected] of Object.entries(who)) {
        const answer = await as(user).get(at(doctype, name))
        t.equal(answer.status, expected, `${user} reads ${doctype}`)
        if (expected !== 404) continue
        t.notMatch(answer.text, /secret/)
        const missing = await as(user).get(at(doctype, 'NONE-1'))
        t.equal(answer.text, missing.text.replaceAll('NONE-1', name), `${user}: hidden is missing`)
        const others = await as(user).get(at(doctype, name.toLowerCase()))
        if (name.toLowerCase() !== name) t.match(others.text, name.toLowerCase())
      }
    }
    t.equal(await status(as(BEN).get(at('Chat Room', room.toLowerCase()))), 404, 'a name is itself')
    t.equal(await status(as(BEN).get(`${at('Chat Room', room)}%20`)), 404)
  })

  await t.test('who lists what', async (t) => {
    const listed = async (user: string, doctype: string, query = ''): Promise<unknown> => {
      const answer = await as(user).get(`${at(doctype)}?limit_page_length=0${query}`)
      return answer.status === 200 ? answer.body.data.length : answer.status
    }
    const rows: [string, string, Record<string, unknown>][] = [
      [
        'Chat Room',
        '',
        { Guest: 403, [ROLELESS]: 403, [OUTSIDER]: 1, [BEN]: 1, [MANAGER]: 2, Administrator: 2 },
      ],
      [
        'Chat Message',
        '',
        { Guest: 403, [ROLELESS]: 403, [OUTSIDER]: 1, [BEN]: 2, [MANAGER]: 0, Administrator: 0 },
      ],
      [
        'Chat Call Session',
        '',
        { Guest: 403, [ROLELESS]: 403, [OUTSIDER]: 0, [BEN]: 1, [MANAGER]: 0, Administrator: 0 },
      ],
      ['Chat Room Member', '', { Guest: 403, [BEN]: 417, Administrator: 417 }],
      ['Chat Room Member', '&parent=Chat Message', { [BEN]: 417, Administrator: 417 }],
      ['Chat Room Member', '&parent=Chat Room', { [ROLELESS]: 403, [OUTSIDER]: 1, [BEN]: 3, [MANAGER]: 4 }],
      [
        'Chat Message Attachment',
        '&parent=Chat Message',
        { [ROLELESS]: 403, [OUTSIDER]: 0, [BEN]: 1, [MANAGER]: 0, Administrator: 0 },
      ],
    ]
    for (const [doctype, query, who] of rows) {
      for (const [user, expected] of Object.entries(who)) {
        t.equal(await listed(user, doctype, query), expected, `${user} lists ${doctype}${query}`)
      }
    }
    for (const query of [
      '&filters=[["message_content","like","%25secret%25"]]',
      '&or_filters=[["name","!=",""],["owner","is","set"]]',
      `&filters={"chat_room":"${room}"}&or_filters={"seq":[">",0]}`,
    ]) {
      for (const user of [MANAGER, ADMINISTRATOR])
        t.equal(await listed(user, 'Chat Message', query), 0, query)
    }
    for (const query of [
      '&order_by=(select 1)',
      '&fields=["count(*)"]',
      '&fields=["tabUser.name"]',
      '&group_by=1;drop table x',
      '&filters=[["User","name","=","x"]]',
      '&filters={"members":"x"}',
      '&filters=[["name","regexp","x"]]',
      '&filters=[[]]',
      '&filters={',
      '&limit_start=-1',
      '&limit_start=1e99',
    ]) {
      t.equal(await listed(BEN, 'Chat Message', query), 417, query)
    }
  })

  await t.test('nobody changes or deletes what has its own methods', async (t) => {
    const modified = { modified: '2001-01-01 00:00:00' }
    const tries: [string, string, Record<string, unknown>][] = [
      ['Chat Room', room, { room_name: 'Mine now' }],
      ['Chat Room', room, { members: [{ user: OUTSIDER, role: 'Admin' }] }],
      ['Chat Room', room, { last_seq: 0, change_seq: 0, direct_key: 'x', room_status: 'Deleted' }],
      ['Chat Room', room, modified],
      ['Chat Message', message, { message_content: 'changed', is_deleted: 1, sender: ANN }],
      ['Chat Message', message, { chat_room: own }],
      ['Chat Message', message, { reactions: [{ user: ANN, reaction_emoji: 'x' }] }],
      ['Chat Call Session', call, { call_status: 'Ringing' }],
      ['Chat Room Member', memberRow.name, { role: 'Admin', user: OUTSIDER, last_read_seq: 99 }],
      ['Chat Message Attachment', 'attachment', { file_url: '/private/files/other' }],
    ]
    for (const user of [...clients.keys(), 'Guest']) {
      for (const [doctype, name, values] of tries) {
        const put = await as(user).put(at(doctype, name), values)
        t.ok([403, 404, 417].includes(put.status), `${user} changes ${doctype}: ${String(put.status)}`)
        // A message's sender, and the room's Admin, delete it by this road, too: tried further down.
        if (doctype === 'Chat Message' && [ANN, BEN].includes(user)) continue
        const gone = await as(user).delete(at(doctype, name))
        t.ok([403, 404, 417].includes(gone.status), `${user} deletes ${doctype}: ${String(gone.status)}`)
      }
    }
    for (const name of ['Chat Room', 'Chat Message', 'Chat Call Session']) {
      const id = { 'Chat Room': room, 'Chat Message': message, 'Chat Call Session': call }[name] ?? ''
      const hidden = await as(OUTSIDER).put(at(name, id), { owner: OUTSIDER })
      t.equal(hidden.status, 404)
      t.equal(await status(as(OUTSIDER).delete(at(name, id))), 404)
    }
    t.same(await everything(), before)
  })

  await t.test('nobody creates as another, or beside the rules', async (t) => {
    const make = (user: string, doctype: string, values: Record<string, unknown>) =>
      as(user).post(at(doctype), values)
    const content = { chat_room: room, message_content: 'x' }
    const refused: [string, string, Record<string, unknown>, number][] = [
      ['Guest', 'Chat Message', content, 403],
      [ROLELESS, 'Chat Message', content, 403],
      [OUTSIDER, 'Chat Message', content, 404],
      [ADMINISTRATOR, 'Chat Message', content, 404],
      [MANAGER, 'Chat Message', { ...content, sender: BEN, owner: BEN }, 404],
      [BEN, 'Chat Message', { ...content, message_type: 'System' }, 417],
      [
        BEN,
        'Chat Message',
        { ...content, file_attachments: [{ file_name: 'x', file_url: '/files/x' }] },
        417,
      ],
      [BEN, 'Chat Message', { ...content, reactions: [{ user: ANN, reaction_emoji: 'x' }] }, 417],
      [BEN, 'Chat Message', { ...content, chat_room: own }, 404],
      [BEN, 'Chat Message', { ...content, chat_room: room.toLowerCase() }, 404],
      [BEN, 'Chat Message', { ...content, chat_room: { a: 1 } }, 404],
      [BEN, 'Chat Message', { ...content, message_content: { a: 1 } }, 417],
      [BEN, 'Chat Message', { message_content: 'x' }, 404],
      [BEN, 'Chat Call Session', { chat_room: room, call_type: 'Audio', initiated_by: ANN }, 403],
      [ADMINISTRATOR, 'Chat Call Session', { chat_room: room, initiated_by: ANN }, 403],
      [BEN, 'Chat Room Member', { parent: own, parenttype: 'Chat Room', user: BEN, role: 'Admin' }, 417],
      [ADMINISTRATOR, 'Chat Room Member', { parent: own, parenttype: 'Chat Room', user: BEN }, 417],
      [ROLELESS, 'Chat Room', { room_name: 'x', room_type: 'Group Chat' }, 403],
      [BEN, 'Chat Room', { room_name: 'x', room_type: 'Group Chat', members: [{ user: 'nobody' }] }, 417],
      [BEN, 'Chat Room', { room_name: 'x', room_type: 'Group Chat', max_members: 0 }, 417],
      [BEN, 'Chat Room', { room_name: 'x', room_type: 'Group Chat', max_members: 1e300 }, 417],
      [BEN, 'Chat Room', { room_name: 'x', room_type: 'Group Chat', members: 'x' }, 417],
      [BEN, 'Chat User Activity', { user: ANN }, 403],
      [BEN, 'Chat Settings', { enable_chat: 0 }, 403],
    ]
    for (const [user, doctype, values, expected] of refused) {
      const answer = await make(user, doctype, values)
      t.equal(
        answer.status,
        expected,
        `${user} makes ${doctype} ${JSON.stringify(values)}: ${answer.text.slice(0, 200)}`,
      )
    }
    t.same(await everything(), before)

    const said = await make(BEN, 'Chat Message', {
      ...content,
      ...{
        sender: ANN,
        owner: ANN,
        seq: 77,
        change_seq: 77,
        is_edited: 1,
        name: 'MSG-MINE',
        timestamp: '2001-01-01',
      },
    })
    t.match(said.body.data, { sender: BEN, owner: BEN, seq: 3, change_seq: 3, is_edited: 0, name: /^MSG-\d/ })
    t.notMatch(said.body.data.timestamp, /^2001/)
    const made = await make(BEN, 'Chat Room', {
      ...{
        room_name: 'By hand',
        room_type: 'Group Chat',
        created_by: ANN,
        owner: ANN,
        last_seq: 9,
        direct_key: 'x',
      },
      members: [{ user: ANN, role: 'Member', last_read_seq: 99, is_muted: 1, parent: room }],
    })
    t.match(made.body.data, {
      ...{ created_by: BEN, owner: BEN, last_seq: 1, change_seq: 1, room_status: 'Active' },
      members: [
        { user: BEN, role: 'Admin', is_admin: 1 },
        { user: ANN, role: 'Member', last_read_seq: 1, is_muted: 0, parent: made.body.data.name },
      ],
    })
    t.notOk(made.body.data.direct_key)
  })

  await t.test('activity is one’s own, and tells nothing of rooms', async (t) => {
    t.equal(await status(as(ANN).post(at('Chat User Activity'), { user: ANN, active_room: room })), 200)
    const change = (user: string, values: Record<string, unknown>) =>
      as(user).put(at('Chat User Activity', ANN), values)
    t.equal(await status(change(ANN, { typing_in_room: room, chat_status: 'away' })), 200)
    t.equal(await status(change(BEN, { chat_status: 'busy' })), 404)
    t.equal(await status(change(ANN, { user: BEN })), 403)
    const hidden = await change(ANN, { active_room: own })
    const missing = await change(ANN, { active_room: 'CR-9999' })
    t.equal(hidden.status, 404)
    t.equal(hidden.text.replaceAll(own, 'CR-9999'), missing.text)
    t.equal(await status(as(BEN).get(at('Chat User Activity', ANN))), 404)
    t.equal(await status(as(MANAGER).get(at('Chat User Activity', ANN))), 200)
  })

  await t.test('settings: administrators only, and nothing that would break the chat', async (t) => {
    const change = (user: string, values: Record<string, unknown>) =>
      as(user).put(at('Chat Settings', 'Chat Settings'), values)
    t.equal(await status(change(BEN, { enable_chat: 0 })), 403)
    for (const values of [
      { default_room_max_members: 1 },
      { default_room_max_members: -5 },
      { max_file_size: 0 },
      { message_edit_time_limit: -1 },
      { enable_chat: 'x' },
      { max_file_size: 'large' },
    ]) {
      t.equal(await status(change(ADMINISTRATOR, values)), 417, JSON.stringify(values))
    }
    t.equal(await status(change(MANAGER, { message_edit_time_limit: 2 })), 200)
    t.equal((await roads.query(as(BEN), 'f_chat.get_chat_settings', {})).message.message_edit_time_limit, 2)
  })

  await t.test('nothing of this was unexpected', async (t) => {
    t.equal((await wire.rows())['Error Log'], 0)
  })

  await t.test('a message is deleted as by its method', async (t) => {
    const { message_id: theirs } = await wire.send(BEN, room, 'mine')
    const { message_id: anns } = await wire.send(ANN, room, 'of an Admin')
    const rows = await wire.rows()
    t.match(await as(BEN).delete(at('Chat Message', anns)), { status: 403 })
    t.match(await as(GUESTED).delete(at('Chat Message', theirs)), { status: 403 })
    t.match(await as(BEN).delete(at('Chat Message', theirs)), { status: 202, body: { data: 'ok' } })
    t.match(await as(ANN).post('/api/method/frappe.client.delete', { doctype: 'Chat Message', name: anns }), {
      status: 200,
    })
    t.same(await wire.rows(), rows, 'their places remain')
    const { body } = await as(BEN).get(at('Chat Message', theirs))
    t.match(body.data, { is_deleted: 1, message_content: 'This message was deleted' })
  })
})
