import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Knex } from 'knex'
import type { Test } from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const bin = path.join(root, 'desk', 'bin', 'bench.js')

const SITE = 'e2e.localhost'
export const PASSWORD = 'demo'

/** A desk that is really served: the CLI, in processes of its own, on the built files. */
export class RunningDesk {
  readonly #bench: string
  #server: ChildProcess | undefined
  #port = 0

  constructor(bench: string) {
    this.#bench = bench
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}`
  }

  /** Runs a command of bench; fails with what it said. */
  bench(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
      cwd: root,
      env: this.#env(),
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`bench ${args.join(' ')} failed: ${stderr}`)
    return stdout
  }

  /** Serves, on the same port as before. */
  async start(): Promise<void> {
    const server = spawn(process.execPath, [bin, 'start', '--port', String(this.#port)], {
      cwd: root,
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#server = server
    for await (const line of createInterface({ input: server.stdout })) {
      const port = /served at http:\/\/[^:]+:(\d+)/.exec(line)?.[1]
      if (!port) continue
      this.#port = Number(port)
      return
    }
    throw new Error('the server did not start')
  }

  /** @param signal SIGTERM asks it to stop, SIGKILL is a power cut */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const server = this.#server
    if (server?.exitCode !== null || server.signalCode !== null) return
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill(signal)
    await ended
  }

  /** Changes the site's data behind the server's back, as an administrator of the database would. */
  async database(change: (tx: Knex.Transaction) => Promise<unknown>): Promise<void> {
    const file = path.join(this.#bench, 'sites', SITE, 'site.db')
    const database = createDatabase({ db_type: 'sqlite', db_name: file })
    try {
      await database.transaction(change)
    } finally {
      await database.close()
    }
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, BENCH_PATH: this.#bench }
  }
}

/** A demo desk of its own for a test, served; all of it goes when the test ends. */
export async function demoDesk(t: Test, newSite: readonly string[] = []): Promise<RunningDesk> {
  const folder = mkdtempSync(path.join(tmpdir(), 'f-chat-e2e-'))
  const desk = new RunningDesk(folder)
  t.teardown(async () => {
    await desk.stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  desk.bench('init', folder)
  for (const app of [path.join(root, 'examples', 'sales_desk'), root]) desk.bench('get-app', app)
  const apps = ['--install-app', 'sales_desk', '--install-app', 'f_chat']
  desk.bench('new-site', SITE, '--admin-password', PASSWORD, ...apps, '--set-default', ...newSite)
  desk.bench('seed-demo')
  await desk.start()
  return desk
}
