import { siteAddress } from '../../client/base.ts'
import { newPathOf, parsePath, pathOf, type Route } from '../routes.ts'

const root = siteAddress('/')

/** The address of a DocType's list, or of one of its documents. */
export const addressOf = (doctype: string, name?: string): string => siteAddress(pathOf(doctype, name))

/** The address of the form for a new document. */
export const newAddressOf = (doctype: string): string => siteAddress(newPathOf(doctype))

/** Which place of the desk an address of this site names; null when it is none. */
export function parseAddress(address: string): Route | null {
  return address.startsWith(root) ? parsePath(address.slice(root.length - 1)) : null
}
