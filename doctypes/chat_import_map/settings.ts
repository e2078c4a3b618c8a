import { digest } from './digest.ts'
import { writeBatch, type ImportRun } from './run.ts'
import { isRefusal } from './users.ts'
import { flagOf, textOf, wholeOf } from './values.ts'

const DOCTYPE = 'Chat Settings'
const FLAGS = [
  ...['enable_chat', 'enable_cron_monitoring', 'enable_desktop_notifications', 'auto_delete_old_messages'],
  ...['enable_message_editing', 'enable_message_reactions', 'enable_typing_indicators'],
]
const NUMBERS = ['max_file_size', 'default_room_max_members', 'message_edit_time_limit']

/** Brings the chat's settings: the first time, and when they have changed in the source since. */
export async function importSettings(run: ImportRun): Promise<void> {
  const there = await run.source.single(DOCTYPE)
  const values: Record<string, string | number> = {}
  for (const field of FLAGS) if (there.has(field)) values[field] = flagOf(there.get(field))
  for (const field of NUMBERS) {
    const number = wholeOf(there.get(field))
    if (number !== undefined && number >= 0) values[field] = number
    else if (textOf(there.get(field)) !== '')
      run.tally.list(DOCTYPE, field, 'is no number; left as it is here')
  }
  const types = textOf(there.get('allowed_file_types')).trim()
  if (types !== '') values.allowed_file_types = types
  if (Object.keys(values).length === 0) return
  const fingerprint = digest(JSON.stringify(values))
  const known = (await run.ledger.find(run.site.database.reader, DOCTYPE, [DOCTYPE])).get(DOCTYPE)
  if (known?.fingerprint === fingerprint) {
    run.tally.add(DOCTYPE, 'present')
    return
  }
  await writeBatch(run, async (ctx, tally) => {
    try {
      await ctx.attempt(async () => {
        const settings = await ctx.getDoc(DOCTYPE, DOCTYPE)
        for (const [field, value] of Object.entries(values)) settings.set(field, value)
        await settings.save({ ignorePermissions: true })
      })
      tally.add(DOCTYPE, known ? 'changed' : 'brought')
    } catch (error) {
      if (!isRefusal(error)) throw error
      tally.list(DOCTYPE, DOCTYPE, `left as they are here: ${error.message}`)
    }
    if (known) await run.ledger.update(ctx, DOCTYPE, DOCTYPE, { fingerprint })
    else await run.ledger.add(ctx, DOCTYPE, [{ source: DOCTYPE, target: DOCTYPE, fingerprint }])
  })
}
