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
      // Both ways: `ß` becomes `ss`, and the dotless `ı` an `i`.
      .toUpperCase()
      .toLowerCase()
      // The dot that a capital `İ` may have left behind.
      .replaceAll('\u0307', '')
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

/** A stretch of a text whose tokens stand together. */
type Part = readonly string[]

/** @param pairs how the unspaced run at this place is cut, of so many parts */
function partsOf(text: string, pairs: (run: readonly string[], at: number, of: number) => Part): Part[] {
  const matches = Array.from(plain(text).matchAll(PART))
  return matches.map(([match, run], i) =>
    run === undefined ? pieces(match) : pairs(Array.from(run), i, matches.length).map(spell),
  )
}

function pieces(word: string): Part {
  if (word.length <= PIECE) return [spell(word)]
  const letters = Array.from(word)
  return Array.from({ length: Math.ceil(letters.length / PIECE) }, (_, i) => {
    const piece = spell(letters.slice(i * PIECE, (i + 1) * PIECE).join(''))
    // Nobody means the middle of a word by typing it.
    return i === 0 ? piece : `__${piece}`
  })
}

/** In ASCII letters, so that no collation and no other tokenizer has a say; the beginning of a word stays its beginning. */
const spell = (word: string): string =>
  word.replaceAll(/[^a-z0-9]/gu, (letter) => `_${(letter.codePointAt(0) ?? 0).toString(36).padStart(4, '0')}`)

/** Every two neighbours, and the last one alone: whichever part is looked for begins one of them. */
const everyPair = (run: readonly string[]): Part => run.map((character, i) => character + (run[i + 1] ?? ''))

/** The tokens of a text that is to be found, in order. */
export const tokensOf = (text: string): string[] => partsOf(text, everyPair).flat()

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
    if (!quoted) return partsOf(stretch, innerPairs).map((tokens) => ({ tokens, open: true }))
    const parts = partsOf(stretch, (run, at, of) => (at < of - 1 ? everyPair(run) : innerPairs(run)))
    return parts.length > 0 ? [{ tokens: parts.flat(), open: endsInside(stretch) }] : []
  })
  const byText = new Map(phrases.map((phrase) => [JSON.stringify(phrase), phrase]))
  return [...byText.values()]
}

/** As {@link everyPair}, but for the last one alone: what follows it in the text is not known. */
const innerPairs = (run: readonly string[]): Part => (run.length === 1 ? run : everyPair(run).slice(0, -1))

/** Whether a stretch ends in an unspaced script, where no word ends. */
const endsInside = (stretch: string): boolean => new RegExp(`[${UNSPACED}]\\P{L}*$`, 'u').test(plain(stretch))
