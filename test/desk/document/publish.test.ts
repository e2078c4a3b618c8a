import t from 'tap'
import { Type } from 'typebox'
import type { Context } from '../../../desk/context.ts'
import { defineMethod } from '../../../desk/method.ts'
import type { BusMessage } from '../../../desk/realtime/bus.ts'
import type { Site } from '../../../desk/site/site.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, labSite, recordingLog, refusal } from '../../support/fixtures-app.ts'
import { isNotice } from '../../support/site.ts'

const tell = defineMethod({
  name: 'lab.tell',
  writes: true,
  input: Type.Object({ text: Type.String() }),
  handler: ({ text }, ctx) => {
    ctx.publish('told', text, { room: 'r' })
  },
})

const indirect = defineMethod({
  name: 'lab.read_that_writes',
  input: Type.Object({}),
  handler: (_args, ctx) => ctx.call('lab.tell', { text: 'x' }),
})

await eachDatabase(t, 'what is published', async (t, db) => {
  const log = recordingLog()
  const site = await labSite(
    t,
    db,
    { doctypes: { Note: { autoname: 'Prompt', fields: [field('n', 'Int')] } }, methods: [tell, indirect] },
    { log },
  )
  const sent: BusMessage[] = []
  site.bus.subscribe((message) => {
    if (!isNotice(message)) sent.push(message)
  })
  t.beforeEach(() => {
    sent.length = 0
  })
  const stored = (name: string): Promise<unknown> =>
    site.database.reader('tabNote').where({ name }).first('name')

  await t.test('goes after commit, once, in order with joins and leaves', async (t) => {
    const order: string[] = []
    await site.asAdministrator(async (ctx) => {
      await ctx.insert('Note', { name: 'first' })
      ctx.joinRoom(['a'], 'r')
      ctx.publish('one', 1, { room: 'r' })
      ctx.leaveRoom(['b'], 'r')
      ctx.publish('two', 2, { users: ['a', 'b'] })
      ctx.publish('three', 3, { user: 'a' })
      ctx.afterCommit(async () => {
        order.push(`sent ${String(sent.length)}, stored ${String(Boolean(await stored('first')))}`)
      })
      t.same(sent, [], 'nothing while the transaction is open')
    })
    t.same(sent, [
      { type: 'join', users: ['a'], room: 'r' },
      { type: 'event', room: 'r', event: 'one', message: 1 },
      { type: 'leave', users: ['b'], room: 'r' },
      { type: 'event', room: 'user:a', event: 'two', message: 2 },
      { type: 'event', room: 'user:b', event: 'two', message: 2 },
      { type: 'event', room: 'user:a', event: 'three', message: 3 },
    ])
    t.same(order, ['sent 6, stored true'])
  })

  await t.test('nothing of a transaction that rolled back', async (t) => {
    let ran = false
    await t.rejects(
      site.asAdministrator(async (ctx) => {
        await ctx.insert('Note', { name: 'gone' })
        ctx.publish('one', 1, { room: 'r' })
        ctx.joinRoom(['a'], 'r')
        ctx.afterCommit(() => {
          ran = true
        })
        throw new Error('no')
      }),
      { message: 'no' },
    )
    t.same(sent, [])
    t.equal(ran, false)
    t.notOk(await stored('gone'))
  })

  await t.test('a failure after commit is reported, and does not undo the commit', async (t) => {
    log.errors.length = 0
    const circular: Record<string, unknown> = {}
    circular.self = circular
    site.bus.subscribe((message) => void JSON.stringify(message))
    await site.asAdministrator(async (ctx) => {
      await ctx.insert('Note', { name: 'kept' })
      ctx.publish('broken', circular, { room: 'r' })
      ctx.afterCommit(() => {
        throw new Error('after')
      })
    })
    t.ok(await stored('kept'))
    t.equal(log.errors.length, 2)
  })

  await t.test('a method that reads cannot call one that writes', async (t) => {
    await t.rejects(
      site.call('lab.read_that_writes', {}, { user: 'Administrator' }),
      refusal(417, 'ValidationError', /call it from a method that writes/),
    )
    await site.call('lab.tell', { text: 'hello' }, { user: 'Administrator' })
    t.match(sent, [{ event: 'told', message: 'hello' }])
  })

  await t.test('a transaction that meets a deadlock runs again, and publishes once', async (t) => {
    if (db.kind === 'sqlite') return
    await deadlock(site)
    t.same(sent.map((message) => message.type === 'event' && message.message).sort(), ['left', 'right'])
    t.same(await site.database.reader('tabNote').whereIn('name', ['left', 'right']).pluck('n'), [2, 2])
  })
})

/** Two transactions that take the same two rows in opposite order, each once it has its first. */
async function deadlock(site: Site): Promise<void> {
  await site.asAdministrator(async (ctx) => {
    for (const name of ['left', 'right']) await ctx.insert('Note', { name })
  })
  let waiting = 0
  let open = (): void => undefined
  const bothHaveOne = new Promise<void>((resolve) => (open = resolve))
  const take = (ctx: Context, name: string): Promise<unknown> =>
    ctx.db('tabNote').where({ name }).increment('n', 1)
  const cross = (first: string, second: string): Promise<void> =>
    site.asAdministrator(async (ctx) => {
      ctx.publish('crossed', first, { room: 'r' })
      await take(ctx, first)
      if (++waiting === 2) open()
      await bothHaveOne
      await take(ctx, second)
    })
  await Promise.all([cross('left', 'right'), cross('right', 'left')])
  if (waiting < 3) throw new Error('There was no deadlock: the test proves nothing.')
}
