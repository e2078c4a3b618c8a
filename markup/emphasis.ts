import { joinTexts, type Inline } from './tree.ts'

/** A run of `*`, `_` or `~~` that may begin or end an emphasis. */
export interface Delimiter {
  readonly kind: 'delimiter'
  readonly character: string
  /** How many characters of the run are not used yet. */
  count: number
  /** How long the run was. */
  readonly length: number
  readonly opens: boolean
  readonly closes: boolean
}

/** A finished piece, and how deep emphases lie in it. */
export interface Piece {
  readonly kind: 'piece'
  readonly node: Inline
  readonly depth: number
}

export type Part = Delimiter | Piece

/** Emphases within each other; those beyond are shown as they were typed. */
const DEEPEST = 8

const PUNCTUATION = /[\p{P}\p{S}]/u
const CJK =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303F\uFF00-\uFFEF]/u
const isSpace = (character: string): boolean => character === '' || /\s/u.test(character)

/**
 * The run that begins at `at`, by CommonMark's rules of flanking, with two changes: beside Chinese, Japanese and Korean,
 * which write no spaces, punctuation hinders nothing; and an asterisk between digits is a sign of multiplication.
 */
export function delimiterAt(text: string, at: number): Delimiter {
  const character = text[at] ?? ''
  let end = at + 1
  while (text[end] === character) end++
  const before = characterBefore(text, at)
  const after = end < text.length ? String.fromCodePoint(text.codePointAt(end) ?? 0) : ''
  const clear = (other: string): boolean => isSpace(other) || PUNCTUATION.test(other) || CJK.test(other)
  const left = !isSpace(after) && (!PUNCTUATION.test(after) || clear(before))
  const right = !isSpace(before) && (!PUNCTUATION.test(before) || clear(after))
  const length = end - at
  const inert = (character === '~' && length !== 2) || (/\d/.test(before) && /\d/.test(after))
  const alone = character !== '_'
  return {
    kind: 'delimiter',
    character,
    count: length,
    length,
    opens: !inert && left && (alone || !right || PUNCTUATION.test(before)),
    closes: !inert && right && (alone || !left || PUNCTUATION.test(after)),
  }
}

function characterBefore(text: string, at: number): string {
  if (at === 0) return ''
  const pair =
    at > 1 && /[\uDC00-\uDFFF]/.test(text[at - 1] ?? '') && /[\uD800-\uDBFF]/.test(text[at - 2] ?? '')
  return text.slice(pair ? at - 2 : at - 1, at)
}

/**
 * Finds the emphases among the parts (CommonMark, "process emphasis"). Every part is moved once a level, and a search
 * that found no opener is not done again: what it costs grows with the number of parts.
 */
export function emphasise(parts: readonly Part[]): Piece[] {
  const out: Part[] = []
  /** Where in `out` the delimiters stand that may still open. */
  const openers: number[] = []
  /** For each kind of closer: no opener for it stands in `out` before this. */
  const searched = new Map<string, number>()

  const close = (closer: Delimiter): boolean => {
    const kind = `${closer.character}${String(closer.opens)}${String(closer.length % 3)}`
    const bottom = searched.get(kind) ?? 0
    for (let i = openers.length - 1; i >= 0; i--) {
      const at = openers[i] ?? 0
      if (at < bottom) break
      const opener = out[at]
      if (opener?.kind !== 'delimiter' || !fits(opener, closer)) continue
      const inner = out.slice(at + 1).map(asPiece)
      const depth = 1 + inner.reduce((most, piece) => Math.max(most, piece.depth), 0)
      if (depth > DEEPEST) break
      const used = opener.count >= 2 && closer.count >= 2 ? 2 : 1
      opener.count -= used
      closer.count -= used
      out.length = opener.count > 0 ? at + 1 : at
      openers.length = opener.count > 0 ? i + 1 : i
      for (const [key, place] of searched) if (place > out.length) searched.set(key, out.length)
      const kindOfNode = closer.character === '~' ? 'strike' : used === 2 ? 'bold' : 'italic'
      const inline = joinTexts(inner.map(({ node }) => node))
      out.push({ kind: 'piece', node: { kind: kindOfNode, inline }, depth })
      return true
    }
    searched.set(kind, out.length)
    return false
  }

  for (const part of parts) {
    if (part.kind === 'piece') {
      out.push(part)
      continue
    }
    const delimiter = { ...part }
    while (delimiter.closes && delimiter.count > 0 && close(delimiter));
    if (delimiter.count === 0) continue
    if (delimiter.opens) openers.push(out.length)
    out.push(delimiter.opens ? delimiter : asPiece(delimiter))
  }
  return out.map(asPiece)
}

function fits(opener: Delimiter, closer: Delimiter): boolean {
  if (opener.character !== closer.character) return false
  const both = opener.closes || closer.opens
  return !(
    both &&
    (opener.length + closer.length) % 3 === 0 &&
    (opener.length % 3 > 0 || closer.length % 3 > 0)
  )
}

function asPiece(part: Part): Piece {
  if (part.kind === 'piece') return part
  return { kind: 'piece', node: { kind: 'text', text: part.character.repeat(part.count) }, depth: 0 }
}
