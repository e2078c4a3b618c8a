import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Test } from 'tap'
import type { Database } from '../../desk/db/index.ts'
import { introspect, type DatabaseKind } from '../../desk/schema/index.ts'
import { Bench } from '../../desk/site/bench-folder.ts'
import { createSite, dropSite } from '../../desk/site/create.ts'
import type { MariaDbRoot } from '../../desk/site/mariadb-admin.ts'
import { openSite } from '../../desk/site/open.ts'
import type { Site } from '../../desk/site/site.ts'
import { mariaDbSocket, needsMariaDb } from './databases.ts'
import { ADMIN_PASSWORD, recordingLog } from './fixtures-app.ts'

/** A bench in a temporary folder, with sites on one of the databases; gone with the subtest, as are their databases. */
export class SiteBench {
  readonly bench: Bench
  readonly kind: DatabaseKind
  readonly #t: Test

  constructor(t: Test, kind: DatabaseKind) {
    const folder = mkdtempSync(path.join(tmpdir(), 'f-chat-bench-'))
    this.bench = new Bench(folder)
    this.kind = kind
    this.#t = t
    t.teardown(() => {
      rmSync(folder, { recursive: true, force: true })
    })
  }

  /** Where MariaDB's root needs no password; undefined on SQLite. */
  async root(): Promise<MariaDbRoot | undefined> {
    return this.kind === 'mariadb' ? { user: 'root', password: '', socket: await mariaDbSocket() } : undefined
  }

  async newSite(name: string, apps: readonly string[] = []): Promise<void> {
    const root = await this.root()
    await createSite(this.bench, name, {
      adminPassword: ADMIN_PASSWORD,
      dbType: this.kind,
      apps,
      timeZone: 'UTC',
      log: recordingLog(),
      ...(root ? { root } : {}),
    })
    await releaseStatements()
    if (root) this.#t.teardown(() => dropSite(this.bench, name, root))
  }

  /** Works on an open site, and closes it. */
  async on<T>(name: string, work: (site: Site) => Promise<T>): Promise<T> {
    const site = await openSite(this.bench, name, { log: recordingLog(), evenIfOutdated: true })
    try {
      return await work(site)
    } finally {
      await site.close()
      await releaseStatements()
    }
  }
}

/** A closed connection of SQLite lives until its statements have been collected; a restore wants the file for itself. */
async function releaseStatements(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  await nextTurn()
}

/** The same subtest with sites on SQLite and on MariaDB. */
export async function eachBench(
  t: Test,
  name: string,
  run: (t: Test, sites: SiteBench) => Promise<void>,
): Promise<void> {
  await t.test(name, async (t) => {
    for (const kind of ['sqlite', 'mariadb'] as const)
      await t.test(kind, kind === 'mariadb' ? needsMariaDb : {}, async (t) => {
        const sites = new SiteBench(t, kind)
        await sites.bench.init()
        await run(t, sites)
      })
  })
}

/** Everything in a database: each table's columns and indexes, and its rows. */
export async function dump(
  database: Database,
): Promise<Record<string, { schema: unknown; rows: unknown[] }>> {
  const { reader, kind } = database
  const names =
    kind === 'mariadb'
      ? await reader('information_schema.tables')
          .whereRaw("table_schema = database() and table_type = 'BASE TABLE'")
          .pluck<string[]>('table_name')
      : await reader('sqlite_master').where({ type: 'table' }).pluck<string[]>('name')
  const content: Record<string, { schema: unknown; rows: unknown[] }> = {}
  for (const name of names.sort()) {
    const rows = (await reader(name).select('*')).map((row: object) => JSON.stringify(row))
    content[name] = { schema: await introspect(reader, kind, name), rows: rows.sort() }
  }
  return content
}
