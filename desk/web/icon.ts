import { html, rawHtml, escapeHtml, type Html } from './html.ts'

/** A Lucide icon: element names with their attributes. */
export type IconNode = readonly (readonly [name: string, attributes: Readonly<Record<string, unknown>>])[]

/** An icon as markup, in the look's one stroke family. It says nothing by itself: name the control it stands in. */
export function iconHtml(node: IconNode, size = 18): Html {
  const shapes = node.map(([name, attributes]) => {
    const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeHtml(String(value))}"`)
    return rawHtml(`<${name}${pairs.join('')}/>`)
  })
  return html`<svg
    class="icon"
    width="${size}"
    height="${size}"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.75"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    ${shapes}
  </svg>`
}
