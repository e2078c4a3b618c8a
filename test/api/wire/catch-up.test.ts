import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import type { Body, TestSocket } from '../../support/server.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { overSocket, wireSite, type Wire } from '../../support/wire.ts'

interface Message {
  name: string
  seq: number
  sender: string
  content: string
}

interface Room {
  change_seq: number
  messages: Map<string, Message>
  read: Map<string, number>
}

/** A client as interfaces.md describes one: events where they follow, sync where they do not. */
class Model {
  readonly rooms = new Map<string, Room>()
  #socket: TestSocket | undefined
  #taken = 0

  connect(socket: TestSocket): void {
    this.#socket = socket
    this.#taken = 0
  }

  disconnect(): void {
    this.#takeEvents()
    this.#socket?.ws.terminate()
    this.#socket = undefined
  }

  /** Asks until there is no more. @returns how many answers it took */
  async sync(limit: number): Promise<number> {
    for (let answers = 1; ; answers++) {
      const known = Object.fromEntries([...this.rooms].map(([name, { change_seq }]) => [name, change_seq]))
      if (!this.#socket) throw new Error('not connected')
      const { status, message } = await overSocket(this.#socket, 'f_chat.sync', { rooms: known, limit })
      if (status !== 200) throw new Error(JSON.stringify(message))
      if (!this.#takeSync(message)) return answers
      if (answers > 1000) throw new Error('sync does not end')
    }
  }

  /** Events that have arrived; whether there was a gap. */
  #takeEvents(): boolean {
    let gap = false
    for (const { event, message } of this.#socket?.frames.slice(this.#taken) ?? []) {
      const room = this.rooms.get(message?.room_id)
      if (event === 'chat_new_room' && !room) gap = true
      if (event === 'room_read_status_changed' && room) {
        room.read.set(message.user, Math.max(room.read.get(message.user) ?? 0, message.last_read_seq))
      }
      if (event !== 'chat_new_message' || !room || message.change_seq <= room.change_seq) continue
      if (message.change_seq !== room.change_seq + 1) {
        gap = true
        continue
      }
      room.change_seq = message.change_seq
      const { message_id: name, seq, sender, content } = message
      room.messages.set(name, { name, seq, sender, content })
    }
    this.#taken = this.#socket?.frames.length ?? 0
    return gap
  }

  #takeSync({ rooms, added, removed }: Body): boolean {
    let again = false
    for (const name of removed) this.rooms.delete(name)
    for (const name of added) {
      this.rooms.set(name, { change_seq: 0, messages: new Map(), read: new Map() })
      again = true
    }
    for (const [name, answer] of Object.entries<Body>(rooms)) {
      const room = this.rooms.get(name)
      if (!room) continue
      room.change_seq = Math.max(room.change_seq, answer.change_seq)
      for (const { name: id, seq, sender, message_content } of answer.messages) {
        room.messages.set(id, { name: id, seq, sender, content: message_content })
      }
      for (const [user, seq] of Object.entries<number>(answer.read)) {
        room.read.set(user, Math.max(room.read.get(user) ?? 0, seq))
      }
      again ||= answer.more
    }
    return again
  }

  /** Takes in what has arrived, and heals gaps. */
  async follow(limit: number): Promise<void> {
    if (this.#takeEvents()) await this.sync(limit)
  }

  plain(): unknown {
    return Object.fromEntries(
      [...this.rooms]
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([name, { change_seq, messages, read }]) => [
          name,
          {
            change_seq,
            messages: [...messages.values()].toSorted((a, b) => a.seq - b.seq),
            read: Object.fromEntries([...read].toSorted(([a], [b]) => a.localeCompare(b))),
          },
        ]),
    )
  }
}

/** What the database holds of a user's rooms, in the same shape. */
async function truth({ site }: Wire, user: string): Promise<unknown> {
  const db = site.database.reader
  const rooms: Record<string, unknown> = {}
  for (const name of await db('tabChat Room Member')
    .where({ user })
    .orderBy('parent')
    .pluck<string[]>('parent')) {
    const room = await db('tabChat Room').where({ name }).first<{ change_seq: number }>('change_seq')
    const members = await db('tabChat Room Member')
      .where({ parent: name })
      .orderBy('user')
      .select<{ user: string; last_read_seq: number }[]>('user', 'last_read_seq')
    rooms[name] = {
      change_seq: room.change_seq,
      messages: await db('tabChat Message')
        .where({ chat_room: name })
        .orderBy('seq')
        .select('name', 'seq', 'sender', 'message_content as content'),
      read: Object.fromEntries(members.map((member) => [member.user, member.last_read_seq])),
    }
  }
  return rooms
}

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

await eachDatabase(t, 'catching up', async (t, db) => {
  const wire = await wireSite(t, db)
  const { site } = wire
  const rooms = [await wire.room(ANN, [BEN, CLEO]), await wire.room(BEN, [ANN]), await wire.room(CLEO, [BEN])]

  await t.test('a client that was away ends as one that never was', async (t) => {
    const next = random(7)
    const pick = <T>(list: readonly T[]): T => {
      const found = list[next(list.length)]
      if (found === undefined) throw new Error('an empty list')
      return found
    }
    const senders = new Map<string, TestSocket>()
    for (const user of [ANN, BEN, CLEO]) senders.set(user, await wire.page(user))
    const traffic = async (steps: number): Promise<void> => {
      const act = async (): Promise<void> => {
        const [user, socket] = pick([...senders])
        const what = next(12)
        if (what < 7) {
          await overSocket(socket, 'f_chat.send_message', {
            room_id: pick(rooms),
            message_content: `by ${user}`,
          })
        } else if (what < 11) {
          await overSocket(socket, 'f_chat.mark_room_as_read', {
            room_id: pick(rooms),
            ...(what === 10 ? { up_to_seq: next(30) } : {}),
          })
        } else {
          const others = [ANN, BEN, CLEO, OUTSIDER].filter((other) => other !== user && next(2))
          const made = await overSocket(socket, 'f_chat.create_chat_room', {
            ...{ room_name: 'New', room_type: 'Group Chat', members: others },
          })
          rooms.push(made.message.data.room_id)
        }
      }
      for (let done = 0; done < steps; done += 5) await Promise.all([act(), act(), act(), act(), act()])
    }
    const everywhere = new Model()
    everywhere.connect(await wire.page(ANN))
    await everywhere.sync(500)
    const away = new Model()
    const never = new Model()
    for (let round = 0; round < 6; round++) {
      if (round % 2 === 0) {
        away.connect(await wire.page(ANN))
        await away.sync(3)
      } else away.disconnect()
      await traffic(40)
      await everywhere.follow(500)
    }
    const heard = await wire.page(ANN)
    away.connect(heard)
    const [answers] = await Promise.all([away.sync(3), traffic(20)])
    t.ok(answers > 2, `${String(answers)} pages`)
    await Promise.all([away.follow(3), everywhere.follow(500)])
    await Promise.all([away.sync(3), everywhere.sync(500)])
    never.connect(await wire.page(ANN))
    await never.sync(1)
    const expected = await truth(wire, ANN)
    t.ok(Object.keys(expected as object).length > 3, 'rooms were added')
    t.same(everywhere.plain(), expected, 'who was there all the time')
    t.same(away.plain(), expected, 'who came and went')
    t.same(never.plain(), expected, 'who knew nothing, change by change')
  })

  await t.test('added, removed, and gone while away', async (t) => {
    const client = new Model()
    client.connect(await wire.page(OUTSIDER))
    await client.sync(10)
    const before = [...client.rooms.keys()]
    client.disconnect()
    const made = await wire.room(BEN, [OUTSIDER])
    const left = before[0] ?? ''
    await site.asAdministrator(async (ctx) => {
      await ctx.db('tabChat Room Member').where({ parent: left, user: OUTSIDER }).delete()
    })
    client.connect(await wire.page(OUTSIDER))
    await client.sync(10)
    t.same([...client.rooms.keys()].toSorted(), [...before.slice(1), made].toSorted())
    t.same(client.plain(), await truth(wire, OUTSIDER))
  })

  await t.test('2,000 changes are replayed, one more starts over', async (t) => {
    const room = await wire.room(ANN, [BEN])
    await site.asAdministrator(async (ctx) => {
      const { db } = ctx
      const at = ctx.now()
      for (let from = 2; from <= 2002; from += 200) {
        const seqs = Array.from({ length: Math.min(200, 2003 - from) }, (_, i) => from + i)
        await db('tabChat Message').insert(
          seqs.map((seq) => ({
            ...{ name: `MANY-${String(seq)}`, owner: BEN, modified_by: BEN, creation: at, modified: at },
            ...{
              chat_room: room,
              sender: BEN,
              message_type: 'Text',
              timestamp: at,
              message_content: String(seq),
            },
            ...{ seq, change_seq: seq },
          })),
        )
      }
      await db('tabChat Room').where({ name: room }).update({ last_seq: 2002, change_seq: 2002 })
    })
    const socket = await wire.page(ANN)
    const ask = async (since: number) =>
      (await overSocket(socket, 'f_chat.sync', { rooms: { [room]: since }, limit: 500 })).message.rooms[room]
    t.match(await ask(1), { reset: true, messages: [], change_seq: 2002, more: false })
    t.match(await ask(2003), { reset: true, change_seq: 2002 }, 'ahead of a restored site')
    const seen: number[] = []
    let since = 2
    for (let more = true; more;) {
      const answer = await ask(since)
      t.equal(answer.reset, false)
      t.ok(answer.messages.length <= 500)
      seen.push(...answer.messages.map(({ change_seq }: Body) => change_seq as number))
      ;({ change_seq: since, more } = answer)
    }
    t.same(
      seen,
      Array.from({ length: 2000 }, (_, i) => i + 3),
    )
  })
})
