import { doctypeOf, pathOf, type Route, type Sidebar } from './routes.ts'

export interface Crumb {
  label: string
  href?: string
}

/**
 * The way from a module down to a place; the last crumb is the place itself.
 * `title` stands for a document's name once it is known; `single` for a DocType that has one document and no list.
 */
export function breadcrumb(
  route: Route,
  sidebar: Sidebar,
  options: { title?: string; single?: boolean } = {},
): Crumb[] {
  if (route.view === 'home') return [{ label: 'Home' }]
  const { doctype, module } = doctypeOf(route.slug, sidebar)
  const crumbs: Crumb[] = module ? [{ label: module }] : []
  if (route.view === 'list' || options.single) return [...crumbs, { label: doctype }]
  const last = route.view === 'new' ? `New ${doctype}` : (options.title ?? route.name)
  return [...crumbs, { label: doctype, href: pathOf(doctype) }, { label: last }]
}
