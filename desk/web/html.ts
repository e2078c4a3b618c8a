/** Text that is already HTML. Only `html` and `rawHtml` make it, so nothing else reaches a page unescaped. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[]

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

/** A template whose values are escaped, unless they are `Html` themselves. `null`, `undefined` and `false` leave nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = strings[0] ?? ''
  values.forEach((value, index) => {
    text += toText(value) + (strings[index + 1] ?? '')
  })
  return new Html(text)
}

/** Marks text as HTML. For text that this package made itself, never for what a user or a database said. */
export function rawHtml(text: string): Html {
  return new Html(text)
}

/** JSON that can stand inside a `<script type="application/json">`: no `<` is left to close or open anything. */
export function scriptJson(value: unknown): Html {
  const json = value === undefined ? 'null' : JSON.stringify(value)
  return new Html(
    json
      .replace(/</g, '\\u003c')
      .replace(/\u2028/g, '\\u2028')
      .replace(/\u2029/g, '\\u2029'),
  )
}

function toText(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(toText).join('')
  return escapeHtml(String(value))
}
