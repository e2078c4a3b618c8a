import { parseInline } from './inline.ts'
import { NOBODY, type Directory } from './names.ts'
import type { Block, ListItem } from './tree.ts'

/** Quotes and lists within each other; those beyond are text. */
const DEEPEST = 6

/** Longer texts than messages can be (imported, of the server's making) are shown as they are. */
const LONGEST = 20_000

const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/
const QUOTE = /^ {0,3}>(?: |$|(?=>))/
/** `* * *` is no list. */
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/
const ITEM = /^([ \t]{0,16})([-*+•]|\d{1,9}[.)])([ \t]{1,4})(?=\S)/

/**
 * Reads a message: a subset of Markdown as people use it in chats. A newline is a break, and ends a quote or an item.
 * Headings, tables, rules and HTML are the text that they are. Linear in the content's length; never throws.
 * @param people whom an @ can mean; none when not given
 */
export function parse(content: string, people: Directory = NOBODY): Block[] {
  if (content.length > LONGEST) return [{ kind: 'paragraph', inline: [{ kind: 'text', text: content }] }]
  return new Reader(content.split(/\r\n?|\n/), people, 0).read()
}

class Reader {
  readonly #lines: readonly string[]
  readonly #people: Directory
  readonly #depth: number
  readonly #blocks: Block[] = []
  #paragraph: string[] = []
  #at = 0
  /** For each character of fences: from this length on, no line closes one any more. */
  readonly #unclosed = new Map<string, number>()

  constructor(lines: readonly string[], people: Directory, depth: number) {
    this.#lines = lines
    this.#people = people
    this.#depth = depth
  }

  read(): Block[] {
    while (this.#at < this.#lines.length) {
      const line = this.#line(this.#at)
      const block = this.#code(line) ?? this.#nested(line)
      if (block) {
        this.#flush()
        this.#blocks.push(block)
      } else {
        if (isBlank(line)) this.#flush()
        else this.#paragraph.push(line)
        this.#at++
      }
    }
    this.#flush()
    return this.#blocks
  }

  #line(at: number): string {
    return this.#lines[at] ?? ''
  }

  #flush(): void {
    if (this.#paragraph.length === 0) return
    const text = this.#paragraph.join('\n')
    this.#paragraph = []
    this.#blocks.push({ kind: 'paragraph', inline: parseInline(text, this.#people) })
  }

  /** A fence that nothing closes is text: somebody is still typing, or shows three backticks. */
  #code(line: string): Block | undefined {
    const [, fence = '', info = ''] = FENCE.exec(line) ?? []
    const character = fence[0] ?? ''
    if (fence === '' || fence.length >= (this.#unclosed.get(character) ?? Infinity)) return undefined
    const closes = (end: string): boolean => {
      const run = end.trim()
      return run.length >= fence.length && run === character.repeat(run.length)
    }
    for (let end = this.#at + 1; end < this.#lines.length; end++) {
      if (!closes(this.#line(end))) continue
      const text = this.#lines.slice(this.#at + 1, end).join('\n')
      this.#at = end + 1
      return { kind: 'code', language: /^\s*([\w+#.-]{1,30})/.exec(info)?.[1] ?? '', text }
    }
    this.#unclosed.set(character, fence.length)
    return undefined
  }

  #nested(line: string): Block | undefined {
    if (this.#depth >= DEEPEST) return undefined
    if (QUOTE.test(line)) return this.#quote()
    return ITEM.test(line) && !RULE.test(line) ? this.#list() : undefined
  }

  #inside(lines: readonly string[]): Block[] {
    return new Reader(lines, this.#people, this.#depth + 1).read()
  }

  #quote(): Block {
    const lines: string[] = []
    for (; this.#at < this.#lines.length && QUOTE.test(this.#line(this.#at)); this.#at++) {
      lines.push(this.#line(this.#at).replace(QUOTE, ''))
    }
    return { kind: 'quote', blocks: this.#inside(lines) }
  }

  /** Items with the same mark; a blank line may stand between them, and what is indented belongs to the item. */
  #list(): Block {
    const first = itemOf(this.#line(this.#at))
    const items: ListItem[] = []
    let at: number | undefined = this.#at
    while (at !== undefined) {
      const item = itemOf(this.#line(at))
      if (item?.mark !== first?.mark || !item || !first || item.indent >= first.indent + 2) break
      this.#at = at + 1
      const lines = [item.text, ...this.#indented(first.indent + 2, item.width)]
      const before = items.at(-1)?.number
      // A number that does not go on is one that nobody counted.
      const number = before !== undefined && item.number <= before ? before + 1 : item.number
      items.push({ number, blocks: this.#inside(lines) })
      at = this.#nextFilled(this.#at)
    }
    return { kind: 'list', ordered: items.length > 0 && /^[.)]$/.test(first?.mark ?? ''), items }
  }

  /** The lines of an item after its first, without the indentation that makes them its own. */
  #indented(least: number, width: number): string[] {
    const lines: string[] = []
    for (;;) {
      const next = this.#nextFilled(this.#at)
      if (next === undefined || indentOf(this.#line(next)) < least) return lines
      for (; this.#at < next; this.#at++) lines.push('')
      lines.push(outdent(this.#line(next), width))
      this.#at = next + 1
    }
  }

  /** The first line from here on that is not blank. */
  #nextFilled(from: number): number | undefined {
    for (let at = from; at < this.#lines.length; at++) if (!isBlank(this.#line(at))) return at
    return undefined
  }
}

interface Item {
  /** The bullet, or what stands behind the number. */
  mark: string
  number: number
  indent: number
  /** Columns before the item's text. */
  width: number
  text: string
}

function itemOf(line: string): Item | undefined {
  const found = ITEM.exec(line)
  if (!found) return undefined
  const [whole, spaces = '', mark = ''] = found
  const indent = columns(spaces)
  return {
    mark: mark.at(-1) ?? '',
    number: /^\d/.test(mark) ? Number.parseInt(mark, 10) : 1,
    indent,
    width: indent + mark.length + 1,
    text: line.slice(whole.length),
  }
}

const isBlank = (line: string): boolean => line.trim() === ''

/** A tab is as wide as four spaces. */
const columns = (spaces: string): number => spaces.replaceAll('\t', '    ').length

const indentOf = (line: string): number => columns(/^[ \t]*/.exec(line)?.[0] ?? '')

/** Takes off up to so many columns of indentation. */
function outdent(line: string, width: number): string {
  let taken = 0
  let at = 0
  while (taken < width && (line[at] === ' ' || line[at] === '\t')) {
    taken += line[at] === '\t' ? 4 : 1
    at++
  }
  return line.slice(at)
}
