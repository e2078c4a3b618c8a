import { randomUUID } from 'node:crypto'
import { createPool, type Pool } from 'mariadb'
import type { DatabaseConfig } from '../../desk/db/index.ts'
import type { Site } from '../../desk/site/site.ts'
import { onMariaDb } from './databases.ts'
import { median, report, tell, type Figure } from './report.ts'

/**
 * Durable sends of 32 people in 32 rooms, through the method as a client calls it, against a bare loop that does
 * the same two statements with the connector.
 */
const SENDERS = 32
const ROUNDS = 7
const ROUND_MS = 3000
const CONTENT = 'The pallet for bay 3 is short two boxes. Can somebody look before the carrier leaves?'

interface Place {
  user: string
  room: string
}

async function makePlaces(site: Site): Promise<Place[]> {
  const places: Place[] = []
  for (let i = 0; i < SENDERS; i++) {
    const user = `sender${String(i)}@bench.example`
    await site.asAdministrator((ctx) =>
      ctx.insert('User', { email: user, first_name: `Sender ${String(i)}`, roles: [{ role: 'Chat User' }] }),
    )
    const created = (await site.call(
      'f_chat.create_chat_room',
      { room_name: `Room ${String(i)}`, room_type: 'Group Chat' },
      { user },
    )) as { data: { room_id: string } }
    places.push({ user, room: created.data.room_id })
  }
  return places
}

const UPDATE =
  'update `tabChat Room` r join `tabChat Room Member` m on m.parent = r.name' +
  ' set r.last_seq = r.last_seq + 1, r.change_seq = r.change_seq + 1, r.last_message_at = ?, r.last_change = ?,' +
  ' m.own_since_read = m.own_since_read + 1' +
  " where r.name = ? and r.room_status = 'Active' and m.user = ? and m.is_muted = 0" +
  " and (r.room_type <> 'Announcement' or m.role in ('Admin', 'Moderator'))"
const INSERT =
  'insert into `tabChat Message` (name, owner, modified_by, creation, modified, docstatus, idx, chat_room, sender,' +
  ' message_type, timestamp, message_content, is_edited, is_deleted, client_id, seq, change_seq)' +
  " values (?, ?, ?, ?, ?, 0, 0, ?, ?, 'Text', ?, ?, 0, 0, ?," +
  ' (select last_seq from `tabChat Room` where name = ?), (select change_seq from `tabChat Room` where name = ?))' +
  ' returning seq, change_seq'

let number = 0
async function sendBare(pool: Pool, site: Site, { user, room }: Place): Promise<void> {
  const connection = await pool.getConnection()
  try {
    const now = site.clock.now()
    await connection.query('BEGIN')
    await connection.query(UPDATE, [now, now, room, user])
    const name = `BARE-${String(++number)}`
    await connection.query(INSERT, [
      name,
      user,
      user,
      now,
      now,
      room,
      user,
      now,
      CONTENT,
      randomUUID(),
      room,
      room,
    ])
    await connection.query('COMMIT')
  } finally {
    await connection.release()
  }
}

async function sendOurs(site: Site, { user, room }: Place): Promise<void> {
  await site.call(
    'f_chat.send_message',
    { room_id: room, message_content: CONTENT, client_id: randomUUID() },
    { user },
  )
}

interface Measured {
  /** Messages a second. */
  rate: number
  /** Time of this process's processor for one message, in µs: steady also on a busy machine. */
  cpu: number
}

/** Everybody sends one after the other until the time is over. */
async function measure(
  places: readonly Place[],
  send: (place: Place) => Promise<void>,
  ms: number,
): Promise<Measured> {
  const begin = performance.now()
  const cpu = process.cpuUsage()
  let sent = 0
  await Promise.all(
    places.map(async (place) => {
      while (performance.now() - begin < ms) {
        await send(place)
        sent++
      }
    }),
  )
  const { user, system } = process.cpuUsage(cpu)
  return { rate: (sent * 1000) / (performance.now() - begin), cpu: (user + system) / sent }
}

function figures(
  rounds: readonly { bare: Measured; ours: Measured }[],
  key: keyof Measured,
  metric: string,
  unit: string,
): Figure[] {
  const of = (variant: 'bare' | 'ours'): number => median(rounds.map((round) => round[variant][key]))
  const ratio = median(rounds.map(({ bare, ours }) => ours[key] / bare[key]))
  return [
    { name: 'send', variant: 'bare', metric, value: of('bare'), unit },
    { name: 'send', variant: 'f_chat', metric, value: of('ours'), unit, ratio_to: 'bare', ratio },
  ]
}

await onMariaDb(SENDERS, async (site, config: DatabaseConfig) => {
  const places = await makePlaces(site)
  const pool = createPool({
    socketPath: config.db_socket ?? '',
    user: config.db_user ?? '',
    password: config.db_password ?? '',
    database: config.db_name,
    connectionLimit: SENDERS,
    initSql: "SET time_zone = '+00:00', tx_isolation = 'READ-COMMITTED'",
  })
  const bare = (place: Place): Promise<void> => sendBare(pool, site, place)
  const ours = (place: Place): Promise<void> => sendOurs(site, place)
  try {
    await measure(places, bare, 1000)
    await measure(places, ours, 1000)
    const rounds: { bare: Measured; ours: Measured }[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const taken = {
        bare: await measure(places, bare, ROUND_MS),
        ours: await measure(places, ours, ROUND_MS),
      }
      rounds.push(taken)
      tell(
        `round ${String(round)}: bare ${taken.bare.rate.toFixed(0)}/s, ours ${taken.ours.rate.toFixed(0)}/s`,
      )
    }
    report([
      ...figures(rounds, 'rate', 'messages', '1/s'),
      ...figures(rounds, 'cpu', 'processor', 'µs/message'),
    ])
  } finally {
    await pool.end()
  }
})
