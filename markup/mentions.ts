/** Someone whom a message can name: by full name, or by id. */
export interface Nameable {
  user: string
  full_name: string
}

/** Stands for the whole room where users are listed; no user's id can be this. */
export const EVERYONE = '@all'

/** A place in a text that names someone. */
export interface MentionFound {
  /** The user's id, or {@link EVERYONE}. */
  user: string
  /** What stands behind the @, as it was typed. */
  label: string
  /** Where the @ stands, and where the label has ended, in UTF-16 units. */
  start: number
  end: number
}

const WHOLE_ROOM = ['all', 'everyone', 'here']
const WORD = /[\p{L}\p{N}\p{M}_]/u

/** Labels by which someone is found, in lower case, by their first word. */
export type Directory = ReadonlyMap<string, readonly { label: string; user: string }[]>

/** Prepares the names of a room's members for {@link mentionAt}. */
export function directoryOf(people: readonly Nameable[]): Directory {
  const byStart = new Map<string, { label: string; user: string }[]>()
  const add = (name: string, user: string): void => {
    const label = name.trim().toLowerCase()
    const start = firstWord(label)
    if (start === '') return
    const entries = byStart.get(start)
    if (entries) entries.push({ label, user })
    else byStart.set(start, [{ label, user }])
  }
  for (const { user, full_name } of people) {
    add(user, user)
    add(full_name, user)
  }
  for (const label of WHOLE_ROOM) add(label, EVERYONE)
  for (const entries of byStart.values()) entries.sort((a, b) => b.label.length - a.label.length)
  return byStart
}

const firstWord = (text: string): string => /^[\p{L}\p{N}\p{M}_]+/u.exec(text)?.[0] ?? ''

/** The mention that begins with the @ at `at`, if one does: the longest name that fits and ends with a word. */
export function mentionAt(text: string, at: number, people: Directory): MentionFound | undefined {
  if (text[at] !== '@' || WORD.test(text[at - 1] ?? '')) return undefined
  const rest = text.slice(at + 1, at + 1 + 300)
  const lower = rest.toLowerCase()
  if (lower.length !== rest.length) return undefined
  const found = people.get(firstWord(lower))?.find(({ label }) => {
    return lower.startsWith(label) && !WORD.test(lower[label.length] ?? '')
  })
  if (!found) return undefined
  const end = at + 1 + found.label.length
  return { user: found.user, label: text.slice(at + 1, end), start: at, end }
}

/** Everyone whom a text names, in the order of the places. */
export function findMentions(content: string, people: readonly Nameable[]): MentionFound[] {
  const directory = directoryOf(people)
  const found: MentionFound[] = []
  for (let at = content.indexOf('@'); at !== -1; at = content.indexOf('@', at + 1)) {
    const mention = mentionAt(content, at, directory)
    if (mention) found.push(mention)
  }
  return found
}
