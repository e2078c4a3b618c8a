const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/u

/** Whether a text shows nothing: empty, or made of spaces, controls and characters without a shape. */
export function isBlank(text: string): boolean {
  return !VISIBLE.test(text)
}

/** A text as one line without controls, cut to so many characters. */
export function oneLine(text: string, most: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  const characters = Array.from(line)
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line
}

const SPECIAL = /[$()*+.?[\\\]^{|}-]/g

/** The text with another word wherever one of these names stands as a word of its own; the longest name first. */
export function withoutNames(text: string, names: readonly string[], word: string): string {
  return names.reduce((rest, name) => {
    const literal = name.replaceAll(SPECIAL, String.raw`\$&`)
    const whole = new RegExp(String.raw`(?<![\p{L}\p{N}\p{M}])${literal}(?![\p{L}\p{N}\p{M}])`, 'giu')
    return rest.replaceAll(whole, () => word)
  }, text)
}
