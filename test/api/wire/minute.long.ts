import { randomUUID } from 'node:crypto'
import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { secondServer } from '../../support/second-server.ts'
import type { Client } from '../../support/server.ts'
import { ANN } from '../../support/site.ts'
import { roads, wireSite, type Outcome } from '../../support/wire.ts'

const CLIENTS = 50
const MINUTE_MS = Number(process.env.F_CHAT_MINUTE_MS ?? 60_000)
const EMOJI = ['👍', '🎉', '❤️']

/** Deterministic, so that a failure comes again. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

await eachDatabase(t, 'fifty people at two processes, in one room, for a minute', async (t, db) => {
  t.setTimeout(240_000)
  const database = await db.config()
  const wire = await wireSite(t, { ...db, config: () => Promise.resolve(database) })
  const there = await secondServer(t, database)
  const users = await Promise.all(
    Array.from({ length: CLIENTS }, (_, i) =>
      wire.person(`p${String(i)}@test.example`, { roles: [{ role: 'Chat User' }] }),
    ),
  )
  await wire.site.asAdministrator(async (ctx) => {
    await ctx.db('tabSingles').where({ doctype: 'Chat Settings', field: 'default_room_max_members' }).delete()
    const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
    await Object.assign(settings, { default_room_max_members: 100 }).save()
  })
  const room = await wire.room(ANN, users)
  const failed: Outcome[] = []
  const calls: Record<string, number> = {}
  const sent = new Set<string>()
  const mine = new Map<string, string[]>()
  /** Toggles that were answered, by message, user and emoji. */
  const toggles = new Map<string, number>()
  const known: string[] = []

  const ask = async (client: Client, method: string, args: Record<string, unknown>): Promise<Outcome> => {
    const answer = await roads.json(client, `f_chat.${method}`, args)
    calls[method] = (calls[method] ?? 0) + 1
    if (answer.status !== 200) failed.push(answer)
    return answer
  }
  const deeds: ((user: string, client: Client, next: (below: number) => number) => Promise<void>)[] = [
    async (user, client) => {
      const args = { room_id: room, message_content: `from ${user}`, client_id: randomUUID() }
      const answers = await Promise.all([
        ask(client, 'send_message', args),
        ask(client, 'send_message', args),
      ])
      const ids = new Set(answers.map(({ message }) => String(message?.data?.message_id)))
      t.equal(ids.size, 1, 'tries of one message are one message')
      for (const id of ids) {
        sent.add(id)
        known.push(id)
        mine.set(user, [...(mine.get(user) ?? []), id])
      }
    },
    async (user, client, next) => {
      const message_id = known[next(known.length)]
      const emoji = EMOJI[next(EMOJI.length)]
      if (!message_id || !emoji) return
      await ask(client, 'add_reaction', { message_id, emoji })
      const key = `${message_id} ${user} ${emoji}`
      toggles.set(key, (toggles.get(key) ?? 0) + 1)
    },
    async (_user, client, next) => {
      await ask(client, 'mark_room_as_read', { room_id: room, ...(next(2) ? { up_to_seq: next(500) } : {}) })
    },
    async (_user, client) => {
      await ask(client, 'heartbeat', {})
    },
    async (_user, client, next) => {
      await ask(client, 'get_chat_messages', { room_id: room, page_size: 1 + next(50) })
    },
    async (_user, client, next) => {
      await ask(client, 'sync', { rooms: { [room]: next(sent.size + 1) } })
    },
    async (_user, client) => {
      await Promise.all([ask(client, 'get_user_chat_rooms', {}), ask(client, 'get_user_chat_status', {})])
    },
    async (user, client, next) => {
      const message_id = mine.get(user)?.[0]
      if (message_id)
        await ask(client, 'edit_message', { message_id, new_content: `edited ${String(next(9))}` })
    },
  ]

  const until = Date.now() + MINUTE_MS
  await Promise.all(
    users.map(async (user, i) => {
      const here = await wire.browser(user)
      const client = i % 2 ? there.like(here) : here
      const next = random(i + 1)
      while (Date.now() < until) await deeds[next(deeds.length)]?.(user, client, next)
    }),
  )
  t.comment(JSON.stringify(calls))
  t.same(failed.slice(0, 3), [], `${String(failed.length)} failures`)

  const { reader } = wire.site.database
  const messages = await reader('tabChat Message')
    .where({ chat_room: room })
    .orderBy('seq')
    .select<{ name: string; seq: number; change_seq: number }[]>('name', 'seq', 'change_seq')
  t.equal(messages.length, sent.size + 1, 'each message once')
  t.same(
    messages.map(({ seq }) => seq),
    messages.map((_, i) => i + 1),
    'without gaps',
  )
  t.equal(
    new Set(messages.map(({ change_seq }) => change_seq)).size,
    messages.length,
    'no change counts twice',
  )
  const standing = await reader('tabChat Room')
    .where({ name: room })
    .first<{ last_seq: number; change_seq: number }>('last_seq', 'change_seq')
  t.equal(standing.last_seq, messages.length)
  t.equal(standing.change_seq, Math.max(...messages.map(({ change_seq }) => change_seq)))

  const reactions = await reader('tabChat Message Reaction').select<
    { parent: string; user: string; reaction_emoji: string }[]
  >('parent', 'user', 'reaction_emoji')
  const stored = reactions.map(({ parent, user, reaction_emoji }) => `${parent} ${user} ${reaction_emoji}`)
  const expected = [...toggles].filter(([, times]) => times % 2 === 1).map(([key]) => key)
  t.same(
    stored.toSorted(),
    expected.toSorted(),
    'each reaction as often as it was given, less as it was taken',
  )

  const rows: unknown = await reader.raw(
    `select m.user as user, r.last_seq - m.last_read_seq - m.own_since_read as kept,
       (select count(*) from \`tabChat Message\` x
        where x.chat_room = r.name and x.seq > m.last_read_seq and x.sender <> m.user) as counted
     from \`tabChat Room Member\` m join \`tabChat Room\` r on r.name = m.parent where r.name = ?`,
    [room],
  )
  const counts = (db.kind === 'mariadb' ? (rows as unknown[][])[0] : rows) as {
    kept: number
    counted: number
  }[]
  t.equal(counts.length, CLIENTS + 1)
  t.same(
    counts.filter(({ kept, counted }) => kept !== counted),
    [],
    'what is unread is exact',
  )
  const errors = await reader('tabError Log').select('error')
  t.same(errors, [])
})
