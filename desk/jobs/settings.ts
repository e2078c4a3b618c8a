import type { SiteConfig } from '../site/config.ts'

/** How a process works on the queue: `jobs` in site_config.json. Times in milliseconds. */
export interface JobSettings {
  /** Jobs at once in this process (4; also Frappe's `background_workers`). */
  concurrency: number
  /** How often the queue is looked at when nothing in this process says that something is there (3 s). */
  poll: number
  /** After this long without a sign from its process a job is taken up by another (30 s). */
  lease: number
  /** Pause after the first failure; it doubles with each further one (15 s), up to an hour. */
  retry: number
  /** How long `stop` waits for what is running (10 s). */
  grace: number
}

const LONGEST_PAUSE = 3_600_000

/** @throws Error that names the key which is not a number above 0 */
export function jobSettings({ jobs = {}, background_workers }: SiteConfig): JobSettings {
  const positive = (key: string, value: number): number => {
    if (typeof value !== 'number' || !(value > 0))
      throw new Error(`site_config.json: ${key} must be a number above 0.`)
    return value
  }
  const ms = (key: keyof typeof jobs, seconds: number): number =>
    Math.round(positive(`jobs.${key}`, jobs[key] ?? seconds) * 1000)
  return {
    concurrency: Math.ceil(positive('jobs.concurrency', jobs.concurrency ?? background_workers ?? 4)),
    poll: ms('poll_seconds', 3),
    lease: ms('lease_seconds', 30),
    retry: ms('retry_seconds', 15),
    grace: ms('grace_seconds', 10),
  }
}

/** Milliseconds until a job that failed so many times is tried again; no two alike, so that they do not meet again. */
export function pauseAfter({ retry }: JobSettings, failures: number): number {
  const pause = Math.min(retry * 2 ** (failures - 1), LONGEST_PAUSE)
  return Math.round(pause * (0.75 + Math.random() / 2))
}
