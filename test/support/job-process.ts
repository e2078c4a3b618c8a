// A second process of a site: serves the jobs of the lab on the database that it is told, until it is killed.
import { createDatabase, type DatabaseConfig } from '../../desk/db/index.ts'
import { loadDesk } from '../../desk/site/open.ts'
import type { SiteConfig } from '../../desk/site/config.ts'
import { Site } from '../../desk/site/site.ts'
import { testApp } from './fixtures-app.ts'
import { jobLab } from './job-lab.ts'

const { database, config } = JSON.parse(process.env.LAB ?? '') as {
  database: DatabaseConfig
  config: SiteConfig
}
const log = {
  info: () => undefined,
  warn: (details: object, message: string) => {
    console.error(message, details)
  },
  error: (details: object, message: string) => {
    console.error(message, details)
  },
}
const site = new Site({
  name: 'lab.test',
  path: '/nonexistent',
  config,
  database: createDatabase(database),
  apps: [await loadDesk(), testApp(jobLab)],
  log,
})
site.start()
process.stdin.resume()
process.stdin.once('end', () => {
  void site.close()
})
console.log('serving')
