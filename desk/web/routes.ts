/** A place in the desk. `new` is a form for a document that does not exist yet. */
export type Route =
  | { view: 'home' }
  | { view: 'list'; slug: string }
  | { view: 'new'; slug: string }
  | { view: 'form'; slug: string; name: string }

/** Boot's sidebar: modules with the DocTypes that the user may read. */
export type Sidebar = readonly { module: string; doctypes: readonly { name: string; route: string }[] }[]

/** A DocType's part of a desk URL, as Frappe makes it: "Sales Order" → "sales-order". */
export function slugOf(doctype: string): string {
  return doctype
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
}

/** The path of a DocType's list, or of one of its documents. */
export function pathOf(doctype: string, name?: string): string {
  const list = `/desk/${encodeURIComponent(slugOf(doctype))}`
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`
}

/** The path of the form for a new document. */
export function newPathOf(doctype: string): string {
  return `${pathOf(doctype)}/new`
}

/**
 * Which place a path names; null when it is none of the desk's. Query and hash are ignored.
 * A name may hold slashes, encoded or not. A document called "new" cannot be reached: Frappe's rule too.
 */
export function parsePath(path: string): Route | null {
  const pathname = path.split(/[?#]/, 1)[0] ?? ''
  const [root, first, ...rest] = pathname.replace(/^\/+|\/+$/g, '').split('/')
  if (root !== 'desk') return null
  if (!first) return { view: 'home' }
  const slug = decode(first)
  const name = decode(rest.join('/'))
  if (slug === null || name === null) return null
  if (name === '') return { view: 'list', slug }
  if (name === 'new') return { view: 'new', slug }
  return { view: 'form', slug, name }
}

/** The DocType behind a slug: the sidebar's spelling when it is there, else its words in title case. */
export function doctypeOf(slug: string, sidebar: Sidebar): { doctype: string; module: string | null } {
  for (const { module, doctypes } of sidebar) {
    const found = doctypes.find((entry) => slugOf(entry.name) === slug)
    if (found) return { doctype: found.name, module }
  }
  const words = slug.split('-').filter(Boolean)
  return {
    doctype: words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' '),
    module: null,
  }
}

/** A path of this site to go to after login, or null: never another origin, never an API address, never login itself. */
export function safeRedirect(target: string | null | undefined): string | null {
  if (!target || !/^\/(?![/\\])[^\p{Cc}\\]*$/u.test(target)) return null
  return /^\/(api|login)(?![\w-])/.test(target) ? null : target
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
