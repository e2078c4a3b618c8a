import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { FrappeDatabase } from '../support/frappe-source.ts'
import { eachTarget, type ImportLab } from '../support/import-lab.ts'
import { ANN, at, BEN, soundWorld } from './world.ts'

t.setTimeout(400_000)
const WHOLE = 'whole.test'
const KILLED = 'killed.test'

/** What an import leaves, but for the moments at which it did, and names that are by chance. */
async function outcome(lab: ImportLab, site: string): Promise<Record<string, string[]>> {
  return await lab.on(site, async ({ database }) => {
    const tables: Record<string, string[]> = {}
    for (const table of [
      ...['Chat Room', 'Chat Room Member', 'Chat Message', 'Chat Message Reaction', 'Chat Call Session'],
      ...['Chat Call Participant', 'Chat User Activity', 'Chat Import Map', 'Chat Message Mention'],
      ...['User', 'Has Role', 'Series'],
    ]) {
      const rows = await database.reader(`tab${table}`).select<Record<string, unknown>[]>('*')
      const byChance = /Member|Participant|Mention|Has Role/.test(table)
      const moments = /User|Map|Role|Mention|Activity/.test(table)
      tables[table] = rows
        .map((row) =>
          JSON.stringify({
            ...row,
            last_change: null,
            ...(byChance && { name: null }),
            ...(moments && { creation: null, modified: null }),
          }),
        )
        .sort()
    }
    tables.search = (await database.reader('__chat_search').select('chat_room', 'seq', 'tokens'))
      .map((row) => JSON.stringify(row))
      .sort()
    return tables
  })
}

/** How many rows of a table there are: asked from outside while the command is at work. */
async function count(lab: ImportLab, table: string): Promise<number> {
  return await lab.on(KILLED, async ({ database }) => {
    const [row] = await database.reader(`tab${table}`).count<{ n: number }[]>({ n: '*' })
    return Number(row?.n)
  })
}

await eachTarget(t, 'a run that is killed goes on where it stopped', async (t, lab) => {
  const source = await FrappeDatabase.create(t)
  await soundWorld(source)
  // Enough that a kill finds it under way.
  await source.insert(
    'Chat Room',
    Array.from({ length: 30 }, (_, i) => ({
      name: `CR-1${String(i).padStart(3, '0')}`,
      room_name: `Room ${String(i)}`,
      created_by: ANN,
      creation_date: at(100),
    })),
  )
  for (let i = 0; i < 30; i += 1) {
    const room = `CR-1${String(i).padStart(3, '0')}`
    await source.children('Chat Room Member', room, 'members', [
      { user: ANN, role: 'Admin', last_read_timestamp: at(150) },
      { user: BEN },
    ])
  }
  await source.sql(
    `insert into \`tabChat Message\` (name, creation, modified, owner, chat_room, sender, message_type, timestamp, message_content)
     select concat('MSG-', seq + 20000), '2024-03-01 02:00:00', '2024-03-01 02:00:00', 'Administrator', concat('CR-1', lpad(seq % 30, 3, '0')),
       if(seq % 2, ?, ?), 'Text', date_add('2024-03-01 02:00:00', interval seq second), concat('number ', seq)
     from seq_1_to_12000`,
    [ANN, BEN],
  )
  for (const site of [WHOLE, KILLED]) await lab.newSite(site)
  const args = (site: string): string[] => ['--site', site, 'import-from-frappe', ...source.args]
  await lab.bench.ok(t, args(WHOLE), { env: source.env })
  const expected = await outcome(lab, WHOLE)
  t.equal(expected['Chat Message']?.length, 12_007)

  let kills = 0
  for (const [table, from] of [
    ['User', 4],
    ['Chat Room', 3],
    ['Chat Message', 2000],
    ['Chat Message', 8000],
    ['Chat Message', 12_007],
  ] as const) {
    const child = lab.bench.spawn(args(KILLED), { env: source.env })
    const ended = once(child, 'exit')
    child.stdout?.resume()
    child.stderr?.resume()
    while (child.exitCode === null && (await count(lab, table)) < from) await nextTurn()
    if (child.kill('SIGKILL')) kills += 1
    await ended
    t.comment(`killed with ${String(await count(lab, 'Chat Message'))} messages`)
  }
  t.ok(kills >= 3, `killed ${String(kills)} times`)
  t.match(await lab.bench.ok(t, args(KILLED), { env: source.env }), /Chat Message Reaction|Chat Message/)
  const found = await outcome(lab, KILLED)
  for (const [table, rows] of Object.entries(expected)) t.same(found[table], rows, table)
})
