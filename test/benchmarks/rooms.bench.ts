import type { Site } from '../../desk/site/site.ts'
import { onMariaDb } from './databases.ts'
import { median, report, tell } from './report.ts'

/**
 * get_user_chat_rooms of somebody with many rooms, against the query shape of the Python app: for each room a
 * count of the messages after the member's read mark, and its newest message by time.
 */
const ROOMS = Number(process.env.BENCH_ROOMS ?? 200)
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 1_000_000)
const OURS_CALLS = 200
const BASELINE_CALLS = 5
const USER = 'user0001@demo.example'

const CORRELATED =
  'select r.name, r.room_name, r.room_type, r.description, r.is_private, r.creation, m.role as user_role,' +
  ' m.is_admin, m.last_read_timestamp,' +
  ' (select count(*) from `tabChat Room Member` c where c.parent = r.name) as member_count,' +
  ' l.message_content as last_message, l.timestamp as last_message_time, l.sender as last_message_sender,' +
  ' (select count(*) from `tabChat Message` u where u.chat_room = r.name and u.is_deleted = 0' +
  '  and u.sender <> m.user and u.timestamp > m.last_read_timestamp) as unread_count' +
  ' from `tabChat Room` r join `tabChat Room Member` m on m.parent = r.name' +
  ' left join `tabChat Message` l on l.name = (select x.name from `tabChat Message` x' +
  '  where x.chat_room = r.name and x.is_deleted = 0 order by x.timestamp desc limit 1)' +
  " where m.user = ? and r.room_status = 'Active' order by last_message_time desc limit 20"

async function times(calls: number, work: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < calls; i++) {
    const begin = performance.now()
    await work()
    taken.push(performance.now() - begin)
  }
  return taken
}

async function countStatements(site: Site, work: () => Promise<unknown>): Promise<number> {
  let sent = 0
  const stop = site.database.onQuery(() => sent++)
  await work()
  stop()
  return sent
}

await onMariaDb(4, async (site) => {
  const [seed] = site.registry.hooks((app) => app.seed_demo)
  const begin = performance.now()
  await seed?.(site, { users: 40, rooms: ROOMS, messages: MESSAGES })
  const seconds = (performance.now() - begin) / 1000
  tell(
    `seeded ${String(MESSAGES)} messages in ${seconds.toFixed(1)} s (${(MESSAGES / seconds).toFixed(0)}/s)`,
  )
  await site.database.reader.raw('analyze table `tabChat Message`, `tabChat Room`, `tabChat Room Member`')

  const ours = (): Promise<unknown> => site.call('f_chat.get_user_chat_rooms', {}, { user: USER })
  const correlated = async (): Promise<void> => {
    await site.database.reader.raw(CORRELATED, [USER])
  }
  await times(10, ours)
  await times(1, correlated)
  const taken = { ours: [] as number[], correlated: [] as number[] }
  for (let round = 0; round < 5; round++) {
    taken.correlated.push(...(await times(BASELINE_CALLS / 5, correlated)))
    taken.ours.push(...(await times(OURS_CALLS / 5, ours)))
  }
  const p50 = { ours: median(taken.ours), correlated: median(taken.correlated) }
  report([
    { name: 'rooms', variant: 'correlated', metric: 'p50', value: p50.correlated, unit: 'ms' },
    {
      name: 'rooms',
      variant: 'f_chat',
      metric: 'p50',
      value: p50.ours,
      unit: 'ms',
      ratio_to: 'correlated',
      ratio: p50.correlated / p50.ours,
    },
    {
      name: 'rooms',
      variant: 'f_chat',
      metric: 'statements',
      value: await countStatements(site, ours),
      unit: '',
    },
    { name: 'seed', variant: 'f_chat', metric: 'messages', value: MESSAGES / seconds, unit: '1/s' },
  ])
})
