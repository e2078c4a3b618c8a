/** What a message is made of, as it is shown; everything that is no markup is in it as it was typed. */
export type Block =
  | { readonly kind: 'paragraph'; readonly inline: readonly Inline[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly ListItem[] }

export interface ListItem {
  /** What stands before an item of an ordered list. */
  readonly number: number
  readonly blocks: readonly Block[]
}

export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'bold' | 'italic' | 'strike'; readonly inline: readonly Inline[] }
  | Link
  | Mention

export interface Link {
  readonly kind: 'link'
  /** http, https, mailto or tel, and nothing else. */
  readonly href: string
  /** The host, address or number that it leads to, where its text may be taken for another. */
  readonly leadsTo: string | null
  readonly inline: readonly Inline[]
}

export interface Mention {
  readonly kind: 'mention'
  /** The user's id, or `@all`. */
  readonly user: string
  /** What stands behind the @, as it was typed. */
  readonly label: string
}

/** Puts texts that stand side by side together. */
export function joinTexts(inline: readonly Inline[]): Inline[] {
  const joined: Inline[] = []
  let run: string[] = []
  const flush = (): void => {
    if (run.length > 0) joined.push({ kind: 'text', text: run.join('') })
    run = []
  }
  for (const node of inline) {
    if (node.kind === 'text') run.push(node.text)
    else {
      flush()
      joined.push(node)
    }
  }
  flush()
  return joined
}

/** What people read of it. */
export function textOf(inline: readonly Inline[]): string {
  return inline
    .map((node): string => {
      switch (node.kind) {
        case 'text':
        case 'code':
          return node.text
        case 'break':
          return '\n'
        case 'mention':
          return `@${node.label}`
        default:
          return textOf(node.inline)
      }
    })
    .join('')
}
