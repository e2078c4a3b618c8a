import { ADMINISTRATOR } from '../permissions/roles.ts'
import { hashName } from '../document/naming.ts'
import type { Site } from './site.ts'

const LONGEST = 20_000

/** Writes an unexpected error to the Error Log and to the process's log. @returns the document's name */
export async function logError(
  site: Site,
  error: unknown,
  { method, user }: { method: string; user: string },
): Promise<string> {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  try {
    const doc = await site.write({ user: ADMINISTRATOR }, (ctx) =>
      ctx.insert('Error Log', { method: method.slice(0, 140), error: text.slice(0, LONGEST), user }),
    )
    site.log.error({ err: error, method, user, error_log: doc.name }, 'request failed')
    return doc.name
  } catch (second) {
    const id = hashName()
    site.log.error(
      { err: error, and: second, method, user, id },
      'request failed; the Error Log could not be written',
    )
    return id
  }
}
