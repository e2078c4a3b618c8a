import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import { toPlain, type PlainDoc } from '../document/plain.ts'
import { scrub } from '../meta/meta.ts'
import type { LoadedApp } from './apps.ts'
import type { Site } from './site.ts'

/** Keys that say where and when a document was made, and not what it is (frappe-contract.md §3). */
const PARENT_ONLY = ['creation', 'owner', 'modified_by', 'idx']
const CHILD_ONLY = [
  ...PARENT_ONLY,
  'name',
  'doctype',
  'docstatus',
  'modified',
  'parent',
  'parentfield',
  'parenttype',
]

/**
 * Writes what an app's `fixtures` hook names into its folder `fixtures/`, one file a DocType: documents by name, keys
 * by alphabet, so that an export without changes changes no file. Passwords are never written.
 * @returns the files, with how many documents each has
 */
export async function exportFixtures(site: Site, app: LoadedApp): Promise<{ file: string; count: number }[]> {
  const byDocType = new Map<string, Map<string, PlainDoc>>()
  await site.read({ user: 'Administrator' }, async (ctx) => {
    for (const rule of app.definition.fixtures ?? []) {
      const { dt, filters } = typeof rule === 'string' ? { dt: rule, filters: undefined } : rule
      const docs = byDocType.get(dt) ?? new Map<string, PlainDoc>()
      byDocType.set(dt, docs)
      for (const name of await namesFor(ctx, dt, filters))
        docs.set(name, fixtureOf(await ctx.getDoc(dt, name)))
    }
  })
  const folder = path.join(app.root, 'fixtures')
  await mkdir(folder, { recursive: true })
  const written: { file: string; count: number }[] = []
  for (const [doctype, docs] of byDocType) {
    const file = path.join(folder, `${scrub(doctype)}.json`)
    const sorted = [...docs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, doc]) => doc)
    await writeFile(file, `${JSON.stringify(sorted, null, 1)}\n`)
    written.push({ file, count: sorted.length })
  }
  return written
}

async function namesFor(ctx: Context, doctype: string, filters: unknown): Promise<string[]> {
  const meta = ctx.meta(doctype)
  if (meta.isTable)
    throw new Error(
      `${doctype} is a child table: name the DocType that holds its rows in the hook "fixtures".`,
    )
  if (meta.isSingle) return [doctype]
  const query = { fields: ['name'], filters, limit_page_length: 0, ignorePermissions: true }
  return (await ctx.getList(doctype, query)).map(({ name }) => String(name))
}

function fixtureOf(doc: Document): PlainDoc {
  const { meta } = doc
  const plain = without(toPlain(doc), [
    ...PARENT_ONLY,
    ...meta.passwordFields.map(({ fieldname }) => fieldname),
  ])
  for (const { fieldname, options } of meta.tableFields) {
    const secrets = doc.ctx.meta(options ?? '').passwordFields.map((field) => field.fieldname)
    plain[fieldname] = doc
      .children(fieldname)
      .map((row) => without(toPlain(row), [...CHILD_ONLY, ...secrets]))
  }
  return plain
}

const without = (plain: PlainDoc, keys: readonly string[]): PlainDoc =>
  Object.fromEntries(
    Object.entries(plain)
      .filter(([key]) => !keys.includes(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
