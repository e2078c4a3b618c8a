import type { Site } from '../../desk/site/site.ts'
import { storeRooms, type SeedMessage } from '../../doctypes/chat_room/seed-rows.ts'
import { tell } from './report.ts'

/** A million messages as people write them: a few words all the time, most of them hardly ever. */

export const MANY = 'many@bench.example'
export const FEW = 'few@bench.example'

const SPAN_MS = 30 * 86_400_000
const VOCABULARY = 30_000

/** Words that are in a known share of all messages. */
export const MARKED = [
  { word: 'everywhere', share: 0.3 },
  { word: 'warehouse', share: 0.05 },
  { word: 'pallet', share: 0.01 },
  { word: 'forklift', share: 0.001 },
  { word: 'narwhal', share: 0.00002 },
] as const

export interface TalkRoom {
  name: string
  size: number
}

/** The same numbers in every run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A word by its rank: the n-th is n times as rare as the first. */
function speaker(random: () => number): () => string {
  const sums: number[] = []
  let sum = 0
  for (let rank = 0; rank < VOCABULARY; rank++) sums.push((sum += 1 / (rank + 3)))
  return () => {
    const at = random() * sum
    let [low, high] = [0, VOCABULARY - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < at) low = middle + 1
      else high = middle
    }
    return spelling(low)
  }
}

const spelling = (rank: number): string => {
  let word = ''
  for (let rest = rank * 7919 + 13; rest > 0; rest = Math.floor(rest / 20))
    word += 'etaoinshrdlucmfwypvb'[rest % 20] ?? ''
  return word
}

/** One room with nearly a third of all, two with a tenth each, and the rest in many. */
function roomSizes(messages: number): number[] {
  const share = (part: number): number => Math.max(10, Math.floor(messages * part))
  return [
    share(0.3),
    share(0.1),
    share(0.1),
    ...Array<number>(50).fill(share(0.006)),
    ...Array<number>(200).fill(share(0.001)),
  ]
}

/**
 * Fills a site: {@link MANY} is in every room, {@link FEW} in three of middle size and one small one.
 * @returns the rooms, the largest first
 */
export async function fillWithTalk(site: Site, messages: number): Promise<TalkRoom[]> {
  const random = randomFrom(7)
  const say = speaker(random)
  const begin = Date.now() - SPAN_MS
  const started = performance.now()
  await addUsers(site)
  const sizes = roomSizes(messages)
  for (const [number, size] of sizes.entries()) {
    const text = (): string => {
      const words = Array.from({ length: 4 + Math.floor(random() * 14) }, say)
      for (const { word, share } of MARKED)
        if (random() < share) words.splice(Math.floor(random() * words.length), 0, word)
      return words.join(' ')
    }
    const talk = Array.from({ length: size }, (_, i): SeedMessage => ({
      sender: i % 2 === 0 || !hears(number) ? MANY : FEW,
      content: i === 0 ? 'created' : text(),
      at: site.clock.at(begin + Math.floor((SPAN_MS * (i + random())) / size)),
    }))
    const members = [MANY, ...(hears(number) ? [FEW] : [])]
    await site.asAdministrator((ctx) =>
      storeRooms(ctx, [
        {
          room_name: `Room ${String(number)}`,
          room_type: 'Group Chat',
          members: members.map((user, i) => ({ user, role: i === 0 ? 'Admin' : 'Member', unseen: 3 })),
          messages: talk,
        },
      ]),
    )
  }
  tell(
    `${site.database.kind}: seeded ${String(messages)} messages in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  )
  const rows = await site.database
    .reader('tabChat Room')
    .orderBy([{ column: 'last_seq', order: 'desc' }, { column: 'name' }])
    .select<{ name: string; last_seq: number }[]>('name', 'last_seq')
  return rows.map(({ name, last_seq }) => ({ name, size: last_seq }))
}

const hears = (number: number): boolean => [3, 4, 5, 60].includes(number)

async function addUsers(site: Site): Promise<void> {
  for (const email of [MANY, FEW]) {
    await site.asAdministrator((ctx) =>
      ctx.insert('User', { email, first_name: email.split('@')[0], roles: [{ role: 'Chat User' }] }),
    )
  }
}

export async function timesOf(calls: number, work: (call: number) => Promise<unknown>): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < calls; i++) {
    const begin = performance.now()
    await work(i)
    taken.push(performance.now() - begin)
  }
  return taken
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}
