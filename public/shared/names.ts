/** How many colours avatars have; the styles name them `tone-0` … */
export const TONES = 7

/** One of the avatar colours for a user or a room, always the same one (FNV-1a, as the desk colours its users). */
export function toneOf(id: string): number {
  let hash = 0x811c9dc5
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return ((hash ^ (hash >>> 15)) >>> 0) % TONES
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
