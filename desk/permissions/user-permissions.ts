import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import { textOf } from '../document/text.ts'
import type { DocField } from '../meta/doctype.ts'
import type { Meta } from '../meta/meta.ts'
import { ADMINISTRATOR, GUEST } from './roles.ts'

/** The values of one linked DocType to which a user is limited. */
interface Limit {
  /** The DocType whose documents are limited. */
  allow: string
  value: string
  /** The one DocType to which it applies; null for all. */
  applicableFor: string | null
}

/** Names as the database compares them: without regard to case. */
class Names {
  readonly list: readonly string[]
  readonly #folded: ReadonlySet<string>

  constructor(list: readonly string[]) {
    this.list = list
    this.#folded = new Set(list.map((name) => name.toLowerCase()))
  }

  has(name: string): boolean {
    return this.#folded.has(name.toLowerCase())
  }
}

export const USER_PERMISSIONS = 'user-permissions'

/** What a user is limited to, read once for many requests; nothing for Administrator. */
export async function limitsOf(ctx: Context): Promise<UserLimits> {
  if (ctx.user === ADMINISTRATOR || ctx.user === GUEST) return UserLimits.none
  const limits = await ctx.cached(USER_PERMISSIONS, ctx.user, (db) => readLimits(db, ctx.user))
  if (limits.length === 0) return UserLimits.none
  return new UserLimits(limits, Boolean(ctx.site.config.apply_strict_user_permissions))
}

async function readLimits(db: Knex, user: string): Promise<Limit[]> {
  const rows = await db('tabUser Permission')
    .where({ user })
    .select<
      { allow: string; for_value: string; applicable_for: string | null; apply_to_all_doctypes: number }[]
    >('allow', 'for_value', 'applicable_for', 'apply_to_all_doctypes')
  return rows.map((row) => ({
    allow: row.allow,
    value: row.for_value,
    applicableFor: row.apply_to_all_doctypes ? null : row.applicable_for,
  }))
}

/**
 * A user's User Permissions: documents of a DocType, and links to them, are limited to the values listed. A link
 * without a value is free unless the site is strict (`apply_strict_user_permissions`); a field with
 * `ignore_user_permissions` always is.
 */
export class UserLimits {
  static readonly none = new UserLimits([], false)
  readonly #limits: readonly Limit[]
  readonly #strict: boolean

  constructor(limits: readonly Limit[], strict: boolean) {
    this.#limits = limits
    this.#strict = strict
  }

  /** The names of `linked` that documents of `doctype` may be or link to; null where that is not limited. */
  allowed(linked: string, doctype: string): Names | null {
    const values = this.#limits
      .filter(
        ({ allow, applicableFor }) =>
          allow === linked && (applicableFor === null || applicableFor === '' || applicableFor === doctype),
      )
      .map(({ value }) => value)
    return values.length > 0 ? new Names(values) : null
  }

  /** Whether anything limits documents of this kind. */
  concern(meta: Meta, childMetas: readonly Meta[]): boolean {
    if (this.#limits.length === 0) return false
    return (
      this.allowed(meta.name, meta.name) !== null ||
      [meta, ...childMetas].some((one) => this.#limitedLinks(one, meta.name).length > 0)
    )
  }

  /** Whether the document, its links and those of its rows are within the limits. */
  permit(doc: Document): boolean {
    if (this.#limits.length === 0) return true
    const own = this.allowed(doc.doctype, doc.doctype)
    if (own && !own.has(textOf(doc, 'name'))) return false
    return [doc, ...doc.meta.tableFields.flatMap((table) => doc.children(table.fieldname))].every((part) =>
      this.#limitedLinks(part.meta, doc.doctype).every(({ field, values }) => {
        const value = textOf(part, field.fieldname)
        return value === '' ? !this.#strict : values.has(value)
      }),
    )
  }

  /** The same as {@link permit}, as conditions of a query over the DocType's table. */
  narrow(query: Knex.QueryBuilder, meta: Meta, childMetas: readonly Meta[], db: Knex): void {
    if (this.#limits.length === 0) return
    const own = this.allowed(meta.name, meta.name)
    if (own) void query.whereIn(`${meta.table}.name`, own.list)
    for (const { field, values } of this.#limitedLinks(meta, meta.name)) {
      const column = `${meta.table}.${field.fieldname}`
      void query.where((either) => {
        void either.whereIn(column, values.list)
        if (!this.#strict) void either.orWhereNull(column).orWhere(column, '')
      })
    }
    for (const child of childMetas) {
      for (const { field, values } of this.#limitedLinks(child, meta.name)) {
        const column = `${child.table}.${field.fieldname}`
        void query.whereNotExists(
          db(child.table)
            .select(db.raw('1'))
            .whereRaw('?? = ??', [`${child.table}.parent`, `${meta.table}.name`])
            .where(`${child.table}.parenttype`, meta.name)
            .where((outside) => {
              if (this.#strict) void outside.whereNull(column).orWhereNotIn(column, values.list)
              else void outside.whereNotIn(column, values.list).andWhereNot(column, '')
            }),
        )
      }
    }
  }

  /** The link fields of a DocType, or of a child table of it, whose values are limited. */
  #limitedLinks(meta: Meta, doctype: string): { field: DocField; values: Names }[] {
    return meta.linkFields.flatMap((field) => {
      if (field.fieldtype !== 'Link' || field.ignore_user_permissions === 1) return []
      const values = this.allowed(field.options ?? '', doctype)
      return values ? [{ field, values }] : []
    })
  }
}
