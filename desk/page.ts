import type { Context } from './context.ts'

/** A page of an app outside the desk: a shell with the boot data and the app's script, as `/call/<name>` is. */
export interface PageDefinition {
  title: string
  /** Addresses of module scripts, such as `/assets/f_chat/call.js`. */
  scripts: string[]
  styles?: string[]
  /** Whether those who have not logged in may see it; else they are led to the login. */
  allowGuest?: boolean
  /**
   * What the page knows from the start, as `boot.page`; `params` are the parts of the address that the route rule
   * names. Throw DoesNotExistError or PermissionError for an error page.
   */
  context?: (params: Readonly<Record<string, string>>, ctx: Context) => unknown
}
