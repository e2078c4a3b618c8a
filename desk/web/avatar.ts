import { html, type Html } from './html.ts'

/** How many avatar tones desk.css has (`.tone-0` …). */
export const toneCount = 7

/** Two letters for a person or a thing: the first of the first and of the last word. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/[\s._@-]+/)
    .filter(Boolean)
  const first = lettersOf(words[0] ?? '')
  const last = words.length > 1 ? lettersOf(words.at(-1) ?? '') : first.slice(1)
  const letters = [...first.slice(0, 1), ...last.slice(0, 1)]
  return letters.join('').toUpperCase() || '?'
}

/** Letters as people count them: an emoji or a letter with its accents is one. */
export function lettersOf(text: string): string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment)
}

/** The tone of a name: the same name always has the same one. */
export function tone(name: string): number {
  let hash = 0x811c9dc5
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return ((hash ^ (hash >>> 15)) >>> 0) % toneCount
}

/** A round picture of a person, or initials on a tone. The name stands beside it, so it is hidden from assistive technology. */
export function avatarHtml(person: { name: string; full_name: string; user_image?: string | null }): Html {
  if (person.user_image)
    return html`<img class="avatar" src="${person.user_image}" alt="" width="28" height="28" />`
  const letters = initials(person.full_name || person.name)
  return html`<span
    class="avatar tone-${tone(person.name)}"
    data-initials="${letters}"
    aria-hidden="true"
  ></span>`
}
