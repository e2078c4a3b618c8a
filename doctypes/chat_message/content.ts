import { CharacterLengthExceededError, ValidationError } from '@f-chat/desk'
import { isBlank } from '../text.ts'

/** Characters, as people count them: code points. */
export const LONGEST = 4000

/** What stands in place of a message that was deleted. */
export const DELETED_TEXT = 'This message was deleted'

/** A message's text as somebody typed it. @throws ValidationError, CharacterLengthExceededError */
export function checkContent(content: unknown): asserts content is string {
  if (typeof content !== 'string' || isBlank(content)) {
    throw new ValidationError('The message is empty. Write something first.')
  }
  checkLength(content)
}

/** @throws CharacterLengthExceededError */
export function checkLength(content: string): void {
  if (content.length > LONGEST && Array.from(content).length > LONGEST) {
    throw new CharacterLengthExceededError(
      `The message is too long: at most ${String(LONGEST)} characters. Send it in parts.`,
    )
  }
}
