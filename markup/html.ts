import type { Block, Inline } from './tree.ts'

/** How links are opened: they learn nothing of the desk, and are no recommendation of it. */
export const LINK_REL = 'noopener noreferrer nofollow'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

/** A message as HTML for a mail. Everything in it is escaped; no attribute but those written here. */
export function renderHtml(blocks: readonly Block[]): string {
  return blocks.map(ofBlock).join('')
}

function ofBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p dir="auto">${ofInlines(block.inline)}</p>`
    case 'code':
      return `<pre><code>${escape(block.text)}</code></pre>`
    case 'quote':
      return `<blockquote>${renderHtml(block.blocks)}</blockquote>`
    case 'list': {
      const tag = block.ordered ? 'ol' : 'ul'
      const items = block.items.map(({ number, blocks }) => {
        const value = block.ordered ? ` value="${String(number)}"` : ''
        return `<li${value}>${renderHtml(blocks)}</li>`
      })
      return `<${tag}>${items.join('')}</${tag}>`
    }
  }
}

const ofInlines = (inline: readonly Inline[]): string => inline.map(ofInline).join('')

function ofInline(node: Inline): string {
  switch (node.kind) {
    case 'text':
      return escape(node.text)
    case 'break':
      return '<br>'
    case 'code':
      return `<code>${escape(node.text)}</code>`
    case 'bold':
      return `<strong>${ofInlines(node.inline)}</strong>`
    case 'italic':
      return `<em>${ofInlines(node.inline)}</em>`
    case 'strike':
      return `<s>${ofInlines(node.inline)}</s>`
    case 'mention':
      return `<b>@<bdi>${escape(node.label)}</bdi></b>`
    case 'link': {
      const shown = node.leadsTo === null ? '' : ` (${escape(node.leadsTo)})`
      return `<a href="${escape(node.href)}" rel="${LINK_REL}">${ofInlines(node.inline)}</a>${shown}`
    }
  }
}
