/** How many colours avatars have; the styles name them `tone-0` … */
export const TONES = 7

/** One of the avatar colours for a name, always the same one. */
export function toneOf(name: string): number {
  let hash = 0
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0
  return hash % TONES
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

const firstCharacters = (word: string, count: number): string =>
  Array.from(characters.segment(word), ({ segment }) => segment)
    .slice(0, count)
    .join('')

/** Up to two letters that stand for a name: of its first and last word, or the first two of its only one. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._@-]+/u).filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word))
  const [first, ...others] = words
  if (first === undefined) return '?'
  const last = others.at(-1)
  const letters =
    last === undefined ? firstCharacters(first, 2) : firstCharacters(first, 1) + firstCharacters(last, 1)
  return letters.toLocaleUpperCase()
}
