import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'

/** Who holds a lock: a process may be gone and its number be another's, so its start counts, too. */
interface Holder {
  pid: number
  started: string
  host: string
  command: string
}

/**
 * Runs work that must have a site's folder and tables for itself, such as restore. The lock is a file in the site's
 * `locks/`; one that a killed process left is taken over.
 * @throws with who holds it
 */
export async function withSiteLock<T>(sitePath: string, command: string, work: () => Promise<T>): Promise<T> {
  const file = lockFile(sitePath)
  await mkdir(path.dirname(file), { recursive: true })
  await take(file, command)
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

const lockFile = (sitePath: string): string => path.join(sitePath, 'locks', 'bench.lock')

async function take(file: string, command: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeFile(file, JSON.stringify(thisProcess(command)), { flag: 'wx', mode: 0o600 })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const text = await readFile(file, 'utf8').catch(() => '')
    const holder = parseHolder(text)
    const isGone = holder ? !lives(holder) : attempt > 1
    if (!isGone) {
      const who = holder
        ? `"bench ${holder.command}" (process ${String(holder.pid)} on ${holder.host})`
        : 'Another command'
      if (holder || attempt > 2)
        throw new Error(`${who} is at work on this site. Wait for it; if it died elsewhere, remove ${file}.`)
      continue
    }
    // Only if it is still the one that was read: another process may have taken over meanwhile.
    if ((await readFile(file, 'utf8').catch(() => '')) === text) await rm(file, { force: true })
  }
}

/** What must not go on below a site that is served. */
const REPLACING = ['restore', 'reinstall', 'drop-site']

/**
 * Notes that this process serves the site: a site without a folder has nothing that could be replaced below it.
 * @returns takes the note away @throws where a command is just replacing the site
 */
export function noteServing(sitePath: string): () => void {
  if (!existsSync(sitePath)) return () => undefined
  const file = path.join(sitePath, 'locks', `serve-${String(process.pid)}.json`)
  const forget = (): void => {
    rmSync(file, { force: true })
  }
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(thisProcess('start')), { mode: 0o600 })
  // After the note: of two that begin at once, one sees the other.
  const holder = parseHolder(readText(lockFile(sitePath)))
  if (!holder || !REPLACING.includes(holder.command) || !lives(holder)) return forget
  forget()
  throw new Error(
    `"bench ${holder.command}" (process ${String(holder.pid)} on ${holder.host}) is at work on this site. Serve it when that is done.`,
  )
}

/** Whether a living process holds the site's lock: this one, or another. */
export function lockHolder(sitePath: string): 'nobody' | 'this' | 'another' {
  const holder = parseHolder(readText(lockFile(sitePath)))
  if (!holder || !lives(holder)) return 'nobody'
  return holder.pid === process.pid && holder.host === hostname() ? 'this' : 'another'
}

/** @throws where a process serves the site: what it holds open must not be replaced below it */
export function refuseWhileServed(sitePath: string, command: string): void {
  const serving = notes(sitePath).find(({ holder }) => holder && lives(holder))?.holder
  if (!serving) return
  throw new Error(
    `The site is being served (process ${String(serving.pid)} on ${serving.host}). Stop it, then run "bench ${command}" again.`,
  )
}

/** Removes notes and locks of processes that are gone. @returns how many */
export async function clearStaleLocks(sitePath: string): Promise<number> {
  let cleared = 0
  for (const { file, holder } of notes(sitePath, /^(serve-\d+\.json|bench\.lock)$/)) {
    if (holder && lives(holder)) continue
    await rm(file, { force: true })
    cleared += 1
  }
  return cleared
}

function notes(sitePath: string, fits = /^serve-\d+\.json$/): { file: string; holder: Holder | undefined }[] {
  const folder = path.join(sitePath, 'locks')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => fits.test(name))
    .map((name) => {
      const file = path.join(folder, name)
      return { file, holder: parseHolder(readText(file)) }
    })
}

const thisProcess = (command: string): Holder => ({
  pid: process.pid,
  started: startOf(process.pid),
  host: hostname(),
  command,
})

/** A process of another machine cannot be asked: it is taken to live. */
function lives({ pid, started, host }: Holder): boolean {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return started === '' || startOf(pid) === started
}

/** The 22nd word of Linux's /proc/PID/stat, after the name in brackets; elsewhere nothing. */
function startOf(pid: number): string {
  const text = readText(`/proc/${String(pid)}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function parseHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return undefined
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
