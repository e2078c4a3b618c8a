import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDatabase, type DatabaseConfig } from '../../desk/db/index.ts'
import type { Site } from '../../desk/site/site.ts'
import { startMariaDb } from '../../scripts/mariadb-server.mjs'
import { makeSite } from '../support/site.ts'
import type { Figure } from './report.ts'

/** Runs work with a new database on a private MariaDB server with its default durability. */
export async function onMariaDbServer(
  poolSize: number,
  work: (config: DatabaseConfig) => Promise<void>,
): Promise<void> {
  const server = await startMariaDb({
    extra: ['--innodb-flush-log-at-trx-commit=1', `--max-connections=${String(3 * poolSize + 20)}`],
  })
  try {
    const root = {
      db_type: 'mariadb',
      db_socket: server.socket,
      db_user: server.user,
      db_password: server.password,
    } as const
    const administration = createDatabase({ ...root, db_name: 'mysql', pool_size: 1 })
    await administration.reader.raw('create database bench character set utf8mb4 collate utf8mb4_unicode_ci')
    await administration.close()
    await work({ ...root, db_name: 'bench', pool_size: poolSize })
  } finally {
    await server.stop()
  }
}

/** Runs work on a site with F-Chat on such a server. */
export async function onMariaDb(
  poolSize: number,
  work: (site: Site, config: DatabaseConfig) => Promise<void>,
): Promise<void> {
  await onMariaDbServer(poolSize, async (config) => {
    const site = await makeSite(createDatabase(config), ['.'])
    try {
      await work(site, config)
    } finally {
      await site.close()
    }
  })
}

/** Runs work with a new SQLite file. */
export async function onSqlite(work: (config: DatabaseConfig) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'f-chat-bench-'))
  try {
    await work({ db_type: 'sqlite', db_name: path.join(folder, 'site.db') })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What is measured with F-Chat on both databases, one after the other. */
export async function onBoth(
  poolSize: number,
  measure: (site: Site, kind: 'mariadb' | 'sqlite') => Promise<Figure[]>,
): Promise<Figure[]> {
  const figures: Figure[] = []
  await onMariaDb(poolSize, async (site) => {
    figures.push(...(await measure(site, 'mariadb')))
  })
  await onSqlite(async (config) => {
    const site = await makeSite(createDatabase(config), ['.'])
    try {
      figures.push(...(await measure(site, 'sqlite')))
    } finally {
      await site.close()
    }
  })
  return figures
}
