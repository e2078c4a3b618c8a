import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Bench } from './bench-folder.ts'
import { fillDatabase } from './create.ts'
import { loadApps } from './open.ts'
import { checkPasswordLength } from './passwords.ts'
import type { Site } from './site.ts'

/**
 * Empties a site's database and folders of files, and fills it as new-site does, with the apps that it had; its
 * config stays. To be called with the site's lock held.
 */
export async function reinstallSite(bench: Bench, site: Site, adminPassword: string): Promise<void> {
  checkPasswordLength(adminPassword)
  const names = site.registry.apps.map(({ definition }) => definition.name).filter((name) => name !== 'desk')
  const apps = await loadApps(bench, names)
  await dropAllTables(site)
  for (const folder of ['public/files', 'private/files']) {
    await rm(path.join(site.path, folder), { recursive: true, force: true })
    await mkdir(path.join(site.path, folder), { recursive: true })
  }
  await fillDatabase(bench, site.name, site.config, { adminPassword, log: site.log, apps })
}

async function dropAllTables({ database }: Site): Promise<void> {
  if (database.kind === 'mariadb') {
    const names = await database
      .reader('information_schema.tables')
      .whereRaw('table_schema = database()')
      .pluck<string[]>('table_name')
    for (const name of names) await database.reader.raw('drop table if exists ??', [name])
    return
  }
  await database.transaction(async (tx) => {
    // Virtual tables first: what belongs to them goes along.
    const names = await tx('sqlite_master')
      .where({ type: 'table' })
      .whereNot('name', 'like', 'sqlite_%')
      .orderByRaw("sql like 'create virtual%' desc")
      .pluck<string[]>('name')
    for (const name of names) await tx.raw('drop table if exists ??', [name])
  })
}
