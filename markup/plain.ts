import { parse } from './parse.ts'
import type { Block, Inline } from './tree.ts'

/** What moves the text behind it out of its order, and has no business outside the message. */
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g

/**
 * A message as one line without markup: for room lists, notifications, the subject of a mail. Not escaped: it is text.
 * @param most characters (code points) at most; what is longer ends with …
 */
export function plainText(content: string, most = Infinity): string {
  // What is cut off need not be read; markup takes little of a message.
  const read = most === Infinity ? content : content.slice(0, most * 4 + 500)
  const line = parse(read).map(ofBlock).join(' ').replaceAll(BIDI_CONTROLS, '').replaceAll(/\s+/g, ' ').trim()
  if (line.length <= most) return line
  const characters = Array.from(line)
  return characters.length <= most
    ? line
    : `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
}

function ofBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return block.inline.map(ofInline).join('')
    case 'code':
      return block.text
    case 'quote':
      return block.blocks.map(ofBlock).join(' ')
    case 'list':
      return block.items
        .map(({ number, blocks }) => {
          return `${block.ordered ? `${String(number)}.` : '•'} ${blocks.map(ofBlock).join(' ')}`
        })
        .join(' ')
  }
}

function ofInline(node: Inline): string {
  switch (node.kind) {
    case 'text':
    case 'code':
      return node.text
    case 'break':
      return ' '
    case 'mention':
      return `@${node.label}`
    case 'link':
      return node.inline.map(ofInline).join('') + (node.leadsTo === null ? '' : ` (${node.leadsTo})`)
    default:
      return node.inline.map(ofInline).join('')
  }
}
