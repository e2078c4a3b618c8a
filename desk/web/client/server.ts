import { deskClient } from '../../client/client.ts'
import { DeskError } from '../../client/error.ts'
import type { ListQuery } from './list-query.ts'
import { metaFrom, type Doc, type DocTypeAnswer, type Meta } from './meta.ts'

const metas = new Map<string, Promise<Meta>>()

/** A DocType's meta, asked for once a page. A failed answer is not kept. */
export function loadMeta(doctype: string): Promise<Meta> {
  const known = metas.get(doctype)
  if (known) return known
  const loading = deskClient()
    .call<DocTypeAnswer>('frappe.desk.form.load.getdoctype', { doctype }, { idempotent: true })
    .then(metaFrom)
  metas.set(doctype, loading)
  loading.catch(() => metas.delete(doctype))
  return loading
}

/** One page of a list. */
export function loadList(doctype: string, query: ListQuery, signal: AbortSignal): Promise<Doc[]> {
  const { or_filters: filters, ...rest } = query
  const sent = filters.length > 0 ? { ...rest, or_filters: filters } : rest
  return deskClient().resource.list<Doc>(doctype, sent, { signal })
}

export interface LinkOption {
  value: string
  label?: string
  description?: string
}

/** Documents that a Link field may name, best match first. */
export function searchLink(doctype: string, txt: string, signal: AbortSignal): Promise<LinkOption[]> {
  const args = { doctype, txt, page_length: 10 }
  return deskClient().call<LinkOption[]>('frappe.desk.search.search_link', args, { signal, idempotent: true })
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

/** What to tell the user about a failure: what the server said, as plain text. */
export function messagesOf(error: unknown): string[] {
  if (error instanceof DeskError && error.status === 401)
    return ['You are logged out. Log in again in another tab; nothing here is lost.']
  if (error instanceof DeskError) return error.messages.map(plainText)
  return ['Something went wrong on this page. Load it again; if it stays, tell your administrator.']
}

/** Frappe's messages may hold markup; only their words are shown. */
function plainText(message: string): string {
  if (!/[<&]/.test(message)) return message
  return new DOMParser().parseFromString(message, 'text/html').body.textContent.trim() || message
}
