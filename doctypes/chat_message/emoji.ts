// Emoji as Unicode recommends them for interchange; TypeScript's target knows no `v` flag yet.
const ONE_EMOJI = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v')
const AS_PICTURE = '\u{FE0F}'

/**
 * One emoji, of any number of code points, in the spelling that is stored; undefined for anything else. Keyboards
 * leave out the mark that asks for the picture of a character that is text, too, such as ❤.
 */
export function asEmoji(text: string): string | undefined {
  const given = text.trim()
  if (given.length > 64) return undefined
  return [given, given + AS_PICTURE].find((spelling) => ONE_EMOJI.test(spelling))
}
