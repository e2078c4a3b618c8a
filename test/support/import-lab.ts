import type { Test } from 'tap'
import { Bench } from '../../desk/site/bench-folder.ts'
import { openSite } from '../../desk/site/open.ts'
import type { Site } from '../../desk/site/site.ts'
import { buildOnce, makeBench, root, type TestBench } from './bench-cli.ts'
import { mariaDbSocket, needsMariaDb } from './databases.ts'
import { recordingLog } from './fixtures-app.ts'

/** A bench with sites that have F-Chat, on one of the databases, and the CLI to work on them. */
export class ImportLab {
  readonly bench: TestBench
  readonly #kind: 'sqlite' | 'mariadb'
  readonly #t: Test

  private constructor(t: Test, kind: 'sqlite' | 'mariadb', bench: TestBench) {
    this.#t = t
    this.#kind = kind
    this.bench = bench
  }

  static async create(t: Test, kind: 'sqlite' | 'mariadb'): Promise<ImportLab> {
    buildOnce()
    const bench = await makeBench(t)
    await bench.ok(t, ['get-app', root])
    return new ImportLab(t, kind, bench)
  }

  async newSite(name: string): Promise<void> {
    const database =
      this.#kind === 'mariadb' ? ['--db-type', 'mariadb', '--db-socket', await mariaDbSocket()] : []
    const args = ['new-site', name, '--admin-password', 'secret', '--install-app', 'f_chat', ...database]
    await this.bench.ok(this.#t, args)
    if (this.#kind === 'mariadb')
      this.#t.teardown(async () => {
        await this.bench.run(['drop-site', name, '--yes', '--db-socket', await mariaDbSocket()])
      })
  }

  /** Works on an open site, and closes it. */
  async on<T>(name: string, work: (site: Site) => Promise<T>): Promise<T> {
    const site = await openSite(new Bench(this.bench.path), name, { log: recordingLog() })
    try {
      return await work(site)
    } finally {
      await site.close()
    }
  }

  /** Rows of a table, as they are stored. */
  async rows(
    site: string,
    table: string,
    columns: readonly string[],
    order = 'name',
  ): Promise<Record<string, unknown>[]> {
    return await this.on(site, async ({ database }) =>
      (await database.reader(`tab${table}`).orderBy(order).select<Record<string, unknown>[]>(columns)).map(
        (row) => ({ ...row }),
      ),
    )
  }
}

/** The same subtest with sites on SQLite and on MariaDB; both need MariaDB, which is what Frappe sites are on. */
export async function eachTarget(
  t: Test,
  name: string,
  run: (t: Test, lab: ImportLab) => Promise<void>,
): Promise<void> {
  await t.test(name, needsMariaDb, async (t) => {
    for (const kind of ['sqlite', 'mariadb'] as const)
      await t.test(kind, async (t) => run(t, await ImportLab.create(t, kind)))
  })
}
