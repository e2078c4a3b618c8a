import { doctypeOf, pathOf, type Route, type Sidebar } from './routes.ts'

export interface Crumb {
  label: string
  href?: string
}

/**
 * The way from a module down to a place; the last crumb is the place itself. A document goes by its name, which is
 * unique; its title heads the form. `single` is a DocType with one document: it has no list above it.
 */
export function breadcrumb(route: Route, sidebar: Sidebar, single = false): Crumb[] {
  if (route.view === 'home') return [{ label: 'Home' }]
  const { doctype, module } = doctypeOf(route.slug, sidebar)
  const crumbs: Crumb[] = module ? [{ label: module }] : []
  if (route.view === 'list' || single) return [...crumbs, { label: doctype }]
  const last = route.view === 'new' ? `New ${doctype}` : route.name
  return [...crumbs, { label: doctype, href: pathOf(doctype) }, { label: last }]
}
