import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { assignValues } from '../document/load.ts'
import { PermissionError } from '../errors.ts'
import { AUTOMATIC_ROLES } from '../permissions/roles.ts'
import { PERSON, personOf, type Login, type PersonRow } from '../site/sessions.ts'
import type { Site } from '../site/site.ts'

/** A person as the application says that desk is part of. */
export interface HostUser {
  /** E-mail address: the name of the User. */
  user: string
  fullName?: string
  /** All roles that the person has on the site; without it, roles are given in the desk. */
  roles?: readonly string[]
}

/** Says who sends a request, from what the application knows of it; null for nobody. */
export type Identify = (request: FastifyRequest) => HostUser | null | Promise<HostUser | null>

/** What a User has to say. */
interface Person {
  user: string
  first_name: string
  last_name: string
  roles: readonly string[] | undefined
}

interface UserRow extends PersonRow {
  name: string
  enabled: number
  first_name: string | null
  last_name: string | null
}

const LONGEST_NAME = 140

/** Logins by another application, with a User of the site for each person (ADR 0020). */
export class HostLogins {
  readonly #site: Site
  readonly #identify: Identify
  /** One at a time makes or changes a person's User. */
  readonly #writing = new Map<string, Promise<void>>()
  readonly #unknownRoles = new Set<string>()

  constructor(site: Site, identify: Identify) {
    this.#site = site
    this.#identify = identify
  }

  /**
   * Who sends a request; null for nobody, and for somebody whose User is disabled. The User is made at first sight
   * and follows what is said of the person later; without a change a request costs no write, and one read a second.
   * @throws where the application names something that is no e-mail address
   */
  async find(request: FastifyRequest): Promise<Login | null> {
    const said = await this.#identify(request)
    if (said === null) return null
    const person = personFrom(said)
    const key = createHash('sha256').update(JSON.stringify(person)).digest('hex')
    return await this.#site.logins.get(`host:${key}`, () => this.#login(person))
  }

  async #login(person: Person): Promise<Login | null> {
    const { user } = person
    const roles = person.roles && (await this.#knownRoles(person.roles))
    await this.#writing.get(user)
    let row = await this.#read(user)
    if (row?.enabled === 0) return null
    if (!row || !(await this.#isUpToDate(row, person, roles))) {
      await this.#write(person, roles)
      row = await this.#read(user)
    }
    return row ? { id: `host_login:${user}`, ...personOf(user, row) } : null
  }

  async #read(user: string): Promise<UserRow | undefined> {
    const row = await this.#site.database
      .reader('tabUser')
      .where({ name: user })
      .first<UserRow | undefined>('name', 'enabled', 'first_name', 'last_name', ...PERSON)
    // MariaDB takes é for e: two people would share one User.
    if (row && row.name !== user)
      throw new PermissionError(`This site cannot tell ${user} from another of its users.`)
    return row
  }

  async #isUpToDate(row: UserRow, person: Person, roles: readonly string[] | undefined): Promise<boolean> {
    if ((row.first_name ?? '') !== person.first_name || (row.last_name ?? '') !== person.last_name)
      return false
    if (!roles) return true
    const given = await this.#site.database
      .reader('tabHas Role')
      .where({ parent: person.user, parenttype: 'User' })
      .pluck<string[]>('role')
    return given.sort().join('\n') === roles.join('\n')
  }

  /** Requests that come together, as those of a page do, wait for one write. */
  async #write(person: Person, roles: readonly string[] | undefined): Promise<void> {
    const { user } = person
    const running = this.#writing.get(user)
    if (running) {
      await running
      return
    }
    const writing = this.#save(person, roles).finally(() => this.#writing.delete(user))
    this.#writing.set(user, writing)
    await writing
  }

  async #save({ user, first_name, last_name }: Person, roles: readonly string[] | undefined): Promise<void> {
    const type = roles && { user_type: (await this.#openTheDesk(roles)) ? 'System User' : 'Website User' }
    const values = {
      first_name,
      last_name,
      ...(roles ? { roles: roles.map((role) => ({ role })), ...type } : {}),
    }
    const save = (): Promise<void> =>
      this.#site.asAdministrator(async (ctx) => {
        if (await ctx.exists('User', user)) {
          const doc = await ctx.getDoc('User', user)
          assignValues(doc, values)
          await doc.save()
        } else {
          await ctx.newDoc('User', { user_type: 'Website User', ...values, email: user, enabled: 1 }).insert()
        }
      })
    // Another process may have done the same just now: then the second try finds it done.
    await save().catch(save)
  }

  /** Frappe's rule: who has a role with access to the desk is a System User. */
  async #openTheDesk(roles: readonly string[]): Promise<boolean> {
    const found = await this.#site.database
      .reader('tabRole')
      .whereIn('name', roles)
      .where({ desk_access: 1 })
      .first<{ name: string } | undefined>('name')
    return found !== undefined
  }

  /** The roles that the site has; others are told once, and left out: a name that is sent makes no role. */
  async #knownRoles(names: readonly string[]): Promise<readonly string[]> {
    const wanted = [...new Set(names)].filter((name) => !AUTOMATIC_ROLES.has(name))
    const known = new Set(
      await this.#site.database.reader('tabRole').whereIn('name', wanted).pluck<string[]>('name'),
    )
    for (const name of wanted) {
      if (known.has(name) || this.#unknownRoles.has(name)) continue
      this.#unknownRoles.add(name)
      const { name: site } = this.#site
      this.#site.log.warn({ role: name, site }, 'identify named a role that the site has not: it is left out')
    }
    return wanted.filter((name) => known.has(name)).sort()
  }
}

/** @throws for what can be no User */
function personFrom({ user, fullName, roles }: HostUser): Person {
  const name = user.trim().toLowerCase()
  if (!name.includes('@'))
    throw new Error(
      `identify must name a person by e-mail address; it said "${name.slice(0, LONGEST_NAME)}".`,
    )
  const shown = fullName?.trim() ?? ''
  const [first = '', ...rest] = (shown === '' ? name : shown).split(/\s+/)
  return {
    user: name,
    first_name: first.slice(0, LONGEST_NAME),
    last_name: rest.join(' ').slice(0, LONGEST_NAME),
    roles: roles && [...roles],
  }
}
