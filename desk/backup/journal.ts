import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { readJson, writeJson } from '../site/config.ts'
import type { FilesPart } from './files.ts'

/**
 * What a restore is about to do, kept in the site's `locks/` while it is at work. The database's switch, which is one
 * step, decides: before it nothing of the site has changed; after it the files, unpacked beside, follow. A restore
 * that was killed is finished or cleared away by whatever opens the site next.
 */
export interface RestoreJournal {
  /** Everything is loaded and checked: from here on the database may be the new one. */
  isLoaded: boolean
  /** Folders whose new content lies beside them. */
  files: readonly FilesPart[]
  /** The key that the new database's secrets open with, where it is another one. */
  encryptionKey?: string
}

const journalFile = (sitePath: string): string => path.join(sitePath, 'locks', 'restore.json')

export async function writeJournal(sitePath: string, journal: RestoreJournal): Promise<void> {
  await writeJson(journalFile(sitePath), journal)
}

export const hasJournal = (sitePath: string): boolean => existsSync(journalFile(sitePath))

export async function readJournal(sitePath: string): Promise<RestoreJournal | undefined> {
  const file = journalFile(sitePath)
  return existsSync(file) ? (readJson(await readFile(file, 'utf8'), file) as RestoreJournal) : undefined
}

export async function removeJournal(sitePath: string): Promise<void> {
  await rm(journalFile(sitePath), { force: true })
}
