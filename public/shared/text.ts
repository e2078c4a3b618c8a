/** A piece of a message's text: plain, or a link to show as one. */
export type TextToken = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string }

const LINK = /\bhttps?:\/\/[^\s<>"'`\u0000-\u001f]+/gi
const CLOSERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

const count = (text: string, character: string): number => text.split(character).length - 1

/** Leaves off punctuation that belongs to the sentence: a full stop, a bracket that was not opened in the address. */
function trimAddress(address: string): string {
  let text = address
  for (;;) {
    const last = text.at(-1) ?? ''
    const opener = CLOSERS[last]
    const unopened = opener !== undefined && count(text, opener) < count(text, last)
    if (!unopened && !/[.,;:!?*_~…]/.test(last)) return text
    text = text.slice(0, -1)
  }
}

function parseLink(text: string): string | null {
  try {
    const url = new URL(text)
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname ? url.href : null
  } catch {
    return null
  }
}

/** Splits a text into plain pieces and http(s) links; joined again, the pieces' texts are the text. */
export function tokenize(text: string): TextToken[] {
  const tokens: TextToken[] = []
  let end = 0
  for (const match of text.matchAll(LINK)) {
    const link = trimAddress(match[0])
    const href = parseLink(link)
    if (!href) continue
    if (match.index > end) tokens.push({ kind: 'text', text: text.slice(end, match.index) })
    tokens.push({ kind: 'link', text: link, href })
    end = match.index + link.length
  }
  if (end < text.length) tokens.push({ kind: 'text', text: text.slice(end) })
  return tokens
}
