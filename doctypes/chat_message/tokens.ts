/**
 * A text as the words by which it is found, the same on every database: without case, accents and compatibility
 * forms, and in letters that every full-text index takes for one word. Pure; {@link TOKENIZER} is its version.
 */

/** To be raised with every change of what {@link tokensOf} answers: sites then make their index anew. */
export const TOKENIZER = 1

/** Letters of a word that one token holds; what is longer goes on in further tokens. */
const PIECE = 15

/** Letters that differ from another by more than a mark, as people type them on other keyboards. */
const PLAIN: Readonly<Record<string, string>> = {
  ς: 'σ',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
}

/** Marks above and below letters. Those of Indic and South-East Asian scripts are vowels and stay, as do kana's. */
const ACCENT =
  /(?=\p{M})(?![\u3099\u309a])[\p{sc=Inherited}\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Hebrew}\p{sc=Arabic}]/gu

/** Characters without a shape, and Arabic's stretching of letters. */
const SHAPELESS = /[\p{Cf}\u0640]/gu

function plain(text: string): string {
  return (
    text
      .normalize('NFKD')
      .replaceAll(ACCENT, '')
      .replaceAll(SHAPELESS, '')
      // There and back: `ẞ` and `ß` become `ss`, and the dotless `ı` an `i`.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .replaceAll(/[ςøłđðħæœþ]/g, (letter) => PLAIN[letter] ?? letter)
      .normalize('NFC')
  )
}

/** Scripts that are written without spaces, and Korean, whose words grow endings: found by any part. */
const UNSPACED =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{sc=Bopomofo}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}ー'

/** A run of an unspaced script, or a word, or an emoji (of several code points: its parts), or a flag. */
const PART = new RegExp(
  `([${UNSPACED}]+)|((?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+)|(\\p{RI}\\p{RI}|\\p{Extended_Pictographic})`,
  'gu',
)

/** A token, and the letters of the plain text that it stands for, as [start, end). */
interface Spelt {
  token: string
  start: number
  end: number
}

/** The plain text's words and runs in order, each as tokens that follow each other. @param cut cuts a run */
function partsOf(
  text: string,
  cut: (run: readonly string[], isLast: boolean) => readonly string[],
): Spelt[][] {
  const matches = Array.from(text.matchAll(PART))
  return matches.map(({ 0: match, 1: run, index }, i) =>
    run === undefined
      ? piecesOf(match, index)
      : pairsOf(cut(Array.from(run), i === matches.length - 1), index),
  )
}

function piecesOf(word: string, start: number): Spelt[] {
  const letters = Array.from(word)
  const pieces: Spelt[] = []
  let at = start
  for (let i = 0; i < letters.length; i += PIECE) {
    const piece = letters.slice(i, i + PIECE).join('')
    // Nobody means the middle of a word by typing it.
    pieces.push({ token: (i === 0 ? '' : '__') + spell(piece), start: at, end: at + piece.length })
    at += piece.length
  }
  return pieces
}

function pairsOf(pairs: readonly string[], start: number): Spelt[] {
  let at = start
  return pairs.map((pair) => {
    const spelt = { token: spell(pair), start: at, end: at + pair.length }
    at += Array.from(pair)[0]?.length ?? 0
    return spelt
  })
}

/** In ASCII letters, so that no collation and no other tokenizer has a say; the beginning of a word stays its beginning. */
const spell = (word: string): string =>
  word.replaceAll(/[^a-z0-9]/gu, (letter) => `_${(letter.codePointAt(0) ?? 0).toString(36).padStart(4, '0')}`)

/** The letters of a token that {@link spell} made. */
const unspell = (token: string): string =>
  token
    .replace(/^__/, '')
    .replaceAll(/_([0-9a-z]{4})/g, (_, code: string) => String.fromCodePoint(parseInt(code, 36)))

/** Every two neighbours, and the last one alone: whichever part is looked for begins one of them. */
const everyPair = (run: readonly string[]): readonly string[] =>
  run.map((character, i) => character + (run[i + 1] ?? ''))

/** The same but for the last one alone: what follows it in the text is not known. */
const innerPairs = (run: readonly string[]): readonly string[] =>
  run.length === 1 ? run : everyPair(run).slice(0, -1)

/** The tokens of a text that is to be found, in order. */
export const tokensOf = (text: string): string[] =>
  partsOf(plain(text), everyPair).flatMap((part) => part.map(({ token }) => token))

/** Tokens that must follow each other; the last one may be the beginning of a longer one where `open` says so. */
export interface Phrase {
  tokens: readonly string[]
  open: boolean
}

/**
 * What somebody looks for: every word as the beginning of one, in any order; words in quotation marks as they are,
 * one after the other. Nothing else in it has a meaning. Empty where it has no word.
 */
export function phrasesOf(term: string): Phrase[] {
  const phrases = term.split(/["“”„«»]/u).flatMap((stretch, i, all): Phrase[] => {
    // A mark that is never closed quotes nothing.
    const quoted = i % 2 === 1 && i < all.length - 1
    const text = plain(stretch)
    const parts = partsOf(text, (run, isLast) => (quoted && !isLast ? everyPair(run) : innerPairs(run)))
    const tokens = parts.map((part) => part.map(({ token }) => token))
    if (!quoted) return tokens.map((one) => ({ tokens: one, open: true }))
    return tokens.length > 0 ? [{ tokens: tokens.flat(), open: ENDS_INSIDE.test(text) }] : []
  })
  const byText = new Map(phrases.map((phrase) => [JSON.stringify(phrase), phrase]))
  return [...byText.values()]
}

/** In an unspaced script no word ends. */
const ENDS_INSIDE = new RegExp(`[${UNSPACED}][^\\p{L}\\p{N}]*$`, 'u')

/** Where these phrases are in a text, as [start, end) of its UTF-16 units, in order and apart. */
export function locate(text: string, phrases: readonly Phrase[]): [number, number][] {
  const { letters, places } = plainByPlace(text)
  const tokens = partsOf(letters, everyPair).flat()
  const found = phrases.flatMap((phrase) =>
    tokens.flatMap((_, at): [number, number][] => {
      const span = spanOf(tokens.slice(at, at + phrase.tokens.length), phrase)
      return span ? [[places[span[0]]?.[0] ?? 0, places[span[1] - 1]?.[1] ?? 0]] : []
    }),
  )
  return merged(found)
}

/** The letters that a phrase has in common with these tokens of a text, if it is there. */
function spanOf(tokens: readonly Spelt[], { tokens: wanted, open }: Phrase): [number, number] | undefined {
  const [first, last] = [tokens[0], tokens.at(-1)]
  if (!first || !last || tokens.length < wanted.length) return undefined
  const fits = tokens.every(({ token }, i) => {
    const one = wanted[i] ?? ''
    return open && i === wanted.length - 1 ? token.startsWith(one) : token === one
  })
  return fits ? [first.start, last.start + unspell(wanted.at(-1) ?? '').length] : undefined
}

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** A text's plain letters, and for each of their units which characters of the text it comes from. */
function plainByPlace(text: string): { letters: string; places: [number, number][] } {
  let letters = ''
  const places: [number, number][] = []
  for (const { segment, index } of GRAPHEMES.segment(text)) {
    const own = plain(segment)
    letters += own
    places.push(
      ...Array.from({ length: own.length }, (): [number, number] => [index, index + segment.length]),
    )
  }
  return { letters, places }
}

function merged(spans: readonly [number, number][]): [number, number][] {
  const apart: [number, number][] = []
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    const before = apart.at(-1)
    if (before && start <= before[1]) before[1] = Math.max(before[1], end)
    else apart.push([start, end])
  }
  return apart
}
