import type { Knex } from 'knex'
import { ContextDocuments } from './document/context-documents.ts'
import type { Document } from './document/document.ts'
import type { Meta } from './meta/meta.ts'
import { hasPermission, type PermissionType } from './permissions/permissions.ts'
import { ROLES, rolesOf } from './permissions/roles.ts'
import type { Outbox } from './realtime/outbox.ts'
import { docRoom, doctypeRoom } from './realtime/rooms.ts'
import type { Reply } from './reply.ts'
import type { Site } from './site/site.ts'
import { ValidationError } from './errors.ts'

/** Who calls, and from where. */
export interface Identity {
  /** User id, `Guest` when anonymous. */
  user: string
  /** What the caller is logged in by: the hash of a session's id, or `api_key:<key>`. */
  session?: string
  /** The page that calls: a UUID of its own making. */
  device?: string
  /** The socket that the call came by, for its identity only. */
  connection?: object
  ip?: string
  /** The site's address as the caller reached it, where that is one of the site's own. */
  origin?: string
  /** Takes what the answer carries besides the result. */
  reply?: Reply
}

/** Whom an event goes to: a channel's sockets, or every socket of some users. */
export type Audience = { room: string } | { user: string } | { users: readonly string[] }

/**
 * One unit of work on a site: who does it, the database handle (a transaction in a method that writes) and what
 * shall happen after its commit.
 */
export class Context extends ContextDocuments {
  readonly site: Site
  readonly identity: Identity
  /** The current handle; reads only, unless inside `site.write`. */
  readonly db: Knex
  /** Whether `db` is a transaction. */
  readonly writes: boolean
  readonly #outbox: Outbox
  /** Topics of the cache that this unit of work has changed: it reads them itself. */
  readonly #changed: Set<string>

  constructor(
    site: Site,
    identity: Identity,
    db: Knex,
    outbox: Outbox,
    writes: boolean,
    changed = new Set<string>(),
  ) {
    super()
    this.#changed = changed
    this.site = site
    this.identity = identity
    this.db = db
    this.#outbox = outbox
    this.writes = writes
  }

  get user(): string {
    return this.identity.user
  }

  get device(): string | undefined {
    return this.identity.device
  }

  get connection(): object | undefined {
    return this.identity.connection
  }

  get kind(): 'sqlite' | 'mariadb' {
    return this.site.database.kind
  }

  /** Now, as the database stores it: `YYYY-MM-DD HH:MM:SS.ffffff` in the site's time zone. */
  now(): string {
    return this.site.clock.now()
  }

  roles(): Promise<ReadonlySet<string>> {
    return this.cached(ROLES, this.user, (db) => rolesOf(db, this.user))
  }

  /**
   * A fact that many requests ask for, kept for all of them until its topic is invalidated.
   * @param load reads from the handle it is given, which is this unit of work's own once it has changed the topic
   */
  cached<T>(topic: string, key: string, load: (db: Knex) => Promise<T>): Promise<T> {
    if (this.#changed.has(topic)) return load(this.db)
    return this.site.cache.get(topic, key, () => load(this.site.database.reader))
  }

  /** What is cached under the topic has changed: for this unit of work at once, for all others after commit. */
  invalidate(topic: string): void {
    this.#changed.add(topic)
    this.#outbox.notice(topic, { type: 'invalidate', topic })
  }

  meta(doctype: string): Meta {
    return this.site.registry.meta(doctype)
  }

  /** Sends an event after commit; nothing is sent if the transaction rolls back. */
  publish(event: string, message: unknown, audience: Audience): void {
    if ('room' in audience) this.#outbox.add({ type: 'event', room: audience.room, event, message })
    else {
      const users = 'user' in audience ? [audience.user] : audience.users
      for (const user of users) this.#outbox.add({ type: 'event', room: `user:${user}`, event, message })
    }
  }

  /** Tells those who look at a document, or at lists of its kind, that it has changed: once, after commit. */
  noticeUpdate(doctype: string, name: string, modified: string): void {
    const notice = (room: string, event: string, message: object): void => {
      this.#outbox.notice(`${room}\n${name}`, { type: 'event', room, event, message })
    }
    notice(docRoom(doctype, name), 'doc_update', { doctype, name, modified })
    notice(doctypeRoom(doctype), 'list_update', { doctype, name, user: this.user })
  }

  /** Live sockets of these users hear the channel from the commit on, in order with what is published. */
  joinRoom(users: readonly string[], room: string): void {
    this.#outbox.add({ type: 'join', users: [...users], room })
  }

  leaveRoom(users: readonly string[], room: string): void {
    this.#outbox.add({ type: 'leave', users: [...users], room })
  }

  /** Closes live sockets after commit: those of one session, or all of a user. */
  closeSockets(target: { session: string } | { user: string }, code: number, reason: string): void {
    this.#outbox.add({ type: 'close', target, code, reason })
  }

  /** Tells the caller something besides the result, or before an error (Frappe's `msgprint`). */
  msgprint(message: string, { title = 'Message', indicator = 'blue' } = {}): void {
    this.identity.reply?.messages.push({ message, title, indicator })
  }

  /** Adds documents to the answer's `docs`, as Frappe's forms expect them. */
  replyDocs(...docs: readonly unknown[]): void {
    this.identity.reply?.docs.push(...docs)
  }

  afterCommit(action: () => void | Promise<void>): void {
    this.#outbox.afterCommit(action)
  }

  hasPermission(doctype: string, ptype: PermissionType, doc?: Document): Promise<boolean> {
    return hasPermission(this, this.meta(doctype), ptype, doc)
  }

  /** Calls another whitelisted method in this unit of work, as the same user. */
  call(method: string, args: Record<string, unknown>): Promise<unknown> {
    const found = this.site.registry.method(method, args)
    if (found.writes && !this.writes)
      throw new ValidationError(`${method} writes; call it from a method that writes.`)
    return found.call(args, this)
  }

  /** The same unit of work in another user's name; for the server's own decisions, never from input. */
  asUser(user: string): Context {
    return new Context(
      this.site,
      { ...this.identity, user },
      this.db,
      this.#outbox,
      this.writes,
      this.#changed,
    )
  }
}
