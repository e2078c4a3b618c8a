import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { readConfig, writeJson } from '../site/config.ts'
import type { DatabaseConfig } from '../db/index.ts'
import { lockHolder, withSiteLock } from '../site/site-lock.ts'
import { readJournal, removeJournal, writeJournal } from './journal.ts'
import { settleMariaDb } from './load-mariadb.ts'
import { settleSqlite } from './load-sqlite.ts'

/** Where a restore was killed: brings the site to the state before or after it, unless a restore is at work just now. */
export async function settleKilledRestore(sitePath: string, database: DatabaseConfig): Promise<void> {
  switch (lockHolder(sitePath)) {
    case 'another':
      return
    case 'this':
      await settleRestore(sitePath, database)
      return
    case 'nobody':
      await withSiteLock(sitePath, 'restore', () => settleRestore(sitePath, database))
  }
}

/**
 * Ends a restore: forwards where the database has been switched, else back to how the site was. May be stopped at
 * any point, and run again. To be called with the site's lock held, and no connection of the restore open.
 * @returns whether the site is the restored one
 */
export async function settleRestore(sitePath: string, database: DatabaseConfig): Promise<boolean> {
  const journal = await readJournal(sitePath)
  if (!journal) return false
  const settle = database.db_type === 'mariadb' ? settleMariaDb : settleSqlite
  const isSwitched = await settle(database, async (nothingIsLoaded) => {
    // What is loaded is about to be cleared away: its absence must not look like a switch if this is stopped, too.
    if (!journal.isLoaded || !nothingIsLoaded) {
      await writeJournal(sitePath, { ...journal, isLoaded: false })
      return false
    }
    for (const part of journal.files) await switchFolder(path.join(sitePath, part))
    if (journal.encryptionKey !== undefined) await keepKey(sitePath, journal.encryptionKey)
    return true
  })
  for (const part of journal.files)
    for (const end of ['.restore', '.replaced'])
      await rm(path.join(sitePath, part) + end, { recursive: true, force: true })
  await removeJournal(sitePath)
  return isSwitched
}

/** Each step leaves a state from which this begins again. */
async function switchFolder(own: string): Promise<void> {
  if (!existsSync(`${own}.restore`)) return
  if (existsSync(own)) {
    await rm(`${own}.replaced`, { recursive: true, force: true })
    await rename(own, `${own}.replaced`)
  }
  await rename(`${own}.restore`, own)
}

async function keepKey(sitePath: string, encryption_key: string): Promise<void> {
  const file = path.join(sitePath, 'site_config.json')
  await writeJson(file, { ...(await readConfig(file)), encryption_key })
}
