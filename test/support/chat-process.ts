// A further process of a site with F-Chat: serves the database that it is told at a port of its own, until it is killed.
import { createDatabase, type DatabaseConfig } from '../../desk/db/index.ts'
import { createServer } from '../../desk/http/server.ts'
import { loadApp } from '../../desk/site/apps.ts'
import { loadDesk } from '../../desk/site/open.ts'
import { Site } from '../../desk/site/site.ts'
import path from 'node:path'

const database = JSON.parse(process.env.CHAT_DATABASE ?? '') as DatabaseConfig
const say = (details: object, message: string): void => {
  console.error(message, details)
}
const root = path.resolve(import.meta.dirname, '../..')
const site = new Site({
  name: 'test',
  path: '/nonexistent',
  config: { time_zone: 'UTC' },
  database: createDatabase(database),
  apps: [await loadDesk(), await loadApp(root)],
  log: { info: () => undefined, warn: say, error: say },
})
site.start()
const server = await createServer({ site, build: 'test-build' })
console.log(await server.listen({ port: 0, host: '127.0.0.1' }))
process.stdin.resume()
process.stdin.once('end', () => {
  void server.close().then(() => site.close())
})
