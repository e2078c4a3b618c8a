import { LinkExistsError, ValidationError } from '../errors.ts'
import type { Context } from '../context.ts'
import type { Meta } from '../meta/meta.ts'
import { desiredTable } from '../schema/index.ts'
import type { LoadedApp } from './apps.ts'
import { fixtureId, fixtureNote, ownFixtures } from './fixtures.ts'
import { migrate } from './migrate.ts'
import { Site } from './site.ts'
import { removeRows } from './uninstall-rows.ts'
import { removeSeries } from './uninstall-series.ts'

/** What uninstalling an app would take away. */
export interface UninstallPlan {
  app: LoadedApp
  /** Tables with the number of their rows. */
  tables: { table: string; rows: number }[]
  singles: string[]
  /** As `<DocType>/<name>`. */
  fixtures: string[]
}

/**
 * What would go with an app.
 * @throws for desk itself, an app that is not installed, and while another app's DocTypes link to its own
 */
export async function planUninstall(site: Site, name: string): Promise<UninstallPlan> {
  const app = site.registry.apps.find(({ definition }) => definition.name === name)
  if (name === 'desk') throw new ValidationError('desk is what the site stands on; it cannot be uninstalled.')
  if (!app)
    throw new ValidationError(`${name} is not installed in ${site.name}. "bench list-apps" says what is.`)
  refuseLinked(site, app)
  const tables: UninstallPlan['tables'] = []
  for (const table of tablesOf(app)) {
    if (!(await site.database.reader.schema.hasTable(table))) continue
    const [row] = await site.database.reader(table).count<{ n: number }[]>('* as n')
    tables.push({ table, rows: row?.n ?? 0 })
  }
  return {
    app,
    tables,
    singles: metasOf(app)
      .filter(({ isSingle }) => isSingle)
      .map((meta) => meta.name),
    fixtures: (await ownFixtures(site, app)).map(fixtureId),
  }
}

const metasOf = ({ doctypes }: LoadedApp): Meta[] => doctypes.map(({ meta }) => meta)

const tablesOf = (app: LoadedApp): string[] => metasOf(app).flatMap((meta) => desiredTable(meta)?.name ?? [])

function refuseLinked(site: Site, app: LoadedApp): void {
  const own = new Set(metasOf(app).map(({ name }) => name))
  const links = [...site.registry.metas()]
    .filter((meta) => meta.app !== app.definition.name)
    .flatMap((meta) =>
      [...meta.linkFields, ...meta.tableFields]
        .filter(({ fieldtype, options }) => fieldtype !== 'Dynamic Link' && own.has(options ?? ''))
        .map(({ fieldname, options }) => `${meta.name}.${fieldname} (${meta.app}) → ${options ?? ''}`),
    )
  if (links.length > 0)
    throw new ValidationError(
      `${app.definition.name} cannot go while other apps link to its DocTypes: ${links.join(', ')}. Uninstall those apps first.`,
    )
}

/**
 * Takes an app out of a site: its hooks, then its tables, then everything else that is its own at one stroke. Where
 * it was killed in the middle, it goes on when it is run again. To be called with the site's lock held.
 * @returns the site without the app, and the fixtures that stay because something uses them
 */
export async function uninstallApp(site: Site, plan: UninstallPlan): Promise<{ site: Site; kept: string[] }> {
  const { app } = plan
  const { definition } = app
  const begun = { doctype: 'Installed Applications', field: `uninstalling:${definition.name}` }
  if (!(await site.database.reader('tabSingles').where(begun).first<object | undefined>('field')))
    await site.asAdministrator(async (ctx) => {
      await definition.before_uninstall?.(ctx)
      await ctx.db('tabSingles').insert({ ...begun, value: '1' })
    })
  const { name, path, config, database, log, registry } = site
  const apps = registry.apps.filter((one) => one !== app)
  const without = new Site({ name, path, config, database, apps, log })
  await removeAttached(without, app)
  await dropTables(site, tablesOf(app))
  const kept = await without.asAdministrator(async (ctx) => {
    await removeRows(ctx, app)
    await removeSeries(ctx, metasOf(app))
    const inUse = await removeFixtures(ctx, await ownFixtures(site, app))
    await ctx.db('tabInstalled Application').where({ name: definition.name }).delete()
    await ctx.db('tabSingles').where(fixtureNote(definition.name)).delete()
    await ctx.db('tabSingles').where(begun).delete()
    await definition.after_uninstall?.(ctx)
    return inUse
  })
  await migrate(without)
  return { site: without, kept }
}

async function dropTables({ database }: Site, tables: readonly string[]): Promise<void> {
  if (database.kind === 'mariadb')
    for (const table of tables) await database.reader.raw('DROP TABLE IF EXISTS ??', [table])
  else
    await database.transaction(async (tx) => {
      for (const table of tables) await tx.raw('DROP TABLE IF EXISTS ??', [table])
    })
}

/** As documents, so that their files on the disk go, too. */
async function removeAttached(site: Site, app: LoadedApp): Promise<void> {
  const field = 'attached_to_doctype'
  if (!site.registry.findMeta('File')) return
  const doctypes = metasOf(app).map(({ name }) => name)
  for (;;) {
    const names = await site.database
      .reader('tabFile')
      .whereIn(field, doctypes)
      .limit(200)
      .pluck<string[]>('name')
    if (names.length === 0) return
    await site.asAdministrator(async (ctx) => {
      for (const name of names)
        await (await ctx.getDoc('File', name)).delete({ ignorePermissions: true, ignoreLinks: true })
    })
  }
}

/** @returns those that stay: other documents, or permissions of what remains, use them */
async function removeFixtures(
  ctx: Context,
  fixtures: readonly { doctype: string; name: string }[],
): Promise<string[]> {
  const kept: string[] = []
  for (const { doctype, name } of fixtures) {
    if (!ctx.site.registry.findMeta(doctype) || !(await ctx.exists(doctype, name))) continue
    if (doctype === 'Role') {
      if (await isRoleUsed(ctx, name)) {
        kept.push(`${doctype} ${name}`)
        continue
      }
      await ctx.db('tabHas Role').where({ role: name }).delete()
    }
    try {
      await (await ctx.getDoc(doctype, name)).delete({ ignorePermissions: true })
    } catch (error) {
      if (!(error instanceof LinkExistsError)) throw error
      kept.push(`${doctype} ${name}`)
    }
  }
  return kept
}

async function isRoleUsed(ctx: Context, role: string): Promise<boolean> {
  for (const meta of ctx.site.registry.metas())
    if (meta.permissions.some((rule) => rule.role === role)) return true
  const custom = ctx.site.registry.findMeta('Custom DocPerm')
  if (!custom) return false
  return (await ctx.db(custom.table).where({ role }).first<object | undefined>('name')) !== undefined
}
