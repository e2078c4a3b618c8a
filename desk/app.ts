import type { Knex } from 'knex'
import type { Context } from './context.ts'
import type { Document } from './document/document.ts'
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
  override_whitelisted_methods?: Record<string, string>
  after_install?: (ctx: Context) => Promise<void>
  after_migrate?: (ctx: Context) => Promise<void>
  extend_bootinfo?: (bootinfo: Record<string, unknown>, ctx: Context) => void | Promise<void>
  /** A socket of the user opens. */
  socket_open?: (ctx: Context) => Promise<SocketOpening>
  /** The site starts serving; what it returns is called when the site stops. */
  on_start?: (site: Site) => (() => void | Promise<void>) | undefined
  /** Fills a site with plausible data; run again, it adds nothing twice. */
  seed_demo?: (site: Site, size: DemoSize) => Promise<void>
}

/** Checks and returns an app's manifest; the default export of its `hooks.ts`. */
export function defineApp(definition: AppDefinition): AppDefinition {
  if (!/^[a-z][a-z0-9_]*$/.test(definition.name)) {
    throw new Error(`An app's name is snake_case, like "sales_desk"; got "${definition.name}".`)
  }
  return definition
}
