import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import type { Client } from '../../support/server.ts'
import { ANN, BEN } from '../../support/site.ts'
import { roads, wireSite, type Outcome, type Wire } from '../../support/wire.ts'

const CLIENTS = 30
const STEPS = 16

/** Deterministic, so that a failure comes again. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

/** What the members' rows say, against what the messages say. */
async function recount(wire: Wire, room: string): Promise<{ user: string; kept: number; counted: number }[]> {
  const rows: unknown = await wire.site.database.reader.raw(
    `select m.user as user, r.last_seq - m.last_read_seq - m.own_since_read as kept,
       (select count(*) from \`tabChat Message\` x
        where x.chat_room = r.name and x.seq > m.last_read_seq and x.sender <> m.user) as counted
     from \`tabChat Room Member\` m join \`tabChat Room\` r on r.name = m.parent where r.name = ? order by m.idx`,
    [room],
  )
  const found = wire.site.database.kind === 'mariadb' ? (rows as unknown[][])[0] : rows
  return found as { user: string; kept: number; counted: number }[]
}

async function numbers(wire: Wire, room: string): Promise<{ seq: number; change_seq: number }[]> {
  return await wire.site.database
    .reader('tabChat Message')
    .where({ chat_room: room })
    .orderBy('seq')
    .select<{ seq: number; change_seq: number }[]>('seq', 'change_seq')
}

function wentWell(t: Test, answers: readonly Outcome[]): void {
  const failed = answers.filter(({ status }) => status !== 200)
  t.same(failed, [], 'no error reaches a caller')
}

await eachDatabase(t, 'everybody at once', async (t, db) => {
  const wire = await wireSite(t, db)
  const users = await Promise.all(
    Array.from({ length: CLIENTS - 2 }, (_, i) =>
      wire.person(`p${String(i)}@test.example`, { roles: [{ role: 'Chat User' }] }),
    ),
  )
  const room = await wire.room(ANN, [BEN, ...users])
  const people = await Promise.all(
    [ANN, BEN, ...users].map(async (user) => ({ user, client: await wire.browser(user) })),
  )

  await t.test('30 clients send, try again, read and mark as read', async (t) => {
    const listener = await wire.page(ANN)
    const answers: Outcome[] = []
    const sentBy = new Map<string, string>()
    const act = async (client: Client, next: (below: number) => number): Promise<void> => {
      for (let step = 0; step < STEPS; step++) {
        const what = next(6)
        if (what <= 2) {
          const args = { room_id: room, message_content: String(step), client_id: randomUUID() }
          const tries = Array.from({ length: what + 1 }, () =>
            roads.json(client, 'f_chat.send_message', args),
          )
          const told = await Promise.all(tries)
          answers.push(...told)
          const ids = new Set(told.map(({ message }) => String(message.data?.message_id)))
          t.equal(ids.size, 1, 'tries of one message are one message')
          for (const id of ids) sentBy.set(id, args.client_id)
        } else if (what === 3) {
          answers.push(await roads.json(client, 'f_chat.mark_room_as_read', { room_id: room }))
        } else if (what === 4) {
          const up_to_seq = next(200)
          answers.push(await roads.json(client, 'f_chat.mark_room_as_read', { room_id: room, up_to_seq }))
        } else {
          answers.push(
            ...(await Promise.all([
              roads.query(client, 'f_chat.get_chat_messages', { room_id: room }),
              roads.query(client, 'f_chat.get_user_chat_rooms', {}),
              roads.query(client, 'f_chat.get_user_chat_status', {}),
              roads.json(client, 'f_chat.sync', { rooms: { [room]: 0 } }),
            ])),
          )
        }
      }
    }
    await Promise.all(people.map(({ client }, i) => act(client, random(i + 1))))
    wentWell(t, answers)
    const stored = await numbers(wire, room)
    t.equal(stored.length, sentBy.size + 1, 'each message once')
    const straight = stored.map((_, i) => ({ seq: i + 1, change_seq: i + 1 }))
    t.same(stored, straight, 'no gaps')
    for (const { user, kept, counted } of await recount(wire, room)) t.equal(kept, counted, user)
    const last = stored.length
    await listener.frame(({ message }) => message?.seq === last)
    const heard = listener.frames.filter(({ event }) => event === 'chat_new_message')
    const seqs = heard.map(({ message }) => Number(message.seq))
    t.same(
      seqs,
      straight.slice(1).map(({ seq }) => seq),
      'each event once, in the order of the room',
    )
    const marks = new Map<string, number>()
    for (const { event, message } of listener.frames) {
      if (event !== 'room_read_status_changed') continue
      marks.set(message.user, Math.max(marks.get(message.user) ?? 0, message.last_read_seq))
    }
    const kept = await wire.site.database.reader('tabChat Room Member').where({ parent: room }).select('*')
    for (const [user, mark] of marks)
      t.equal(kept.find((row) => row.user === user)?.last_read_seq, mark, user)
  })

  await t.test('one user on several devices, writing and reading the same room', async (t) => {
    const devices = await Promise.all([1, 2, 3, 4].map(() => wire.browser(ANN)))
    const answers = await Promise.all(
      devices.flatMap((client, d) =>
        Array.from({ length: 25 }, (_, i) =>
          (i + d) % 2
            ? roads.json(client, 'f_chat.send_message', { room_id: room, message_content: 'x' })
            : roads.json(client, 'f_chat.mark_room_as_read', {
                room_id: room,
                ...(i % 3 ? { up_to_seq: 300 + i + d } : {}),
              }),
        ),
      ),
    )
    wentWell(t, answers)
    for (const { user, kept, counted } of await recount(wire, room)) t.equal(kept, counted, user)
  })

  await t.test('both open their Direct Message at the same moment, many times', async (t) => {
    for (const { user, client } of people.slice(2, 12)) {
      const ann = people[0]?.client ?? client
      const open = (by: Client, other: string) =>
        roads.json(by, 'f_chat.create_chat_room', { room_type: 'Direct Message', members: [other] })
      const answers = await Promise.all([
        open(ann, user),
        open(client, ANN),
        open(ann, user),
        open(client, ANN),
      ])
      wentWell(t, answers)
      const rooms = new Set(answers.flatMap(({ message }) => message.data?.room_id ?? []))
      t.equal(rooms.size, 1, user)
    }
    const [row] = await wire.site.database
      .reader('tabChat Room')
      .where({ room_type: 'Direct Message' })
      .count({ n: '*' })
    t.equal(Number(row?.n), 10)
  })
})
