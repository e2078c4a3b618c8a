const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[\d#*]\uFE0F?\u20E3)/u
const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** How many emoji, at most, stand for a whole message. */
const MOST = 3

/** Whether a message is nothing but one to three emoji, which are shown larger. */
export function isEmojiOnly(content: string): boolean {
  const text = content.replaceAll(/\s+/g, '')
  if (text === '' || text.length > MOST * 24) return false
  const segments = Array.from(characters.segment(text), ({ segment }) => segment)
  return segments.length <= MOST && segments.every((segment) => EMOJI.test(segment))
}
