import t from 'tap'
import { contractRows, filled, Stage, type Kind, type Row } from '../../support/contract.ts'
import { eachDatabase } from '../../support/databases.ts'
import { secondServer } from '../../support/second-server.ts'
import type { Client } from '../../support/server.ts'
import { roads } from '../../support/wire.ts'

const CALLERS: readonly Kind[] = ['member', 'muted', 'moderator', 'admin', 'outsider', 'removed', 'manager']
const STREAMS = 16
const CALLS_OF_A_STREAM = 60

/** What would end the mixture: the room is read-only, or empty, from then on; and what works on the whole database. */
const ENDINGS = ['archive_room', 'manual_cleanup_room', 'optimize_chat_database']

/** Deterministic, so that a failure comes again. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

const pick = <T>(list: readonly T[], next: (below: number) => number): T => {
  const item = list[next(list.length)]
  if (item === undefined) throw new Error('nothing there')
  return item
}

await eachDatabase(t, 'everybody calls everything at once, at two processes', async (t, db) => {
  t.setTimeout(240_000)
  const database = await db.config()
  const stage = await Stage.open(t, { ...db, config: () => Promise.resolve(database) })
  const there = await secondServer(t, database)
  const rows = contractRows().filter(({ method, upload }) => !upload && !ENDINGS.includes(method))
  const everything: Row = {
    method: '',
    args: {},
    keys: {},
    may: { ...rows[0]?.may } as Row['may'],
    setup: ['file', 'call'],
  }
  const scene = await stage.scene('member', everything)
  const statuses: Record<string, number> = {}
  const broken: string[] = []

  const stream = async (seed: number): Promise<void> => {
    const next = random(seed)
    for (let i = 0; i < CALLS_OF_A_STREAM; i++) {
      const row = pick(rows, next)
      const kind = pick(CALLERS, next)
      const here: Client = stage.client(kind)
      const args = filled(row.args, { ...scene, caller: scene[kind] })
      const answer = await roads.json(seed % 2 ? here : there.like(here), `f_chat.${row.method}`, args)
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
      if (answer.status >= 500) broken.push(`${row.method} by ${kind}: ${JSON.stringify(answer.message)}`)
    }
  }
  await Promise.all(Array.from({ length: STREAMS }, (_, i) => stream(i + 1)))
  t.comment(statuses)
  t.same(broken, [])
  const { reader } = stage.wire.site.database
  t.same(await reader('tabError Log').select('method', 'error'), [], 'nothing in the Error Log')

  const rooms = await reader('tabChat Room').select<
    {
      name: string
      last_seq: number
      change_seq: number
      members_change_seq: number
      settings_change_seq: number
    }[]
  >('name', 'last_seq', 'change_seq', 'members_change_seq', 'settings_change_seq')
  for (const room of rooms) {
    const messages = await reader('tabChat Message')
      .where({ chat_room: room.name })
      .orderBy('seq')
      .select<{ seq: number; change_seq: number }[]>('seq', 'change_seq')
    t.same(
      messages.map(({ seq }) => seq),
      Array.from({ length: room.last_seq }, (_, i) => i + 1),
      `${room.name}: messages without gaps`,
    )
    const changes = messages.map(({ change_seq }) => change_seq)
    t.equal(new Set(changes).size, changes.length, `${room.name}: no change counts twice`)
    const newest = Math.max(...changes, room.members_change_seq, room.settings_change_seq)
    t.equal(newest, room.change_seq, `${room.name}: the newest change is somebody's`)
    const admins = await reader('tabChat Room Member')
      .where({ parent: room.name, role: 'Admin' })
      .pluck('user')
    const members = await reader('tabChat Room Member').where({ parent: room.name }).pluck('user')
    t.ok(members.length === 0 || admins.length > 0, `${room.name}: has an Admin`)
  }
  const active = await reader('tabChat Call Session')
    .whereNotNull('active_room')
    .pluck<string[]>('active_room')
  t.equal(new Set(active).size, active.length, 'one active call a room')
})
