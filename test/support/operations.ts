import type { Job, JobRun } from '../../desk/jobs/job.ts'
import type { ChatSite } from './site.ts'

/** Runs a job as the site's worker does, by the server's own hand. */
export async function runJob<Args>(
  { site }: ChatSite,
  job: Job<Args>,
  args: Record<string, unknown> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const user = { user: 'Administrator' }
  const run: JobRun = {
    site,
    attempt: 1,
    signal,
    read: (work) => site.read(user, work),
    write: (work) => site.write(user, work),
  }
  await job.run(args, run)
}

interface Many {
  room: string
  sender: string
  count: number
  /** The time of the first; the others follow, a millisecond after each other. */
  from: Date
  type?: string
}

const ROWS = 500

/** Many messages of the past, with their place in the room, written straight into the tables. */
export async function writeMany({ site }: ChatSite, many: Many): Promise<void> {
  const { room, sender, count, from, type = 'Text' } = many
  await site.asAdministrator(async ({ db }) => {
    const before = await db('tabChat Room')
      .where({ name: room })
      .first<{ last_seq: number; change_seq: number }>('last_seq', 'change_seq')
    for (let start = 0; start < count; start += ROWS) {
      const rows = Array.from({ length: Math.min(ROWS, count - start) }, (_, i) => {
        const nth = start + i + 1
        const at = site.clock.at(from.getTime() + nth)
        return {
          name: `MANY-${room}-${String(before.last_seq + nth)}`,
          owner: sender,
          modified_by: sender,
          creation: at,
          modified: at,
          chat_room: room,
          sender,
          message_type: type,
          timestamp: at,
          message_content: `old ${String(nth)}`,
          seq: before.last_seq + nth,
          change_seq: before.change_seq + nth,
        }
      })
      await db('tabChat Message').insert(rows)
    }
    await db('tabChat Room')
      .where({ name: room })
      .update({ last_seq: before.last_seq + count, change_seq: before.change_seq + count })
    await db('tabChat Room Member').where({ parent: room, user: sender }).increment('own_since_read', count)
  })
}

/** Days before now. */
export const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000)
