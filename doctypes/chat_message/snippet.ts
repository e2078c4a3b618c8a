import { escapeHtml } from '../html.ts'
import { locate, type Phrase } from './tokens.ts'

/** Characters of a snippet, as people count them, and those before its first hit. */
const LENGTH = 200
const BEFORE = 60

/** A message's text around what was found in it. */
export interface Snippet {
  text: string
  /** What was found: [start, end) in the UTF-16 units of `text`. */
  highlights: [number, number][]
}

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Cuts between characters only, never in an emoji or between a letter and its marks. Pure. */
export function snippetOf(content: string, phrases: readonly Phrase[]): Snippet {
  const hits = locate(content, phrases)
  const starts = Array.from(GRAPHEMES.segment(content), ({ index }) => index)
  const firstHit = hits[0]?.[0] ?? 0
  const hitAt = starts.findIndex((start) => start >= firstHit)
  const from = starts.length <= LENGTH ? 0 : Math.max(0, Math.min(hitAt - BEFORE, starts.length - LENGTH))
  const [begin, end] = [starts[from] ?? 0, starts[from + LENGTH] ?? content.length]
  const lead = begin > 0 ? '…' : ''
  const shift = lead.length - begin
  return {
    text: lead + content.slice(begin, end) + (end < content.length ? '…' : ''),
    highlights: hits
      .filter(([start, stop]) => stop > begin && start < end)
      .map(([start, stop]) => [Math.max(start, begin) + shift, Math.min(stop, end) + shift]),
  }
}

/** A snippet as HTML: every character of it escaped, and `<mark>` around what was found; no other element. */
export function highlighted({ text, highlights }: Snippet): string {
  let html = ''
  let done = 0
  for (const [start, end] of highlights) {
    html += `${escapeHtml(text.slice(done, start))}<mark>${escapeHtml(text.slice(start, end))}</mark>`
    done = end
  }
  return html + escapeHtml(text.slice(done))
}

/** The first characters of a text, as people count them. */
export function beginning(text: string, length: number): string {
  // Hardly any text comes near to so many units; the first of those that do are enough to count in.
  if (text.length <= length) return text
  const starts = Array.from(GRAPHEMES.segment(text), ({ index }) => index)
  return starts.length <= length ? text : text.slice(0, starts[length])
}
