/** Stands for the whole room where users are listed; no user's id can be this. */
export const EVERYONE = '@all'

/** What means the whole room. */
const WHOLE_ROOM = ['all', 'everyone', 'here']

/** Someone whom a message can name. */
export interface Nameable {
  user: string
  full_name: string
}

/** What may stand behind an @, and whom it means. */
export interface Label {
  label: string
  user: string
}

/** Labels by the first word of what they are compared by, the longest first. */
export type Directory = ReadonlyMap<string, readonly { label: string; folded: string; user: string }[]>

export const NOBODY: Directory = new Map()

/** What two names are compared by: neither case nor accents, which people leave out as they type. */
const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036F]/g, '')
    .toLowerCase()

/**
 * By what a room's members can be named: id, full name, and first word of the full name where it is one member's
 * only. A name that two of them bear names neither; their ids do.
 */
export function labelsOf(people: readonly Nameable[]): Label[] {
  const byName = new Map<string, { label: string; users: Set<string> }>()
  const add = (label: string, user: string): void => {
    const folded = fold(label)
    const entry = byName.get(folded) ?? { label, users: new Set<string>() }
    entry.users.add(user)
    byName.set(folded, entry)
  }
  for (const { user, full_name } of people) {
    const name = full_name.trim()
    const [first = ''] = name.split(/\s+/)
    for (const label of new Set([name, first])) if (label) add(label, user)
  }
  const names = [...byName.values()].flatMap(({ label, users }) => {
    const [user, ...others] = users
    return user !== undefined && others.length === 0 ? [{ label, user }] : []
  })
  return [
    ...WHOLE_ROOM.map((label) => ({ label, user: EVERYONE })),
    ...people.map(({ user }) => ({ label: user, user })),
    ...names,
  ]
}

/** Prepares labels for {@link mentionAt}; of two that are the same, the first counts. */
export function directoryOf(labels: readonly Label[]): Directory {
  const byStart = new Map<string, { label: string; folded: string; user: string }[]>()
  for (const { label, user } of labels) {
    const folded = fold(label)
    const start = firstWord(folded)
    const entries = byStart.get(start)
    if (entries) entries.push({ label, folded, user })
    else byStart.set(start, [{ label, folded, user }])
  }
  for (const entries of byStart.values()) entries.sort((a, b) => b.label.length - a.label.length)
  return byStart
}

const LETTER = /[\p{L}\p{N}\p{M}]/u
/** Underscores at the end may be those of an emphasis. */
const FIRST_WORD = /^[\p{L}\p{N}\p{M}_]{0,140}/u
const GOES_ON = /^_*[\p{L}\p{N}\p{M}]/u

const firstWord = (text: string): string => (FIRST_WORD.exec(text)?.[0] ?? '').replace(/_+$/, '')

/** Longer than any name or id. */
const LONGEST = 300

/** The mention that the @ at `at` begins, if it does: the longest label that fits and ends with a word. */
export function mentionAt(
  text: string,
  at: number,
  people: Directory,
): { user: string; label: string; end: number } | undefined {
  if (people.size === 0 || LETTER.test(text[at - 1] ?? '')) return undefined
  const rest = text.slice(at + 1, at + 1 + LONGEST)
  const candidates = people.get(firstWord(fold(firstWord(rest)))) ?? []
  for (const { label, folded, user } of candidates) {
    // Accents may be typed as characters of their own.
    for (const { length } of new Set([label, label.normalize('NFC'), label.normalize('NFD'), folded])) {
      const typed = rest.slice(0, length)
      if (fold(typed) === folded && !GOES_ON.test(rest.slice(length)))
        return { user, label: typed, end: at + 1 + length }
    }
  }
  return undefined
}

/** The text with another name in the place of each of these labels that is mentioned in it, wherever that stands. */
export function replaceMentions(content: string, labels: readonly string[], name: string): string {
  const people = directoryOf(labels.map((label) => ({ label, user: name })))
  let replaced = ''
  let done = 0
  for (let at = content.indexOf('@'); at !== -1; at = content.indexOf('@', Math.max(at + 1, done))) {
    const found = mentionAt(content, at, people)
    if (!found) continue
    replaced += content.slice(done, at + 1) + name
    done = found.end
  }
  return replaced + content.slice(done)
}
