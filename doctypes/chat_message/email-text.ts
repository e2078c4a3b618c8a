import { escapeHtml, escapeLines } from '../html.ts'
import { oneLine } from '../text.ts'

/** What a mail from a room says. Everything here is as somebody typed it. */
export interface EmailContent {
  /** Who has it sent. */
  sender: string
  room: string
  /** What the sender says besides. */
  note: string | undefined
  quoted: { author: string; at: string; text: string } | undefined
  /** Names of the files that come with it. */
  files: readonly string[]
}

const LONGEST_SUBJECT = 200

/** The subject where the sender gave none. */
export function subjectOf({ sender, room, quoted }: EmailContent): string {
  return oneLine(`${sender} shared a ${quoted ? 'message' : 'file'} from ${room}`, LONGEST_SUBJECT)
}

const minutes = (at: string): string => at.slice(0, 16)

/** For readers of plain text. */
export function emailText({ sender, room, note, quoted, files }: EmailContent): string {
  const quote = quoted && [
    `${quoted.author}, ${minutes(quoted.at)}:`,
    quoted.text
      .split(/\r\n?|\n/)
      .map((line) => `> ${line}`)
      .join('\n'),
  ]
  return [
    `${sender} sends you this from ${room}.`,
    ...(note ? [note] : []),
    ...(quote ?? []),
    ...(files.length > 0 ? [`Attached: ${files.join(', ')}`] : []),
  ].join('\n\n')
}

const QUOTE_STYLE = 'margin:1em 0;padding:0 0 0 1em;border-left:3px solid #ccc'

/** The same as HTML that shows just those texts: whatever was typed is escaped. */
export function emailHtml({ sender, room, note, quoted, files }: EmailContent): string {
  return [
    `<p><b>${escapeHtml(sender)}</b> sends you this from <b>${escapeHtml(room)}</b>.</p>`,
    ...(note ? [`<p>${escapeLines(note)}</p>`] : []),
    ...(quoted
      ? [
          `<blockquote style="${QUOTE_STYLE}">`,
          `<p><b>${escapeHtml(quoted.author)}</b>, ${escapeHtml(minutes(quoted.at))}</p>`,
          `<p>${escapeLines(quoted.text)}</p>`,
          '</blockquote>',
        ]
      : []),
    ...(files.length > 0
      ? ['<p>Attached:</p>', '<ul>', ...files.map((name) => `<li>${escapeHtml(name)}</li>`), '</ul>']
      : []),
  ].join('\n')
}
