import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import { SchemaOutdatedError } from '../db/index.ts'
import { assignValues } from '../document/load.ts'
import type { PlainDoc } from '../document/plain.ts'
import {
  desiredTable,
  diff,
  frameworkTables,
  introspectAll,
  syncTables,
  type Applied,
  type Change,
  type TableSpec,
} from '../schema/index.ts'
import type { LoadedApp } from './apps.ts'
import { withMigrationLock } from './migration-lock.ts'
import { newerThan } from './app-version.ts'
import type { Site } from './site.ts'

/** Every table that the site's apps need. */
function desiredTables(site: Site): TableSpec[] {
  checkChildTables(site)
  const tables = [...site.registry.metas()]
    .map((meta) => desiredTable(meta))
    .filter((table) => table !== null)
  return [...frameworkTables, ...tables]
}

/** @throws Error that names every field whose child DocType no app brings, or which is no child table */
function checkChildTables(site: Site): void {
  const problems = [...site.registry.metas()].flatMap((meta) =>
    meta.tableFields.flatMap(({ fieldname, options = '' }) => {
      const child = site.registry.findMeta(options)
      if (child?.isTable) return []
      const reason = child
        ? `${options} is no child table (istable)`
        : `there is no DocType ${options}; install the app that has it first`
      return [`${meta.name} (app ${meta.app}), field ${fieldname}: ${reason}`]
    }),
  )
  if (problems.length > 0) throw new Error(`${problems.join('. ')}.`)
}

/** What `migrate` would do to the database, in order. */
export async function planMigration(site: Site): Promise<Change[]> {
  await refuseOlderCode(site)
  const found = await introspectAll(site.database.reader, site.database.kind)
  return desiredTables(site).flatMap((desired) => diff(found.get(desired.name) ?? null, desired))
}

/**
 * Brings the database to what the apps say: before_migrate of the apps that are installed, tables, fixtures,
 * after_install of new apps, after_migrate. Nothing is dropped. Safe to run again, also after it was stopped in the
 * middle; two at once wait for each other.
 * @throws where a newer version of an app has migrated the database, or another migrate does not come to its end
 */
export async function migrate(site: Site, progress?: MigrationProgress): Promise<Applied> {
  return await withMigrationLock(site.database, () => migrateLocked(site, progress ?? (() => undefined)))
}

/** Told how far a migrate is with what it does now: steps of tables, then of apps. */
export type MigrationProgress = (step: string, done: number, total: number) => void

async function migrateLocked(site: Site, progress: MigrationProgress): Promise<Applied> {
  const installed = await refuseOlderCode(site)
  const present = site.registry.apps.filter((app) => installed.has(app.definition.name))
  const hooks = present.flatMap(({ definition }) => definition.before_migrate ?? [])
  if (hooks.length > 0) {
    await site.asAdministrator(async (ctx) => {
      for (const hook of hooks) await hook(ctx)
    })
  }
  const applied = await syncTables(site.database, desiredTables(site), (done, total) => {
    progress('tables', done, total)
  })
  await site.asAdministrator(async (ctx) => {
    const { apps } = site.registry
    for (const [at, app] of apps.entries()) {
      progress('apps', at, apps.length)
      await importFixtures(ctx, app)
      const isNew = await recordInstalled(ctx, app)
      if (isNew) await app.definition.after_install?.(ctx)
    }
    for (const hook of site.registry.hooks((app) => app.after_migrate)) await hook(ctx)
    await storeDigest(ctx, schemaDigest(site))
    progress('apps', apps.length, apps.length)
  })
  return applied
}

/**
 * The versions of the apps that migrated the database last.
 * @throws where one is newer than the app that is here: an older one does not know what the newer has made of it
 */
async function refuseOlderCode(site: Site): Promise<ReadonlyMap<string, string>> {
  const installed = await installedVersions(site)
  for (const { definition, version } of site.registry.apps) {
    const stored = installed.get(definition.name)
    if (stored === undefined || !newerThan(stored, version)) continue
    throw new Error(
      `The database of ${site.name} is at ${definition.name} ${stored}, newer than the ${version} that is installed here. ` +
        `Update the app to ${stored} or later, or restore a backup from before.`,
    )
  }
  return installed
}

async function installedVersions(site: Site): Promise<ReadonlyMap<string, string>> {
  try {
    const rows = await site.database
      .reader('tabInstalled Application')
      .select<{ app_name: string; app_version: string | null }[]>('app_name', 'app_version')
    return new Map(rows.map(({ app_name, app_version }) => [app_name, app_version ?? '0.0.0']))
  } catch (error) {
    // A site without tables: nothing has migrated it yet.
    if (error instanceof SchemaOutdatedError) return new Map()
    throw error
  }
}

/**
 * Whether the database was migrated for just these apps; cheap enough for every start.
 * @throws where it was migrated for others, and one of those is newer: then migrate is no help
 */
export async function isUpToDate(site: Site): Promise<boolean> {
  const row = await site.database
    .reader('tabSingles')
    .where(DIGEST)
    .first<{ value: string } | undefined>('value')
  if (row?.value === schemaDigest(site)) return true
  await refuseOlderCode(site)
  return false
}

const DIGEST = { doctype: 'Installed Applications', field: 'schema_digest' }

function schemaDigest(site: Site): string {
  return createHash('sha256')
    .update(JSON.stringify(desiredTables(site)))
    .digest('hex')
}

async function storeDigest(ctx: Context, value: string): Promise<void> {
  await ctx
    .db('tabSingles')
    .insert({ ...DIGEST, value })
    .onConflict(['doctype', 'field'])
    .merge(['value'])
}

/** @returns whether the site did not have the app before */
async function recordInstalled(ctx: Context, app: LoadedApp): Promise<boolean> {
  const { name } = app.definition
  if (!(await ctx.exists('Installed Application', name))) {
    await ctx.insert('Installed Application', { app_name: name, app_version: app.version })
    return true
  }
  const doc = await ctx.getDoc('Installed Application', name)
  if (doc.get('app_version') === app.version) return false
  doc.set('app_version', app.version)
  await doc.save()
  return false
}

/** The documents of the app's fixtures/*.json, inserted or brought to what the file says, by name. */
async function importFixtures(ctx: Context, app: LoadedApp): Promise<void> {
  const folder = path.join(app.root, 'fixtures')
  if (!existsSync(folder)) return
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()) {
    const docs = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as (PlainDoc & {
      doctype: string
      name: string
    })[]
    for (const values of docs) await importFixture(ctx, values)
  }
}

async function importFixture(
  ctx: Context,
  values: PlainDoc & { doctype: string; name: string },
): Promise<void> {
  if (!(await ctx.exists(values.doctype, values.name))) {
    await ctx.insert(values.doctype, values, { ignorePermissions: true, keepName: true })
    return
  }
  const doc = await ctx.getDoc(values.doctype, values.name)
  if (isAlready(doc, values)) return
  // When the exporting site changed it last says nothing about this one.
  const { modified: _, ...rest } = values
  assignValues(doc, rest)
  await doc.save({ ignorePermissions: true })
}

/** Whether a document is what a fixture says, its child rows included. */
function isAlready(doc: Document, values: PlainDoc): boolean {
  return Object.entries(values).every(([key, value]) => {
    if (key === 'doctype' || key === 'modified') return true
    if (!Array.isArray(value)) return (doc.get(key) ?? null) === value
    const rows = doc.children(key)
    return rows.length === value.length && rows.every((row, at) => isAlready(row, value[at] as PlainDoc))
  })
}
