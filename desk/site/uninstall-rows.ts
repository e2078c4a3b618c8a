import type { Context } from '../context.ts'
import { TYPE_TABLE } from '../jobs/scheduled-types.ts'
import type { LoadedApp } from './apps.ts'

/** Columns of desk's own DocTypes that hold the name of a DocType: such rows go with it. */
const ABOUT: readonly (readonly [doctype: string, field: string])[] = [
  ['File', 'attached_to_doctype'],
  ['Version', 'ref_doctype'],
  ['Custom DocPerm', 'parent_doctype'],
  ['User Permission', 'allow'],
  ['User Permission', 'applicable_for'],
  ['Document Naming Rule', 'document_type'],
  ['Email Queue', 'reference_doctype'],
]

/** Takes what other tables hold of an app that goes: secrets, settings, child rows, what is about its DocTypes, and its jobs. */
export async function removeRows(ctx: Context, app: LoadedApp): Promise<void> {
  const doctypes = app.doctypes.map(({ meta }) => meta.name)
  await ctx.db('__Auth').whereIn('doctype', doctypes).delete()
  await ctx.db('tabSingles').whereIn('doctype', doctypes).delete()
  for (const [doctype, field] of ABOUT) await removeAbout(ctx, doctype, field, doctypes)
  for (const meta of ctx.site.registry.metas())
    if (meta.isTable && !meta.isVirtual) await ctx.db(meta.table).whereIn('parenttype', doctypes).delete()
  await removeJobs(
    ctx,
    app.jobs.map(({ name }) => name),
  )
}

/** Rows with their child rows. */
async function removeAbout(
  ctx: Context,
  doctype: string,
  field: string,
  about: readonly string[],
): Promise<void> {
  const meta = ctx.site.registry.findMeta(doctype)
  if (!meta?.field(field)) return
  for (const { options } of meta.tableFields) {
    const child = ctx.site.registry.findMeta(options ?? '')
    const names = ctx.db(meta.table).whereIn(field, about).select('name')
    if (child) await ctx.db(child.table).where({ parenttype: doctype }).whereIn('parent', names).delete()
  }
  await ctx.db(meta.table).whereIn(field, about).delete()
}

/** A job that has several moments has a Scheduled Job Type for each, called after both. */
async function removeJobs(ctx: Context, jobs: readonly string[]): Promise<void> {
  const types = await ctx.db(TYPE_TABLE).whereIn('method', jobs).pluck<string[]>('name')
  await ctx.db('tabScheduled Job Log').whereIn('scheduled_job_type', types).delete()
  await ctx.db(TYPE_TABLE).whereIn('name', types).delete()
  await ctx.db('tabBackground Job').whereIn('job', jobs).delete()
}
