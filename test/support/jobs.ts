import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import type { DatabaseConfig } from '../../desk/db/index.ts'
import type { SiteConfig } from '../../desk/site/config.ts'
import type { Site } from '../../desk/site/site.ts'

/** Settings under which a test need not wait: what happens by the clock of minutes happens in moments. */
export const QUICK = {
  concurrency: 4,
  poll_seconds: 0.1,
  lease_seconds: 1.5,
  retry_seconds: 0.05,
  grace_seconds: 1,
} as const

/** Asks again and again until the answer is one. @throws where it takes longer than the time given */
export async function until<T>(
  ask: () => T | false | null | undefined | Promise<T | false | null | undefined>,
  { within = 30_000, what = 'the condition' } = {},
): Promise<T> {
  const end = Date.now() + within
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false && answer !== null) return answer
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`)
    await delay(10)
  }
}

export interface JobState {
  status: string
  attempts: number
  error: string | null
  error_log: string | null
  claimed_by: string | null
  user: string
}

export const jobState = async (site: Site, name: string): Promise<JobState | undefined> =>
  await site.database
    .reader('tabBackground Job')
    .where({ name })
    .first<JobState | undefined>('status', 'attempts', 'error', 'error_log', 'claimed_by', 'user')

/** Waits until the job is in that state. */
export async function jobIs(site: Site, name: string, status: string): Promise<JobState> {
  return await until(
    async () => {
      const state = await jobState(site, name)
      return state?.status === status ? state : undefined
    },
    { what: `job ${name} to be ${status}` },
  )
}

/** Another process that works on the site's jobs; killed when the subtest ends. */
export async function secondProcess(
  t: Test,
  database: DatabaseConfig,
  config: SiteConfig,
  env: Record<string, string> = {},
): Promise<{
  pid: number
  line: (text: string) => Promise<void>
  kill: () => Promise<void>
  end: () => Promise<void>
}> {
  const script = path.join(import.meta.dirname, 'job-process.ts')
  const child = spawn(process.execPath, ['--import=tsx', '--conditions=f-chat-source', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env, LAB: JSON.stringify({ database, config }) },
  })
  const said: string[] = []
  createInterface(child.stdout).on('line', (text) => said.push(text))
  const ended = once(child, 'exit')
  t.teardown(() => child.kill('SIGKILL'))
  const line = async (text: string): Promise<void> => {
    await until(() => said.includes(text), { what: `the other process to say ${text}` })
  }
  await line('serving')
  return {
    pid: child.pid ?? 0,
    line,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async end() {
      child.stdin.end()
      await ended
    },
  }
}
