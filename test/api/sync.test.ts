import t from 'tap'
import { getChatMessages, sendMessage } from '../../api/messages.ts'
import { heartbeat } from '../../api/presence.ts'
import { sync } from '../../api/sync.ts'
import type { MessageRow } from '../../doctypes/chat_message/history.ts'
import type { SyncAnswer } from '../../doctypes/chat_room/sync.ts'
import { eachDatabase } from '../support/databases.ts'
import { ANN, BEN, chatSite, CLEO, OUTSIDER, refusal } from '../support/site.ts'

/** A client that knows nothing but what sync has told it. */
class NaiveClient {
  readonly known: Record<string, number> = {}
  readonly messages = new Map<string, MessageRow>()

  take(answer: SyncAnswer): boolean {
    for (const room of answer.added) this.known[room] = 0
    for (const room of answer.removed) Reflect.deleteProperty(this.known, room)
    let more = answer.added.length > 0
    for (const [room, { change_seq, messages, more: asksAgain }] of Object.entries(answer.rooms)) {
      this.known[room] = change_seq
      for (const message of messages) this.messages.set(message.name, message)
      more ||= asksAgain
    }
    return more
  }
}

await eachDatabase(t, 'sync', async (t, db) => {
  const { call, room: makeRoom, send, statements, site } = await chatSite(t, db)
  const room = await makeRoom(ANN, [BEN])
  const other = await makeRoom(BEN, [ANN])

  await t.test('knowing nothing: every room is new', async (t) => {
    const answer = await call(ANN, sync, { rooms: {} })
    t.same(answer.rooms, {})
    t.same(answer.added.toSorted(), [room, other].toSorted())
    t.same(answer.removed, [])
  })

  await t.test('what was said since, in order of change, with marks, members and the room', async (t) => {
    const sent = await call(BEN, sendMessage, { room_id: room, message_content: 'a', client_id: 'k' })
    const all = (await call(ANN, sync, { rooms: { [room]: 0 } })).rooms[room]
    t.match(all, {
      change_seq: 2,
      messages: [
        { seq: 1, message_type: 'System' },
        {
          seq: 2,
          change_seq: 2,
          name: sent.message_id,
          client_id: 'k',
          is_deleted: 0,
          sender_info: { full_name: 'Ben' },
        },
      ],
      read: { [ANN]: 1, [BEN]: 1 },
      members: [{ user: ANN, role: 'Admin', full_name: 'Ann' }, { user: BEN }],
      room: { name: room, room_name: 'Room', room_status: 'Active' },
      more: false,
      reset: false,
    })
    const one = (await call(ANN, sync, { rooms: { [room]: 1 } })).rooms[room]
    t.same(
      one?.messages.map(({ seq }) => seq),
      [2],
    )
    t.notOk(one?.members ?? one?.room, 'they have not moved')
  })

  await t.test('a room that is not mine is removed, also one that is not there', async (t) => {
    const answer = await call(OUTSIDER, sync, { rooms: JSON.stringify({ [room]: 2, 'CR-9999': 1 }) })
    t.same(answer, { rooms: {}, added: [], removed: [room, 'CR-9999'] })
  })

  await t.test('a client that asks until there is no more holds what the database holds', async (t) => {
    for (let i = 0; i < 23; i++) await send(i % 2 ? ANN : BEN, i % 3 ? room : other, String(i))
    const change = (name: string, values: object) =>
      site.asAdministrator(async ({ db }) => {
        await db('tabChat Room').where({ name: room }).increment('change_seq', 1)
        await db('tabChat Message')
          .where({ name })
          .update({ ...values, change_seq: db('tabChat Room').where({ name: room }).select('change_seq') })
      })
    const client = new NaiveClient()
    const catchUp = async () => {
      while (client.take(await call(ANN, sync, { rooms: client.known, limit: 4 }))) continue
    }
    await catchUp()
    const names = [...client.messages.keys()].filter((name) => client.messages.get(name)?.chat_room === room)
    await change(names[3] ?? '', { message_content: 'edited', is_edited: 1 })
    await change(names[5] ?? '', { message_content: 'This message was deleted', is_deleted: 1 })
    await change(names[3] ?? '', { message_content: 'edited twice' })
    await catchUp()
    for (const id of [room, other]) {
      const { messages } = await call(ANN, getChatMessages, {
        room_id: id,
        page_size: 100,
        include_deleted: true,
      })
      const held = [...client.messages.values()].filter((message) => message.chat_room === id)
      t.same(
        held.toSorted((a, b) => b.seq - a.seq),
        messages,
      )
    }
  })

  await t.test('too far behind, or ahead of a restored site: start over', async (t) => {
    const [row] = await site.database.reader('tabChat Room').where({ name: other }).select('change_seq')
    const now = Number(row.change_seq)
    t.match((await call(ANN, sync, { rooms: { [other]: now + 1 } })).rooms[other], {
      reset: true,
      change_seq: now,
    })
    await site.asAdministrator(async ({ db }) => {
      await db('tabChat Room').where({ name: other }).increment('change_seq', 2000)
    })
    const behind = await call(ANN, sync, { rooms: { [other]: now - 1 } })
    t.match(behind.rooms[other], { reset: true, messages: [], change_seq: now + 2000, more: false })
    t.equal((await call(ANN, sync, { rooms: { [other]: now } })).rooms[other]?.reset, false)
  })

  await t.test('bad input, statements', async (t) => {
    await t.rejects(call(ANN, sync, { rooms: { [room]: -1 } }), refusal(417))
    await t.rejects(call(ANN, sync, { rooms: 'x' }), refusal(417))
    await t.rejects(call('Guest', sync, {}), refusal(403))
    t.equal((await statements(() => call(ANN, sync, { rooms: { [room]: 0, [other]: 1900 } }))).length, 6)
  })
})

await eachDatabase(t, 'heartbeat', async (t, db) => {
  const { call, room: makeRoom, send, site } = await chatSite(t, db)
  const room = await makeRoom(ANN, [BEN])
  const second = await makeRoom(ANN, [CLEO])

  await t.test('over HTTP: all rooms', async (t) => {
    t.match(await call(ANN, heartbeat), {
      success: true,
      timestamp: /^\d{4}/,
      rooms: { [room]: 1, [second]: 1 },
    })
    t.same((await call(OUTSIDER, heartbeat)).rooms, {})
    await t.rejects(call('Guest', heartbeat), refusal(403))
  })

  await t.test('over a socket: what has moved since its last beat', async (t) => {
    const beat = async (connection: object) =>
      ((await site.call('f_chat.heartbeat', {}, { user: ANN, connection })) as { rooms: object }).rooms
    const [one, two] = [{}, {}]
    t.same(await beat(one), { [room]: 1, [second]: 1 })
    await send(BEN, room, 'x')
    t.same(await beat(one), { [room]: 2 })
    t.same(await beat(one), {})
    t.same(await beat(two), { [room]: 2, [second]: 1 }, 'each socket has its own memory')
  })

  await t.test('who was active is written once the site stops', async (t) => {
    const hooks = site.registry.hooks((app) => app.on_start)
    for (const begin of hooks) await begin(site)?.()
    const rows = await site.database
      .reader('tabChat User Activity')
      .orderBy('name')
      .select('name', 'last_activity')
    t.match(rows, [
      { name: ANN, last_activity: /^\d{4}/ },
      { name: OUTSIDER, last_activity: /^\d{4}/ },
    ])
    const seen = (user: string) =>
      site.read({ user }, async (ctx) => (await ctx.getList('Chat User Activity')).length)
    t.equal(await seen(ANN), 1, 'one’s own only')
    t.equal(await seen('Administrator'), 2)
  })

  await t.test('a socket that opens hears the user’s rooms', async (t) => {
    const [open] = site.registry.hooks((app) => app.socket_open)
    const opening = await site.read({ user: CLEO }, async (ctx) => open?.(ctx))
    t.same(opening, { rooms: [`chat_room_${second}`], ready: { rooms: { [second]: 1 } } })
  })
})
