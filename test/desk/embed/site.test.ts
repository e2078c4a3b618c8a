import path from 'node:path'
import t from 'tap'
import { Bench } from '../../../desk/site/bench-folder.ts'
import { createSite } from '../../../desk/site/create.ts'
import { openSite } from '../../../desk/site/open.ts'
import { refuseWhileServed } from '../../../desk/site/site-lock.ts'
import { byCookie, embed, newBenchPath, SITE } from '../../support/embed.ts'
import { recordingLog } from '../../support/fixtures-app.ts'

const identify = byCookie(new Map([['ann', { user: 'ann@shop.example', roles: ['Chat User'] }]]))
const log = recordingLog()
const root = path.resolve(import.meta.dirname, '../../..')

t.test('what is missing is told, with what brings it', async (t) => {
  const benchPath = newBenchPath(t)
  await t.rejects(embed(t, { benchPath, create: false }), /is not a bench\. Register desk with create: true/)
  const bench = new Bench(benchPath)
  await bench.init()
  await t.rejects(embed(t, { benchPath, create: false }), /There is no site shop\.localhost .*create: true/)
  await createSite(bench, SITE, { adminPassword: 'a good password', log })
  await t.rejects(embed(t, { benchPath, create: false }), /does not have f_chat installed.*migrate: true/)
  await t.rejects(embed(t, { benchPath, apps: ['no-such-app'] }), /npm install no-such-app/)
  await t.rejects(embed(t, { benchPath, apps: [path.join(root, 'docs')] }), /is not an app/)

  const host = await embed(t, { benchPath, create: false, migrate: true, identify })
  t.match(await host.client('ann').get('/api/method/version'), { body: { message: { f_chat: {} } } })
  t.throws(() => {
    refuseWhileServed(bench.sitePath(SITE), 'restore')
  }, /being served/)
  await host.app.close()
  refuseWhileServed(bench.sitePath(SITE), 'restore')
})

t.test('a site whose database is older than the apps is refused, or migrated', async (t) => {
  const benchPath = newBenchPath(t)
  const first = await embed(t, { benchPath, apps: ['f-chat'], identify })
  await first.client('ann').get('/api/method/f_chat.get_user_chat_rooms')
  await first.app.close()
  const bench = new Bench(benchPath)
  const site = await openSite(bench, SITE, { log })
  await site.asAdministrator(async (ctx) => {
    await ctx.db.schema.alterTable('tabChat Room', (table) => table.dropColumn('description'))
    await ctx.db('tabSingles').where({ field: 'schema_digest' }).update({ value: 'of old' })
  })
  await site.close()
  await t.rejects(
    embed(t, { benchPath, apps: [root], identify }),
    /Run "bench --site shop.localhost migrate"/,
  )
  const host = await embed(t, { benchPath, apps: [root], identify, migrate: true })
  const rooms = await host.client('ann').get('/api/method/f_chat.get_user_chat_rooms')
  t.match(rooms, { status: 200 })
})
