import type { Site } from '../../desk/site/site.ts'
import { onBoth } from './databases.ts'
import { median, report, tell, type Figure } from './report.ts'
import { fillWithTalk, MANY, timesOf } from './talk.ts'

/**
 * A page of 50 messages with attachments, reactions and replies out of a million: the newest, and those that lie
 * 50,000 messages back in the same room, by seq and by time.
 */
const MESSAGES = Number(process.env.BENCH_MESSAGES ?? 1_000_000)
const BACK = Math.min(50_000, Math.floor(MESSAGES / 5))
const PAGE = 50
const ROUNDS = 20
const CALLS = 10

/** Of every page's messages: a fifth with a file, a third with reactions, a fifth that reply. */
async function addChildren(site: Site, room: string, upTo: number): Promise<void> {
  await site.asAdministrator(async ({ db }) => {
    const messages = await db('tabChat Message')
      .where({ chat_room: room })
      .whereBetween('seq', [upTo - PAGE, upTo])
      .orderBy('seq')
      .pluck<string[]>('name')
    const child = (parent: string, parentfield: string, values: object): object => ({
      name: `${parent}-${parentfield}`,
      parent,
      parenttype: 'Chat Message',
      parentfield,
      idx: 1,
      ...values,
    })
    await db('tabChat Message Attachment').insert(
      messages
        .filter((_, i) => i % 5 === 0)
        .map((name) =>
          child(name, 'file_attachments', {
            file_name: 'plan.pdf',
            file_url: '/private/files/plan.pdf',
            file_size: 9,
          }),
        ),
    )
    await db('tabChat Message Reaction').insert(
      messages
        .filter((_, i) => i % 3 === 0)
        .map((name) =>
          child(name, 'reactions', { user: MANY, reaction_emoji: '👍', timestamp: site.clock.now() }),
        ),
    )
    await db('tabChat Message')
      .whereIn(
        'name',
        messages.filter((_, i) => i % 5 === 1),
      )
      .update({ reply_to_message: messages[0] })
  })
}

async function measure(site: Site, kind: string): Promise<Figure[]> {
  const [largest] = await fillWithTalk(site, MESSAGES)
  const { name: room, size } = largest ?? { name: '', size: 0 }
  const seq = size - BACK
  for (const upTo of [size, seq - 1]) await addChildren(site, room, upTo)
  const [at] = await site.database
    .reader('tabChat Message')
    .where({ chat_room: room, seq })
    .select<{ timestamp: string }[]>('timestamp')
  const page = (args: object) => (): Promise<unknown> =>
    site.call('f_chat.get_chat_messages', { room_id: room, page_size: PAGE, ...args }, { user: MANY })
  const works = {
    newest: page({}),
    before_seq: page({ before_seq: seq }),
    before_timestamp: page({ before_timestamp: at?.timestamp }),
  }
  const taken: Record<string, number[]> = {}
  for (const work of Object.values(works)) await timesOf(CALLS, work)
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, work] of Object.entries(works))
      taken[name] = [...(taken[name] ?? []), ...(await timesOf(CALLS, work))]
  const newest = median(taken.newest ?? [])
  return Object.entries(taken).map(([name, times]) => {
    const value = median(times)
    tell(`${kind}: ${name}: p50 ${value.toFixed(2)} ms`)
    const compared = name === 'newest' ? {} : { ratio_to: `${kind} newest`, ratio: value / newest }
    return { name: 'history', variant: `${kind} ${name}`, metric: 'p50', value, unit: 'ms', ...compared }
  })
}

report(await onBoth(4, measure))
