import type { Site } from '../../desk/site/site.ts'
import { Presence, presenceOf } from '../../realtime/presence.ts'
import { onBoth } from './databases.ts'
import { report, tell, type Figure } from './report.ts'

/**
 * So many users beat every 25 s, through the method as a page calls it over its socket, spread over the time as pages
 * are. What it costs is the processor time of this process against the time that passes; nothing is scaled. Presence
 * alone is the same without the statement that each beat answers from (where the caller's rooms stand).
 */
const USERS = Number(process.env.BENCH_USERS ?? 5000)
const ROOMS = Number(process.env.BENCH_ROOMS ?? 500)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60)
const MEMBERS = 40
const BEAT_MS = 25_000
const SLICE_MS = 50
const FLUSH_SECONDS = 15

interface Person {
  user: string
  connection: object
}

const person = (i: number): string => `user${String(i).padStart(5, '0')}@bench.example`

async function fill(site: Site): Promise<void> {
  const at = site.clock.now()
  const standard = (name: string): object => ({ name, creation: at, modified: at })
  const inParts = async (table: string, rows: readonly object[]): Promise<void> => {
    for (let start = 0; start < rows.length; start += 500) {
      await site.asAdministrator(async ({ db }) => await db(table).insert(rows.slice(start, start + 500)))
    }
  }
  await inParts(
    'tabUser',
    Array.from({ length: USERS }, (_, i) => ({
      ...standard(person(i)),
      ...{ email: person(i), full_name: person(i), enabled: 1, user_type: 'System User' },
    })),
  )
  const rooms = Array.from({ length: ROOMS }, (_, i) => `CR-${String(i).padStart(4, '0')}`)
  await inParts(
    'tabChat Room',
    rooms.map((name) => ({
      ...standard(name),
      ...{ room_name: name, room_type: 'Group Chat', room_status: 'Active', last_seq: 1, change_seq: 1 },
    })),
  )
  await inParts(
    'tabChat Room Member',
    rooms.flatMap((parent, room) =>
      Array.from({ length: MEMBERS }, (_, i) => ({
        ...standard(`${parent}-${String(i)}`),
        ...{ parent, parenttype: 'Chat Room', parentfield: 'members', idx: i + 1, role: 'Member' },
        user: person((room * 37 + i * 113) % USERS),
      })),
    ),
  )
}

/** Everybody beats once in 25 s, each at a moment of their own, for so many seconds. */
async function beatFor(
  people: readonly Person[],
  beat: (person: Person) => Promise<unknown>,
): Promise<number> {
  const begin = performance.now()
  let beats = 0
  while (performance.now() - begin < SECONDS * 1000) {
    const due = Math.floor(((performance.now() - begin) / BEAT_MS) * people.length)
    const calls: Promise<unknown>[] = []
    while (beats < due) {
      const one = people[beats++ % people.length]
      if (one) calls.push(beat(one))
    }
    await Promise.all(calls)
    await new Promise((resolve) => setTimeout(resolve, SLICE_MS))
  }
  return beats
}

async function measure(
  site: Site,
  name: string,
  presence: Presence,
  people: readonly Person[],
  beat: (person: Person) => Promise<unknown>,
): Promise<Figure[]> {
  const writes: string[] = []
  const stop = site.database.onQuery((sql) => {
    if (/^\s*(insert|update|delete|replace)/i.test(sql)) writes.push(sql)
  })
  const [begin, cpu] = [performance.now(), process.cpuUsage()]
  const beats = await beatFor(people, beat)
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - begin) / 1000
  const intervals = Math.floor(seconds / FLUSH_SECONDS)
  const written = writes.length
  stop()
  await presence.stop()
  const variant = `${site.database.kind} ${name}`
  tell(`${variant}: ${String(beats)} beats in ${seconds.toFixed(0)} s, ${String(written)} write statements`)
  return [
    { name: 'presence', variant, metric: 'beats', value: beats / seconds, unit: '1/s' },
    { name: 'presence', variant, metric: 'write statements', value: written / intervals, unit: '/interval' },
    {
      name: 'presence',
      variant,
      metric: 'processor',
      value: (user + system) / 10_000 / seconds,
      unit: '% of a core',
    },
  ]
}

async function run(site: Site): Promise<Figure[]> {
  await fill(site)
  const people = Array.from({ length: USERS }, (_, i) => ({ user: person(i), connection: {} }))
  const [whole, alone] = [presenceOf(site), new Presence(site)]
  whole.start()
  alone.start()
  for (const one of people) await whole.opened(one)
  const asked = performance.now()
  await whole.tick()
  const telling = performance.now() - asked
  const wrote = performance.now()
  await whole.flush()
  const figures: Figure[] = [
    ...[
      {
        name: 'presence',
        variant: site.database.kind,
        metric: 'all come at once',
        value: telling,
        unit: 'ms',
      },
    ],
    ...[
      {
        name: 'presence',
        variant: site.database.kind,
        metric: 'all are written',
        value: performance.now() - wrote,
        unit: 'ms',
      },
    ],
  ]
  figures.push(
    ...(await measure(site, 'heartbeat', whole, people, (one) => site.call('f_chat.heartbeat', {}, one))),
  )
  for (const one of people) await alone.opened(one)
  await alone.tick()
  await alone.flush()
  figures.push(...(await measure(site, 'alone', alone, people, (one) => alone.beat(one))))
  return figures
}

report(await onBoth(10, run))
