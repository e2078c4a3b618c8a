import { directoryOf, labelsOf, type Label, type Nameable } from './names.ts'
import { parse } from './parse.ts'
import type { Block, Inline } from './tree.ts'

/**
 * Whom a text names among these people, each label once, in the order of the places: what is shown as a mention is
 * one, and nothing else. What stands in code or in the text of a link names nobody.
 */
export function findMentions(content: string, people: readonly Nameable[]): Label[] {
  if (!content.includes('@')) return []
  const found = new Map<string, Label>()
  const look = (node: Inline): void => {
    if (node.kind === 'mention') {
      const key = node.label.toLowerCase()
      if (!found.has(key)) found.set(key, { label: node.label, user: node.user })
    } else if ('inline' in node && node.kind !== 'link') node.inline.forEach(look)
  }
  const lookInto = (block: Block): void => {
    switch (block.kind) {
      case 'paragraph':
        block.inline.forEach(look)
        return
      case 'quote':
        block.blocks.forEach(lookInto)
        return
      case 'list':
        for (const { blocks } of block.items) blocks.forEach(lookInto)
        return
      case 'code':
        return
    }
  }
  parse(content, directoryOf(labelsOf(people))).forEach(lookInto)
  return [...found.values()]
}
