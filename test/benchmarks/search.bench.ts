import type { Site } from '../../desk/site/site.ts'
import { onBoth } from './databases.ts'
import { median, report, tell, type Figure } from './report.ts'
import { FEW, fillWithTalk, MANY, MARKED, quantile, timesOf } from './talk.ts'

/**
 * Searches in a million messages: words from very common to absent, for one who hears every room and for one who
 * hears few, in all rooms and in the largest; against LIKE '%…%' over the same messages.
 */
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 1_000_000)
const CALLS = 20
const BASELINE_CALLS = 2

const TERMS = [
  ...MARKED.map(({ word, share }) => ({ kind: `in ${String(share * 100)}%`, term: word })),
  { kind: 'prefix', term: 'ware' },
  { kind: 'two letters', term: 'te' },
  { kind: 'common and rare', term: 'everywhere forklift' },
  { kind: 'quoted', term: '"warehouse everywhere"' },
  { kind: 'absent', term: 'zyzzyva' },
]

const LIKE =
  'select m.name from `tabChat Message` m join `tabChat Room Member` c on c.parent = m.chat_room' +
  ' where c.user = ? and m.is_deleted = 0 and m.message_content like ?'

async function baseline(site: Site, user: string, term: string, room: string | undefined): Promise<void> {
  const only = room === undefined ? '' : ' and m.chat_room = ?'
  await site.database.reader.raw(`${LIKE}${only} order by m.timestamp desc limit 20`, [
    user,
    `%${term.replaceAll('"', '').replaceAll(' ', '%')}%`,
    ...(room === undefined ? [] : [room]),
  ])
}

async function measure(site: Site, kind: string): Promise<Figure[]> {
  const [largest] = await fillWithTalk(site, MESSAGES)
  const room = largest?.name ?? ''
  const places = [
    { where: 'many rooms', user: MANY, room: undefined },
    { where: 'few rooms', user: FEW, room: undefined },
    { where: 'one room', user: MANY, room },
  ]
  const figures: Figure[] = []
  const all = { ours: [] as number[], like: [] as number[] }
  for (const { where, user, room: only } of places) {
    for (const { kind: what, term } of TERMS) {
      const ours = (): Promise<unknown> =>
        only === undefined
          ? site.call('f_chat.get_global_chat_search', { search_term: term }, { user })
          : site.call('f_chat.search_messages', { room_id: only, search_term: term }, { user })
      const first = await timesOf(1, ours)
      const taken = await timesOf(CALLS, ours)
      const like = await timesOf(BASELINE_CALLS, () => baseline(site, user, term, only))
      all.ours.push(...taken)
      all.like.push(...like)
      const p50 = median(taken)
      const metric = `${where}, ${what}`
      tell(
        `${kind}: ${metric}: first ${(first[0] ?? 0).toFixed(1)}, p50 ${p50.toFixed(1)} ms; like ${median(like).toFixed(0)} ms`,
      )
      figures.push({ name: 'search', variant: `${kind} like`, metric, value: median(like), unit: 'ms' })
      figures.push({
        name: 'search',
        variant: `${kind} f_chat`,
        metric,
        value: p50,
        unit: 'ms',
        ratio_to: `${kind} like`,
        ratio: p50 / median(like),
      })
    }
  }
  const variant = `${kind} f_chat`
  figures.push({
    name: 'search',
    variant: `${kind} like`,
    metric: 'p50',
    value: median(all.like),
    unit: 'ms',
  })
  figures.push({
    name: 'search',
    variant,
    metric: 'p50',
    value: median(all.ours),
    unit: 'ms',
    ratio_to: `${kind} like`,
    ratio: median(all.ours) / median(all.like),
  })
  figures.push({ name: 'search', variant, metric: 'p95', value: quantile(all.ours, 0.95), unit: 'ms' })
  figures.push({ name: 'search', variant, metric: 'max', value: quantile(all.ours, 1), unit: 'ms' })
  return figures
}

report(await onBoth(4, measure))
