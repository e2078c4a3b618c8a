import { delimiterAt, emphasise, type Part, type Piece } from './emphasis.ts'
import { leadsTo, mailLinkAt, targetOf, webLink, webRunAt, type LinkFound, type Target } from './links.ts'
import { mentionAt, type Directory } from './names.ts'
import { joinTexts, textOf, type Inline } from './tree.ts'

/** What a backslash takes its meaning from; all other backslashes are themselves, as in `\\server\folder`. */
const ESCAPABLE = new Set('*_~`[]@>#-')
const LETTER = /[\p{L}\p{N}\p{M}]/u

/** The text of a paragraph: emphases, code, links, mentions; a newline is a break. Linear in the text's length. */
export function parseInline(text: string, people: Directory): Inline[] {
  return new Scanner(text, people).scan()
}

class Scanner {
  readonly #text: string
  readonly #people: Directory
  #at = 0
  /** Where the text begins that is not among the parts yet. */
  #start = 0
  #parts: Part[] = []
  /** Where in the parts the brackets stand that may begin a link. */
  #brackets: number[] = []
  /** Where runs of so many backticks begin; made when the first is met. */
  #ticks: Map<number, number[]> | undefined
  /** Up to here stands what begins like a web address and is none. */
  #triedTo = 0

  constructor(text: string, people: Directory) {
    this.#text = text
    this.#people = people
  }

  scan(): Inline[] {
    while (this.#at < this.#text.length) {
      if (!this.#step(this.#text[this.#at] ?? '')) this.#at++
    }
    this.#flush()
    return joinTexts(emphasise(this.#parts).map(({ node }) => node))
  }

  /** Takes in what begins here, if it is more than text. */
  #step(character: string): boolean {
    switch (character) {
      case '\n':
        return this.#take({ kind: 'break' }, this.#at + 1)
      case '\\':
        return this.#escape()
      case '`':
        return this.#code()
      case '*':
      case '_':
      case '~':
        return this.#delimiter()
      case '!':
        return this.#text[this.#at + 1] === '[' && this.#bracket(2)
      case '[':
        return this.#bracket(1)
      case ']':
        return this.#link()
      case '@':
        return this.#mention()
      default:
        return this.#bareLink(character)
    }
  }

  #flush(): void {
    if (this.#at > this.#start) {
      const text = this.#text.slice(this.#start, this.#at)
      this.#parts.push({ kind: 'piece', node: { kind: 'text', text }, depth: 0 })
    }
    this.#start = this.#at
  }

  #take(node: Inline, end: number, depth = 0): true {
    this.#flush()
    this.#parts.push({ kind: 'piece', node, depth })
    this.#at = this.#start = end
    return true
  }

  #escape(): boolean {
    const next = this.#text[this.#at + 1] ?? ''
    return ESCAPABLE.has(next) && this.#take({ kind: 'text', text: next }, this.#at + 2)
  }

  /** Ends at the next run of as many backticks; without one, the run is text. */
  #code(): boolean {
    const length = runLength(this.#text, this.#at)
    this.#ticks ??= tickRuns(this.#text)
    const runs = this.#ticks.get(length) ?? []
    const begin = this.#at + length
    while ((runs[0] ?? Infinity) < begin) runs.shift()
    const [end] = runs
    if (end === undefined) {
      this.#at = begin
      return true
    }
    const inner = this.#text.slice(begin, end).replaceAll('\n', ' ')
    const padded = /^ .*[^ ].* $/.test(inner)
    return this.#take({ kind: 'code', text: padded ? inner.slice(1, -1) : inner }, end + length)
  }

  #delimiter(): boolean {
    const delimiter = delimiterAt(this.#text, this.#at)
    if (delimiter.opens || delimiter.closes) {
      this.#flush()
      this.#parts.push(delimiter)
      this.#at += delimiter.length
      this.#start = this.#at
    } else this.#at += delimiter.length
    return true
  }

  /** `[`, or `![` of an image, which is shown as a link. */
  #bracket(length: number): true {
    this.#flush()
    this.#brackets.push(this.#parts.length)
    return this.#take(
      { kind: 'text', text: this.#text.slice(this.#at, this.#at + length) },
      this.#at + length,
    )
  }

  /** At a `]`: the link that it closes, if an address in parentheses follows to which a message may lead. */
  #link(): boolean {
    const opened = this.#brackets.pop()
    if (opened === undefined) return false
    const address = addressAt(this.#text, this.#at + 1)
    const target = address && targetOf(address.text)
    if (!target) return false
    this.#flush()
    const inner = emphasise(this.#parts.slice(opened + 1))
    this.#parts.length = opened
    // No link lies within another.
    this.#brackets = []
    const { node, depth } = linkTo(target, address.text, inner)
    return this.#take(node, address.end, depth)
  }

  #mention(): boolean {
    const mention = mentionAt(this.#text, this.#at, this.#people)
    if (!mention) return false
    const { user, label, end } = mention
    return this.#take({ kind: 'mention', user, label }, end)
  }

  /** Addresses begin where words begin. */
  #bareLink(character: string): boolean {
    if (!/[a-z\d]/i.test(character) || LETTER.test(this.#text[this.#at - 1] ?? '')) return false
    const link = this.#webLink() ?? mailLinkAt(this.#text, this.#at)
    if (!link) return false
    const text = this.#text.slice(this.#at, link.end)
    const inline = [{ kind: 'text' as const, text }]
    return this.#take({ kind: 'link', href: link.href, leadsTo: leadsTo(text, link), inline }, link.end)
  }

  #webLink(): LinkFound | undefined {
    if (this.#at < this.#triedTo) return undefined
    const run = webRunAt(this.#text, this.#at)
    if (run === undefined) return undefined
    const link = webLink(run, this.#at)
    if (!link) this.#triedTo = this.#at + run.length
    return link
  }
}

function linkTo(target: Target, address: string, inner: readonly Piece[]): { node: Inline; depth: number } {
  const inline = joinTexts(inner.flatMap(({ node }) => withoutLinks(node)))
  const text = textOf(inline)
  const shown: readonly Inline[] = text.trim() === '' ? [{ kind: 'text', text: address }] : inline
  const depth = 1 + inner.reduce((most, piece) => Math.max(most, piece.depth), 0)
  return { node: { kind: 'link', href: target.href, leadsTo: leadsTo(text, target), inline: shown }, depth }
}

function withoutLinks(node: Inline): Inline[] {
  switch (node.kind) {
    case 'link':
      return node.inline.flatMap(withoutLinks)
    case 'mention':
      return [{ kind: 'text', text: `@${node.label}` }]
    case 'bold':
    case 'italic':
    case 'strike':
      return [{ ...node, inline: joinTexts(node.inline.flatMap(withoutLinks)) }]
    default:
      return [node]
  }
}

function runLength(text: string, at: number): number {
  let end = at
  while (text[end] === text[at]) end++
  return end - at
}

function tickRuns(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>()
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const places = runs.get(run.length)
    if (places) places.push(index)
    else runs.set(run.length, [index])
  }
  return runs
}

const DEEPEST_PARENTHESES = 8

/** `(address)`, `(<address>)` or `(address "title")` at `at`; the title is not shown. */
function addressAt(text: string, at: number): { text: string; end: number } | undefined {
  if (text[at] !== '(') return undefined
  const start = skipSpaces(text, at + 1)
  const end = text[start] === '<' ? endOfBracketed(text, start) : endOfAddress(text, start)
  if (end === undefined) return undefined
  const address = text[start] === '<' ? text.slice(start + 1, end - 1) : text.slice(start, end)
  let close = skipSpaces(text, end)
  const quote = text[close] ?? ''
  if (close > end && (quote === '"' || quote === "'")) {
    const last = text.indexOf(quote, close + 1)
    if (last === -1) return undefined
    close = skipSpaces(text, last + 1)
  }
  return address !== '' && text[close] === ')' ? { text: address, end: close + 1 } : undefined
}

function skipSpaces(text: string, at: number): number {
  let next = at
  while (text[next] === ' ') next++
  return next
}

function endOfBracketed(text: string, start: number): number | undefined {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '>') return i + 1
    if (text[i] === '<' || text[i] === '\n') return undefined
  }
  return undefined
}

function endOfAddress(text: string, start: number): number | undefined {
  let open = 0
  for (let i = start; i < text.length; i++) {
    const character = text[i] ?? ''
    if (/\s/.test(character)) return open === 0 ? i : undefined
    if (character === '(' && ++open > DEEPEST_PARENTHESES) return undefined
    if (character === ')' && --open < 0) return i
  }
  return undefined
}
