import type { Context } from '../../context.ts'
import { documentOf } from '../../document/document.ts'
import { PermissionError, ValidationError } from '../../errors.ts'
import { ADMINISTRATOR, GUEST, ROLES } from '../../permissions/roles.ts'
import { revokeApiKey } from '../../site/api-keys.ts'
import { setPassword } from '../../site/passwords.ts'
import { endSessionsOf } from '../../site/sessions.ts'
import type { UserFields } from './user.types.ts'

const BUILT_IN = [ADMINISTRATOR, GUEST]

/** Its sockets open again, with the channels and rights of their user as they are now. */
const REOPEN = 1012

interface Before {
  api_key: string | null
  user_type: string | null
  reset_password_key: string | null
  last_reset_password_key_generated_on: string | null
  roles: string
}

/** A person who may log in; named by the e-mail address. */
export default class User extends documentOf<UserFields>() {
  #password = ''
  #before: Before | null = null

  override before_validate(): void {
    this.email = this.text('email').trim().toLowerCase()
    this.full_name = [this.first_name, this.last_name].filter(Boolean).join(' ')
    // Unique fields: several may have none.
    this.username = this.text('username').trim().toLowerCase() || null
    this.mobile_no = this.text('mobile_no').replace(/[\s()/-]/g, '') || null
    this.api_key = this.text('api_key').trim() || null
    const password = this.get('new_password')
    this.#password = typeof password === 'string' ? password : ''
    this.set('new_password', null)
    // A secret is made by generate_keys alone.
    this.set('api_secret', null)
  }

  override validate(): void {
    if (!/^[^\s@<>"']+@[^\s@<>"']+$/.test(this.text('email'))) {
      throw new ValidationError(`"${this.text('email')}" is not an e-mail address.`)
    }
    if (this.username?.includes('@'))
      throw new ValidationError('A username has no "@": it could be somebody’s e-mail address.')
    if (BUILT_IN.includes(this.name) && !this.enabled)
      throw new ValidationError(`${this.name} cannot be disabled.`)
    const roles = new Set(this.roles.map(({ role }) => role))
    this.set(
      'roles',
      this.children('roles').filter((row) => roles.delete(row.text('role'))),
    )
  }

  override async before_save(ctx: Context): Promise<void> {
    if (this.name === ADMINISTRATOR && ctx.user !== ADMINISTRATOR)
      throw new PermissionError('Only Administrator may change Administrator.')
    this.#before = await storedState(ctx, this.name)
    // Who could write these could make a link to log in by.
    this.reset_password_key = this.#before?.reset_password_key ?? null
    this.last_reset_password_key_generated_on = this.#before?.last_reset_password_key_generated_on ?? null
    const had = this.#before?.api_key ?? null
    if (this.api_key !== null && this.api_key !== had)
      throw new ValidationError('An API key is made by "Generate Keys"; here it can only be emptied.')
  }

  override async on_update(ctx: Context): Promise<void> {
    const before = this.#before
    if (before?.api_key && !this.api_key) await revokeApiKey(ctx, this.name, before.api_key)
    if (this.#password) await setPassword(ctx, this.name, this.#password)
    if (this.#password || !this.enabled) await endSessionsOf(ctx, this.name)
    const now = await storedState(ctx, this.name)
    if (before?.roles === now?.roles && before?.user_type === now?.user_type) return
    ctx.invalidate(ROLES)
    if (before) ctx.closeSockets({ user: this.name }, REOPEN, 'roles changed')
  }

  override on_trash(): void {
    if (BUILT_IN.includes(this.name)) throw new PermissionError(`${this.name} cannot be deleted.`)
  }

  override async after_delete(ctx: Context): Promise<void> {
    await ctx.db('__Auth').where({ doctype: 'User', name: this.name }).delete()
    ctx.invalidate(ROLES)
    await endSessionsOf(ctx, this.name)
  }
}

/** What decides about live logins, as the database has it. */
async function storedState(ctx: Context, name: string): Promise<Before | null> {
  const row = await ctx
    .db('tabUser')
    .where({ name })
    .first<Omit<Before, 'roles'> | undefined>(
      'api_key',
      'user_type',
      'reset_password_key',
      'last_reset_password_key_generated_on',
    )
  if (!row) return null
  const roles = await ctx
    .db('tabHas Role')
    .where({ parent: name, parenttype: 'User' })
    .pluck<string[]>('role')
  return { ...row, roles: roles.sort().join('\n') }
}
