import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { isUpToDate, migrate, planMigration } from '../../../desk/site/migrate.ts'
import { installApp } from '../../../desk/site/create.ts'
import { Site } from '../../../desk/site/site.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, labSite, testApp } from '../../support/fixtures-app.ts'

const thing = { autoname: 'hash', fields: [field('title'), field('rank', 'Int')] }

await eachDatabase(t, 'migrate', async (t, db) => {
  const site = await labSite(t, db, { name: 'base' })
  const withApps = (...apps: ReturnType<typeof testApp>[]): Site => {
    const { name, path: folder, config, database, log, registry } = site
    return new Site({ name, path: folder, config, database, log, apps: [...registry.apps, ...apps] })
  }

  await t.test('is due when an app brings a table, and then is not', async (t) => {
    t.equal(await isUpToDate(site), true)
    t.same(await planMigration(site), [])
    const wider = withApps(testApp({ name: 'wide', doctypes: { Thing: thing } }))
    t.equal(await isUpToDate(wider), false)
    t.ok((await planMigration(wider)).length > 0)
    const steps: string[] = []
    await migrate(wider, (step, done, total) => {
      steps.push(`${step} ${String(done)}/${String(total)}`)
    })
    t.same(steps.slice(0, 2), ['tables 0/1', 'tables 1/1'])
    t.match(steps.at(-1), /^apps (\d+)\/\1$/, 'it tells how far it is')
    t.same(await planMigration(wider), [])
    t.equal(await isUpToDate(wider), true)
  })

  await t.test('fixtures keep their names, are brought back to the file, and are not doubled', async (t) => {
    const folder = t.testdir({})
    const fixture = (title: string): void => {
      mkdirSync(path.join(folder, 'fixtures'), { recursive: true })
      const docs = [{ doctype: 'Thing', name: 'fixed', title, rank: 3 }]
      writeFileSync(path.join(folder, 'fixtures', 'thing.json'), JSON.stringify(docs))
    }
    fixture('one')
    const app = { ...testApp({ name: 'wide', doctypes: { Thing: thing } }), root: folder }
    const wide = withApps(app)
    await migrate(wide)
    await migrate(wide)
    t.match(await site.database.reader('tabThing').select('name', 'title', 'rank'), [
      { name: 'fixed', title: 'one', rank: 3 },
    ])
    fixture('two')
    await migrate(wide)
    t.match(await site.database.reader('tabThing').select('name', 'title'), [{ name: 'fixed', title: 'two' }])
  })

  await t.test('after_install runs once; if it fails the app is not installed', async (t) => {
    let runs = 0
    const sulky = testApp({
      name: 'sulky',
      after_install: async (ctx) => {
        await ctx.insert('Role', { role_name: `Sulker ${String(++runs)}` })
        if (runs === 1) throw new Error('not today')
      },
    })
    const installed = (): Promise<string[]> =>
      site.database.reader('tabInstalled Application').orderBy('name').pluck<string[]>('name')
    const before = await installed()
    await t.rejects(installApp(site, sulky), { message: 'not today' })
    t.same(await installed(), before)
    const after = await installApp(site, sulky)
    await migrate(after)
    t.equal(runs, 2)
    t.same(await installed(), [...before, 'sulky'].sort())
    t.same(await site.database.reader('tabRole').where('name', 'like', 'Sulker%').pluck('name'), ['Sulker 2'])
  })

  await t.test('before_migrate runs for apps that are installed, and only for them', async (t) => {
    const ran: string[] = []
    const early = testApp({ name: 'early', before_migrate: () => Promise.resolve(void ran.push('early')) })
    await migrate(withApps(early))
    t.same(ran, [])
    await migrate(withApps(early))
    t.same(ran, ['early'])
  })

  await t.test('a database that a newer version has migrated is left alone', async (t) => {
    const versioned = (version: string): Site => withApps({ ...testApp({ name: 'grown' }), version })
    await migrate(versioned('1.10.0'))
    for (const older of ['1.9.0', '1.10.0-rc.1']) {
      await t.rejects(migrate(versioned(older)), /is at grown 1\.10\.0, newer than .*Update the app/s)
      await t.rejects(planMigration(versioned(older)), /newer than/)
      const wider = testApp({ name: 'grown', doctypes: { Grown: thing } })
      await t.rejects(isUpToDate(withApps({ ...wider, version: older })), /Update the app/, 'at a start, too')
    }
    t.equal(await isUpToDate(versioned('1.9.0')), true, 'what needs the same tables may go back')
    await migrate(versioned('1.10.0'))
    await migrate(versioned('2.0.0'))
  })

  await t.test('two migrates at once both end well, and do things once', async (t) => {
    let runs = 0
    const slow = testApp({
      name: 'slow',
      doctypes: { Snail: thing },
      after_install: async (ctx) => {
        runs += 1
        await ctx.insert('Snail', { title: 'one' })
      },
    })
    await Promise.all([migrate(withApps(slow)), migrate(withApps(slow)), migrate(withApps(slow))])
    t.equal(runs, 1)
    t.equal((await site.database.reader('tabSnail').select()).length, 1)
  })

  await t.test('200 DocTypes are looked at in a few statements', async (t) => {
    const doctypes = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`Many ${String(i)}`, { fields: [field('title')] }]),
    )
    const many = withApps(testApp({ name: 'many', doctypes }))
    await migrate(many)
    let statements = 0
    const stop = site.database.onQuery(() => (statements += 1))
    const begin = performance.now()
    t.same((await migrate(many)).applied, [])
    stop()
    t.ok(statements < 60, `${String(statements)} statements`)
    t.ok(performance.now() - begin < 4000)
  })

  await t.test('two apps cannot bring the same DocType', async (t) => {
    const twin = (name: string) => testApp({ name, doctypes: { Twin: thing } })
    t.throws(() => withApps(twin('one'), twin('two')), { message: /Twin comes from both one and two/ })
  })
})
