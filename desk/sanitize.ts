import { ValidationError } from './errors.ts'

const HAS_TAG = /<[a-z!/?]/i

/** What guests may send of HTML: text and its simplest marks; nothing that runs, loads or hides. */
const OPTIONS = {
  allowedTags: ['b', 'blockquote', 'br', 'code', 'em', 'i', 'li', 'ol', 'p', 'pre', 's', 'strong', 'u', 'ul'],
  allowedAttributes: {},
}

/**
 * Copies arguments with the HTML in their texts made harmless; text without a tag stays as it is.
 * @throws ValidationError for what is nested too deeply to be looked through
 */
export async function sanitizeGuestArgs<T>(args: T): Promise<T> {
  try {
    return await sanitized(args)
  } catch (error) {
    if (error instanceof RangeError) throw new ValidationError('The arguments are nested too deeply.')
    throw error
  }
}

async function sanitized<T>(args: T): Promise<T> {
  if (!HAS_TAG.test(JSON.stringify(args))) return args
  // Loaded when first needed: most processes never do.
  const { default: sanitizeHtml } = await import('sanitize-html')
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return HAS_TAG.test(value) ? sanitizeHtml(value, OPTIONS) : value
    if (Array.isArray(value)) return value.map(clean)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, clean(part)]))
  }
  return clean(args) as T
}
