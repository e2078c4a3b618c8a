import t from 'tap'
import { ValidationError } from '../../../desk/errors.ts'
import type { BusMessage } from '../../../desk/realtime/bus.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, labSite } from '../../support/fixtures-app.ts'
import { isNotice } from '../../support/site.ts'

await eachDatabase(t, 'a part of a transaction that fails by itself', async (t, db) => {
  const site = await labSite(t, db, {
    doctypes: { Note: { autoname: 'Prompt', fields: [field('n', 'Int')] } },
  })
  const sent: BusMessage[] = []
  site.bus.subscribe((message) => sent.push(message))
  const done: string[] = []

  await site.asAdministrator(async (ctx) => {
    const add = async (name: string): Promise<void> => {
      await ctx.insert('Note', { name })
      ctx.publish('added', name, { room: 'r' })
      ctx.afterCommit(() => void done.push(name))
    }
    await add('first')
    await ctx.attempt(() => add('second'))
    await t.rejects(
      ctx.attempt(async () => {
        await add('third')
        throw new ValidationError('No third.')
      }),
      { message: 'No third.' },
    )
    await add('fourth')
  })

  const expected = ['first', 'second', 'fourth']
  t.same(
    (await site.database.reader('tabNote').orderBy('creation').pluck<string[]>('name')).sort(),
    [...expected].sort(),
  )
  t.same(done, expected)
  t.same(
    sent.filter((message) => !isNotice(message)).map((message) => 'message' in message && message.message),
    expected,
  )
  t.notMatch(JSON.stringify(sent), 'third')
})
