import { insertRows, standardColumns } from './rows.ts'
import { writeBatch, type ImportRun } from './run.ts'
import { textOf, timeOf } from './values.ts'

const DOCTYPE = 'Chat User Activity'
const ROWS_PER_PAGE = 500

/** Brings when users were last seen; all of them are offline until they come. Those who have been here stay as they are. */
export async function importActivity(run: ImportRun): Promise<void> {
  const total = await run.source.count(DOCTYPE)
  let done = 0
  for await (const rows of run.source.pages(DOCTYPE, ['user', 'last_seen', 'last_activity'], ROWS_PER_PAGE)) {
    await writeBatch(run, async (ctx, tally) => {
      const seen = new Map<string, { last_seen: string | null; last_activity: string | null }>()
      for (const row of rows) {
        const user = run.users.find(textOf(row.user) || textOf(row.name))
        const times = { last_seen: timeOf(row.last_seen), last_activity: timeOf(row.last_activity) }
        if (user === undefined) tally.list(DOCTYPE, textOf(row.name), 'its user does not exist; not brought')
        else seen.set(user, times)
      }
      const here = new Set(
        (
          await ctx
            .db('tabChat User Activity')
            .whereIn('name', [...seen.keys()])
            .pluck<string[]>('name')
        ).map((name) => name.toLowerCase()),
      )
      const now = ctx.now()
      const names = await ctx
        .db('tabUser')
        .whereIn('name', [...seen.keys()])
        .select<{ name: string; full_name: string | null }[]>('name', 'full_name')
      const added = names.filter(({ name }) => !here.has(name.toLowerCase()))
      await insertRows(
        ctx,
        DOCTYPE,
        added.map(({ name, full_name }) => ({
          ...standardColumns(name, name, now),
          user: name,
          chat_status: 'offline',
          last_seen: seen.get(name)?.last_seen ?? null,
          last_activity: seen.get(name)?.last_activity ?? null,
          full_name,
        })),
      )
      if (added.length > 0) tally.add(DOCTYPE, 'brought', added.length)
      if (seen.size > added.length) tally.add(DOCTYPE, 'present', seen.size - added.length)
    })
    done += rows.length
    run.progress('Presence', done, total)
  }
}
