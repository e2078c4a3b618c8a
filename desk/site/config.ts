import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { MailConfig } from '../mail/config.ts'

/** What sites/<site>/site_config.json may say; keys of the bench's common_site_config.json stand behind it. */
export interface SiteConfig {
  db_type?: 'sqlite' | 'mariadb'
  db_host?: string
  db_port?: number
  db_socket?: string
  db_name?: string
  db_user?: string
  db_password?: string
  time_zone?: string
  host_name?: string
  allow_cors?: string | string[]
  ignore_csrf?: 0 | 1
  /** Behind a proxy: true, its addresses, or how many there are; then their X-Forwarded-* headers count. */
  trust_proxy?: boolean | number | string | string[]
  /** Seconds of work that all requests of a window (in seconds) may take together. */
  rate_limit?: { limit: number; window: number }
  /** Failed logins of one person from one address until they must wait; default 10. */
  allow_consecutive_login_attempts?: number
  /** Seconds to wait then; default 60. */
  allow_login_after_fail?: number
  allow_login_using_user_name?: 0 | 1
  allow_login_using_mobile_number?: 0 | 1
  /** Hours until a link for a new password ends; default 24. */
  reset_password_link_hours?: number
  /** Answers tell System Users where an error came from. */
  developer_mode?: 0 | 1
  /** Nobody is served but the probes. */
  maintenance_mode?: 0 | 1
  /** Bytes. */
  max_file_size?: number
  /** Days until an unused session ends; default 7. */
  session_days?: number
  /** Logins shown on the login page of a demo site; never set elsewhere. */
  demo_logins?: { email: string; password: string; name: string }[]
  /** How the site's mail is sent; without it, mail waits in the Email Queue. */
  mail?: MailConfig
  /** Mail is kept in the Email Queue. */
  mute_emails?: boolean | 0 | 1
  /** How a serving process works on background jobs; see `JobSettings`. */
  jobs?: Partial<
    Record<'concurrency' | 'poll_seconds' | 'lease_seconds' | 'retry_seconds' | 'grace_seconds', number>
  >
  /** Frappe's name for `jobs.concurrency`. */
  background_workers?: number
  /** Nothing runs by the clock. */
  pause_scheduler?: boolean | 0 | 1
  /** Days that logs are kept, by DocType; 0 keeps them for ever. */
  log_retention_days?: Partial<
    Record<'Error Log' | 'Scheduled Job Log' | 'Background Job' | 'Email Queue', number>
  >
  webserver_port?: number
  default_site?: string
  [key: string]: unknown
}

/** @returns {} where the file does not exist @throws with the file's name where it is not JSON */
export async function readConfig(file: string): Promise<SiteConfig> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  try {
    return JSON.parse(text) as SiteConfig
  } catch {
    throw new Error(`${file} is not valid JSON. Correct it, or restore it from a backup.`)
  }
}

/** Replaces the file as a whole, so that a reader never meets half of it; readable by its owner only. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const draft = `${file}.${String(process.pid)}.tmp`
  await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  await rename(draft, file)
}

/** @throws with the file's name and place where it is not JSON */
export function readJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${file} is not valid JSON: ${(error as Error).message}`, { cause: error })
  }
}
