import { createDatabase, type DatabaseConfig } from '../../desk/db/index.ts'
import { migrate } from '../../desk/site/migrate.ts'
import { onMariaDbServer, onSqlite } from './databases.ts'
import { median, report, type Figure } from './report.ts'
import { openThings, thingSite } from './thing-app.ts'

/** `migrate` of an up-to-date site with 200 DocTypes; the plan must come out empty. */
const DOCTYPES = 200
const ROUNDS = 5

async function figures(config: DatabaseConfig): Promise<Figure[]> {
  const site = await thingSite(createDatabase(config), DOCTYPES)
  await site.close()
  const seconds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const again = await openThings(createDatabase(config), DOCTYPES)
    try {
      const begin = performance.now()
      const { applied } = await migrate(again)
      seconds.push((performance.now() - begin) / 1000)
      if (applied.length > 0) throw new Error('The site was not up to date.')
    } finally {
      await again.close()
    }
  }
  const common = { name: 'migrate', variant: config.db_type, unit: 's' }
  return [
    { ...common, metric: 'up to date, median', value: median(seconds) },
    { ...common, metric: 'up to date, slowest', value: Math.max(...seconds) },
  ]
}

await onSqlite(async (config) => {
  report(await figures(config))
})
await onMariaDbServer(10, async (config) => {
  report(await figures(config))
})
