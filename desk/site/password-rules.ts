import { ValidationError } from '../errors.ts'

const SHORTEST = 8
const LONGEST = 512

/**
 * What a password must be that somebody chooses for themselves: long enough to take long to guess, and not made of
 * what everybody knows about them. No rules on kinds of characters: these make passwords worse, not better.
 * @param known the user's names and addresses
 * @throws ValidationError that says what to change
 */
export function checkChosenPassword(password: string, known: readonly (string | null)[]): void {
  if (Array.from(password).length < SHORTEST)
    throw new ValidationError(`Choose a password of at least ${String(SHORTEST)} characters.`)
  if (password.length > LONGEST)
    throw new ValidationError(`Choose a password of at most ${String(LONGEST)} characters.`)
  if (new Set(password.toLowerCase()).size < 4)
    throw new ValidationError('Choose a password with more different characters.')
  const own = known.flatMap((text) => [text ?? '', ...(text ?? '').split(/[\s@]+/)]).map(plain)
  const chosen = plain(password)
  if (own.some((word) => word.length >= 3 && chosen.replaceAll(word, '').length < 4)) {
    throw new ValidationError('Choose a password that is not your own name or e-mail address.')
  }
}

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
