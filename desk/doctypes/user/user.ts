import type { Context } from '../../context.ts'
import { documentOf } from '../../document/document.ts'
import { PermissionError, ValidationError } from '../../errors.ts'
import { ADMINISTRATOR, GUEST } from '../../permissions/roles.ts'
import { setPassword } from '../../site/passwords.ts'
import { endSessionsOf } from '../../site/sessions.ts'
import type { UserFields } from './user.types.ts'

const BUILT_IN = [ADMINISTRATOR, GUEST]

/** A person who may log in; named by the e-mail address. */
export default class User extends documentOf<UserFields>() {
  #password = ''

  override before_validate(): void {
    this.email = this.text('email').trim().toLowerCase()
    this.full_name = [this.first_name, this.last_name].filter(Boolean).join(' ')
    const password = this.get('new_password')
    this.#password = typeof password === 'string' ? password : ''
    this.set('new_password', null)
  }

  override validate(): void {
    if (!/^[^\s@<>"']+@[^\s@<>"']+$/.test(this.text('email'))) {
      throw new ValidationError(`"${this.text('email')}" is not an e-mail address.`)
    }
    if (BUILT_IN.includes(this.name) && !this.enabled)
      throw new ValidationError(`${this.name} cannot be disabled.`)
    const roles = new Set(this.roles.map(({ role }) => role))
    this.set(
      'roles',
      this.children('roles').filter((row) => roles.delete(row.text('role'))),
    )
  }

  override async on_update(ctx: Context): Promise<void> {
    if (this.#password) {
      await setPassword(ctx, this.name, this.#password)
      await endSessionsOf(ctx, this.name)
    }
    if (!this.enabled) await endSessionsOf(ctx, this.name)
  }

  override on_trash(): void {
    if (BUILT_IN.includes(this.name)) throw new PermissionError(`${this.name} cannot be deleted.`)
  }

  override async after_delete(ctx: Context): Promise<void> {
    await endSessionsOf(ctx, this.name)
  }
}
