import type { Readable } from 'node:stream'
import type { Knex } from 'knex'
import { ContextDocuments } from './document/context-documents.ts'
import type { Document } from './document/document.ts'
import { openFile, saveFile, type SaveFile } from './files/save.ts'
import type { Upload } from './files/upload.ts'
import type { Job } from './jobs/job.ts'
import type { EnqueueOptions } from './jobs/port.ts'
import type { Mail } from './mail/compose.ts'
import { queueMail } from './mail/queue-mail.ts'
import type { Meta } from './meta/meta.ts'
import { hasPermission, type PermissionType } from './permissions/permissions.ts'
import { ROLES, rolesOf } from './permissions/roles.ts'
import type { Outbox } from './realtime/outbox.ts'
import { sessionDevice } from './realtime/device.ts'
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
  /** Files that came with the call. */
  uploads?: readonly Upload[]
}

/**
 * Whom an event goes to: a channel's sockets, those of several channels (each socket once, by the first of them that
 * it hears), every socket of some users, or those of one device of a user. `except` is a user whose sockets are left
 * out.
 */
export type Audience =
  | { room: string; except?: string }
  | { rooms: readonly string[]; except?: string }
  | { user: string; device?: string }
  | { users: readonly string[] }

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

  /** What a caller that names no device is known by: one for each login. */
  get sessionDevice(): string {
    return sessionDevice(this.identity)
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
    if ('room' in audience || 'rooms' in audience) {
      const [room, ...also] = 'room' in audience ? [audience.room] : audience.rooms
      if (room === undefined) return
      const { except } = audience
      this.#outbox.add({
        ...{ type: 'event', room, event, message },
        ...(also.length > 0 && { also }),
        ...(except !== undefined && { except }),
      })
    } else {
      const users = 'user' in audience ? [audience.user] : audience.users
      const device = 'user' in audience && audience.device !== undefined ? { device: audience.device } : {}
      for (const user of users)
        this.#outbox.add({ type: 'event', room: `user:${user}`, event, message, ...device })
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

  /**
   * Has a job run in the background once this transaction has committed, as this user.
   * @returns the name of its Background Job @throws ValidationError where the job is not exported from jobs/
   */
  enqueue<Args>(job: Job<Args>, args: Args, options: EnqueueOptions = {}): Promise<string> {
    return this.site.jobs.enqueue(this, job, args, options)
  }

  /**
   * Has a mail sent once this transaction has committed; it is kept in the Email Queue.
   * @returns the name of the Email Queue's document @throws ValidationError for an address or header that is none
   */
  sendMail(mail: Mail): Promise<string> {
    return queueMail(this, mail)
  }

  /**
   * A part of the work that may fail by itself: then nothing of it stays, neither in the database nor of what it
   * would have published, and the rest can go on. @throws what the part throws
   */
  async attempt<T>(part: () => Promise<T>): Promise<T> {
    const drop = this.#outbox.mark()
    try {
      return await this.db.transaction(part)
    } catch (error) {
      drop()
      throw error
    }
  }

  /** Undoes what was done to the outside world before the commit, where the work fails or is done again. */
  afterRollback(action: () => void | Promise<void>): void {
    this.#outbox.afterRollback(action)
  }

  /** Files that came with the call; only in methods that take `files`. */
  get uploads(): readonly Upload[] {
    return this.identity.uploads ?? []
  }

  /** Stores content as a new File, in this transaction. Private unless told otherwise. */
  saveFile(input: SaveFile): Promise<Document> {
    return saveFile(this, input)
  }

  /** A File's content, read as it is needed; whoever calls has been checked. @throws DoesNotExistError */
  openFile(file: Document): Promise<Readable> {
    return openFile(this, file)
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
