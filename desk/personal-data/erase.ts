import { randomBytes } from 'node:crypto'
import type { Context, Identity } from '../context.ts'
import { DoesNotExistError, ValidationError } from '../errors.ts'
import { fieldtypeOf } from '../meta/fieldtypes.ts'
import { ADMINISTRATOR, GUEST, ROLES } from '../permissions/roles.ts'
import { USER_PERMISSIONS } from '../permissions/user-permissions.ts'
import { endSessionsOf } from '../site/sessions.ts'
import type { Site } from '../site/site.ts'
import { ERASED_NAME, type ErasureRun } from './person.ts'
import { REDACTED, redactedValue } from './redact.ts'
import { personalRules, type PersonalRule } from './rules.ts'

/**
 * Erases a person, step by step: they can no longer log in; then each app erases what it alone knows how to
 * (`erase_user`), the newest app first; then the rest goes as {@link erasePersonalData} says. Where a step fails the
 * person is locked out and not yet erased: asked for again, it goes on.
 * @returns the name that stands for the person from now on
 * @throws ValidationError for Administrator, Guest and oneself; DoesNotExistError
 */
export async function erasePerson(site: Site, identity: Identity, user: string): Promise<string> {
  const names = await site.write(identity, (ctx) => lockOut(ctx, user))
  const run: ErasureRun = {
    site,
    read: (work) => site.read(identity, work),
    write: (work) => site.write(identity, work),
  }
  for (const erase of site.registry.hooks((app) => app.erase_user).toReversed())
    await erase({ user, names }, run)
  return await site.write(identity, (ctx) => erasePersonalData(ctx, user))
}

async function lockOut(ctx: Context, user: string): Promise<string[]> {
  await checkErasable(ctx, user)
  await ctx.db('tabUser').where({ name: user }).update({ enabled: 0 })
  await endSessionsOf(ctx, user)
  return await namesOf(ctx, user)
}

/**
 * What the apps' `user_data_fields` name is blanked, replaced or deleted, the User gets a name that says nothing and
 * can no longer log in, and every link to it, and every owner, says that name. One transaction: all of it or nothing.
 * @returns the name that stands for the person from now on
 * @throws ValidationError for Administrator, Guest and oneself; DoesNotExistError
 */
export async function erasePersonalData(ctx: Context, user: string): Promise<string> {
  await checkErasable(ctx, user)
  await endSessionsOf(ctx, user)
  const names = await namesOf(ctx, user)
  for (const rule of personalRules(ctx.site)) await applyRule(ctx, rule, user, names)
  const pseudonym = `deleted-${randomBytes(5).toString('hex')}@erased.invalid`
  await ctx.db('tabUser Permission').where({ user }).delete()
  await ctx.db('__Auth').where({ doctype: 'User', name: user }).delete()
  await ctx.renameDoc('User', user, pseudonym, { force: true, ignorePermissions: true })
  await blankProfile(ctx, pseudonym)
  await replaceOwners(ctx, user, pseudonym)
  ctx.invalidate(ROLES)
  ctx.invalidate(USER_PERMISSIONS)
  return pseudonym
}

async function checkErasable(ctx: Context, user: string): Promise<void> {
  if ([ADMINISTRATOR, GUEST, ctx.user].includes(user))
    throw new ValidationError(
      user === ctx.user ? 'You cannot erase yourself: ask another System Manager.' : `${user} is no person.`,
    )
  // MariaDB's collation finds other spellings, too.
  const found = await ctx.db('tabUser').where({ name: user }).pluck<string[]>('name')
  if (!found.includes(user)) throw new DoesNotExistError(`There is no user ${user}.`)
}

/** How texts call the person: the longest first, so that none is left in parts. */
async function namesOf(ctx: Context, user: string): Promise<string[]> {
  const doc = await ctx.getDoc('User', user)
  const names = [user, doc.text('full_name'), doc.text('first_name'), doc.text('last_name')]
  return [...new Set(names.filter((name) => name.length > 2))].sort((a, b) => b.length - a.length)
}

async function applyRule(
  ctx: Context,
  rule: PersonalRule,
  user: string,
  names: readonly string[],
): Promise<void> {
  const { meta, column, redact_fields = [] } = rule
  const theirs = () => ctx.db(meta.table).where(column, user)
  if (redact_fields.length === 0) {
    if (meta.isTable) await theirs().delete()
    else for (const name of await theirs().pluck<string[]>('name')) await deleteOne(ctx, rule.doctype, name)
    return
  }
  const renamed = rule.rename && !meta.isTable ? await theirs().pluck<string[]>('name') : []
  const fields = redact_fields.flatMap((name) => meta.field(name) ?? [])
  const values = Object.fromEntries(
    fields.map((field) => {
      const isText = fieldtypeOf(field).value === 'text'
      return [
        field.fieldname,
        rule.partial && isText ? replaced(ctx, field.fieldname, names) : redactedValue(field),
      ]
    }),
  )
  if (Object.keys(values).length > 0) await theirs().update(values)
  for (const name of renamed) {
    await ctx.renameDoc(rule.doctype, name, `deleted-${randomBytes(5).toString('hex')}`, {
      force: true,
      ignorePermissions: true,
    })
  }
}

async function deleteOne(ctx: Context, doctype: string, name: string): Promise<void> {
  const doc = await ctx.getDoc(doctype, name)
  await doc.delete({ ignorePermissions: true, ignoreLinks: true })
}

/** The column with every name of the person's replaced. */
function replaced(ctx: Context, column: string, names: readonly string[]) {
  const sql = names.reduce((text) => `replace(${text}, ?, ?)`, '??')
  return ctx.db.raw(sql, [column, ...names.flatMap((name) => [name, REDACTED])])
}

async function blankProfile(ctx: Context, name: string): Promise<void> {
  const meta = ctx.meta('User')
  const kept = new Set(['email', 'enabled', 'user_type', 'language'])
  const blank = meta.valueFields
    .filter(({ fieldname }) => !kept.has(fieldname))
    .map((field) => [field.fieldname, redactedValue(field)] as const)
  await ctx
    .db(meta.table)
    .where({ name })
    .update({
      ...Object.fromEntries(blank),
      email: name,
      first_name: ERASED_NAME,
      full_name: ERASED_NAME,
      enabled: 0,
    })
  for (const table of meta.tableFields) {
    await ctx
      .db(ctx.meta(table.options ?? '').table)
      .where({ parent: name, parenttype: 'User' })
      .delete()
  }
}

/** `owner` and `modified_by` are no links, but name the person all the same. */
async function replaceOwners(ctx: Context, user: string, pseudonym: string): Promise<void> {
  for (const meta of ctx.site.registry.metas()) {
    if (meta.isSingle || meta.isVirtual) continue
    for (const column of ['owner', 'modified_by'])
      await ctx
        .db(meta.table)
        .where(column, user)
        .update({ [column]: pseudonym })
  }
}
