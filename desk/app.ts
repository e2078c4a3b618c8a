import type { Knex } from 'knex'
import type { AppCommand } from './bench/command.ts'
import type { Context } from './context.ts'
import type { Document, DocumentClass } from './document/document.ts'
import type { Job } from './jobs/job.ts'
import type { PageDefinition } from './page.ts'
import type { ErasureRun, PersonToErase } from './personal-data/person.ts'
import type { Site } from './site/site.ts'

/** Points in a document's life at which its controller and other apps may act (frappe-contract.md §3). */
export const DOC_EVENTS = [
  'before_insert',
  'before_naming',
  'autoname',
  'before_validate',
  'validate',
  'before_save',
  'after_insert',
  'on_update',
  'on_change',
  'on_trash',
  'after_delete',
  'before_rename',
  'after_rename',
] as const
export type DocEvent = (typeof DOC_EVENTS)[number]

export type DocEventHandler = (doc: Document, ctx: Context, event: DocEvent) => void | Promise<void>

/** May only deny: false refuses, anything else leaves the decision to the role rules. */
export type HasPermissionHook = (doc: Document, ptype: string, ctx: Context) => boolean | Promise<boolean>

/** Narrows a list to what the caller may see; also asked for Administrator, as in Frappe. */
export type QueryConditionHook = (query: Knex.QueryBuilder, ctx: Context) => void | Promise<void>

/** What a socket gets when it opens: the channels it hears, and what its `ready` frame says besides. */
export interface SocketOpening {
  rooms: readonly string[]
  ready?: Record<string, unknown>
}

/** How much plausible data `bench seed-demo` is asked for; an app takes what concerns it. */
export interface DemoSize {
  users?: number
  rooms?: number
  messages?: number
}

/** Moments of the scheduler, as Frappe names them; `*_long` is the same moment. */
export const SCHEDULE_NAMES = [
  'all',
  'hourly',
  'hourly_long',
  'daily',
  'daily_long',
  'weekly',
  'weekly_long',
  'monthly',
  'monthly_long',
] as const
export type ScheduleName = (typeof SCHEDULE_NAMES)[number]

/** Jobs by the moment at which they run; `cron` by a cron expression of five fields, in the site's time zone. */
export type SchedulerEvents = Partial<Record<ScheduleName, OneOrMany<Job>>> & {
  cron?: Record<string, OneOrMany<Job>>
}

/** What an HTTP request looks like to a hook. */
export interface HookRequest {
  method: string
  /** Path without the query, decoded as routes are found by it. */
  path: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  ip: string
  /** `Guest` until the request has been identified. */
  user: string
  site: Site
}

/** A card on the home page, and in the switcher of apps. */
export interface AppScreenEntry {
  name: string
  title: string
  route: string
  logo?: string
  has_permission?: (ctx: Context) => boolean | Promise<boolean>
}

/** An address that one of the app's `pages` answers: `{ from_route: '/call/<name>', to_route: 'call' }`. */
export interface RouteRule {
  from_route: string
  to_route: string
}

/** What of a person's data a DocType holds: told on export, blanked or deleted on erasure. */
export interface UserDataField {
  doctype: string
  /** The field that names the person (default `owner`). */
  filter_by?: string
  /** Fields that are blanked on erasure; without any, the documents are deleted. */
  redact_fields?: string[]
  /** On erasure the person's id inside these text fields is replaced, and the rest is kept. */
  partial?: boolean
  /** The document itself is named after the person: it gets a new name. */
  rename?: boolean
}

/** An entry of `bench export-fixtures`: a DocType, or some documents of it. */
export type FixtureRule = string | { dt: string; filters?: unknown }

type OneOrMany<T> = T | T[]

/**
 * An app's manifest: everything it adds to a desk, under the names of Frappe's hooks.py. Values of several apps
 * are merged in the order of installation.
 */
export interface AppDefinition {
  /** Name in snake_case; the package is called the same with `-` for `_`. */
  name: string
  title: string
  app_include_js?: OneOrMany<string>
  app_include_css?: OneOrMany<string>
  /** By DocType, or `*` for all. */
  doc_events?: Record<string, Partial<Record<DocEvent, OneOrMany<DocEventHandler>>>>
  has_permission?: Record<string, OneOrMany<HasPermissionHook>>
  permission_query_conditions?: Record<string, OneOrMany<QueryConditionHook>>
  /** DocTypes whose links do not keep a document from being deleted. */
  ignore_links_on_delete?: OneOrMany<string>
  override_whitelisted_methods?: Record<string, string>
  /** A controller in place of the DocType's own, which it should extend. The last app that names one wins. */
  override_doctype_class?: Record<string, DocumentClass>
  /** Adds to a DocType's controller: gets the class so far, answers with one that extends it. */
  extend_doctype_class?: Record<string, OneOrMany<(base: DocumentClass) => DocumentClass>>
  before_install?: (ctx: Context) => Promise<void>
  after_install?: (ctx: Context) => Promise<void>
  before_uninstall?: (ctx: Context) => Promise<void>
  after_uninstall?: (ctx: Context) => Promise<void>
  before_migrate?: (ctx: Context) => Promise<void>
  after_migrate?: (ctx: Context) => Promise<void>
  /** Documents that `bench export-fixtures` writes into the app's `fixtures/`. */
  fixtures?: FixtureRule[]
  /** Jobs by the clock; each job is also one that the app exports from `jobs/`. */
  scheduler_events?: SchedulerEvents
  boot_session?: OneOrMany<(bootinfo: Record<string, unknown>, ctx: Context) => void | Promise<void>>
  extend_bootinfo?: OneOrMany<(bootinfo: Record<string, unknown>, ctx: Context) => void | Promise<void>>
  /** A login has been accepted and its session made, in the session's transaction: throwing refuses it. */
  on_login?: OneOrMany<(ctx: Context) => void | Promise<void>>
  on_session_creation?: OneOrMany<(ctx: Context) => void | Promise<void>>
  on_logout?: OneOrMany<(ctx: Context) => void | Promise<void>>
  /** Other ways to say who calls: the user's id, or undefined to leave it to the next. */
  auth_hooks?: OneOrMany<(request: HookRequest) => string | undefined | Promise<string | undefined>>
  /** Before an API request is answered; throwing refuses it. */
  before_request?: OneOrMany<(request: HookRequest) => void | Promise<void>>
  /** After an API request was answered, whatever the answer. */
  after_request?: OneOrMany<(request: HookRequest, status: number) => void | Promise<void>>
  /** Pages of the app's own, by the name that `website_route_rules` leads to. */
  pages?: Record<string, PageDefinition>
  website_route_rules?: RouteRule[]
  /** Scripts and styles for pages outside the desk: the app's `pages`. */
  web_include_js?: OneOrMany<string>
  web_include_css?: OneOrMany<string>
  add_to_apps_screen?: OneOrMany<AppScreenEntry>
  user_data_fields?: UserDataField[]
  /** What else it keeps about a person, by section: pieces that are written to the export as they come. */
  export_user?: (user: string, ctx: Context) => Record<string, AsyncIterable<unknown>>
  /**
   * A person is being erased: what `user_data_fields` cannot say, such as what others must hear of, or what is too much
   * for one transaction. Runs before those rules, while the person still has their name but cannot log in any more, in
   * as many units of work as it likes. An erasure that breaks off is asked for again: make it safe to repeat.
   */
  erase_user?: (person: PersonToErase, run: ErasureRun) => Promise<void>
  /** A socket of the user opens. */
  socket_open?: (ctx: Context) => Promise<SocketOpening>
  /**
   * A socket is gone, whoever ended it: once for each that `socket_open` was asked about, and after that has answered.
   * `ctx.connection` is the same object in both.
   */
  socket_close?: (ctx: Context) => void | Promise<void>
  /** The site starts serving; what it returns is called when the site stops. */
  on_start?: (site: Site) => (() => void | Promise<void>) | undefined
  /** Commands of the CLI, for the sites that have the app. desk's own keep their names. */
  bench_commands?: readonly AppCommand[]
  /** Fills a site with plausible data; run again, it adds nothing twice. `told` is to hear how far it is, now and then. */
  seed_demo?: (site: Site, size: DemoSize, told?: (done: number, total: number) => void) => Promise<void>
}

/** Checks and returns an app's manifest; the default export of its `hooks.ts`. */
export function defineApp(definition: AppDefinition): AppDefinition {
  if (!/^[a-z][a-z0-9_]*$/.test(definition.name)) {
    throw new Error(`An app's name is snake_case, like "sales_desk"; got "${definition.name}".`)
  }
  return definition
}
