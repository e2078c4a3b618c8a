import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { DatabaseConfig } from '../db/index.ts'
import { foldLog, queryFile } from '../db/sqlite-file.ts'
import type { FreshDatabase } from './fresh.ts'
import { contentOf, unreadable } from './read.ts'

/**
 * Unpacks a backup beside the site's database file and looks through it.
 * @param file the site's own database
 * @throws where it is cut short or damaged
 */
export async function loadSqlite(backup: string, file: string): Promise<FreshDatabase> {
  const fresh = freshFile(file)
  await discard(fresh)
  let found: Found
  try {
    await pipeline(await contentOf(backup), createWriteStream(fresh, { flags: 'wx', mode: 0o600 }))
    found = inspect(backup, fresh, (await stat(fresh)).size)
  } catch (error) {
    throw unreadable(backup, error)
  }
  return {
    apps: () => Promise.resolve(found.apps),
    hasSecrets: () => Promise.resolve(found.hasSecrets),
    close: () => Promise.resolve(),
    async switchIn() {
      // The log belongs to the old file: laid over the new one it would destroy it.
      if (existsSync(file) && !foldLog(file))
        throw new Error(
          `${file} is in use by another process. Stop what serves the site, then restore again.`,
        )
      await rename(fresh, file)
    },
  }
}

const freshFile = (file: string): string => `${file}.restore`

async function discard(fresh: string): Promise<void> {
  for (const end of ['', '-wal', '-shm', '-journal']) await rm(fresh + end, { force: true })
}

/** Ends a restore. @param decide told whether the loaded file has left its place; what is there is cleared then */
export async function settleSqlite(
  { db_name: file }: DatabaseConfig,
  decide: (nothingIsLoaded: boolean) => Promise<boolean>,
): Promise<boolean> {
  const isSwitched = await decide(!existsSync(freshFile(file)))
  await discard(freshFile(file))
  return isSwitched
}

interface Found {
  apps: Map<string, string>
  hasSecrets: boolean
}

function inspect(backup: string, fresh: string, bytes: number): Found {
  try {
    const [size, check, apps, secrets] = queryFile(fresh, [
      'select page_count * page_size as bytes from pragma_page_count, pragma_page_size',
      'pragma quick_check(1)',
      'select app_name, app_version from `tabInstalled Application`',
      'select name from __Auth where encrypted = 1 limit 1',
    ])
    if (size?.[0]?.bytes === bytes && check?.[0]?.quick_check === 'ok')
      return {
        apps: new Map(apps?.map(({ app_name, app_version }) => [String(app_name), String(app_version)])),
        hasSecrets: (secrets ?? []).length > 0,
      }
  } catch (error) {
    throw new Error(`${backup} is damaged, or no backup of a site. Take another one.`, { cause: error })
  }
  throw new Error(`${backup} is cut short or damaged. Copy the backup again, or take an older one.`)
}
