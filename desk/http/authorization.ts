import { AuthenticationError } from '../errors.ts'
import { findApiKey } from '../site/api-keys.ts'
import type { Login } from '../site/sessions.ts'
import type { Site } from '../site/site.ts'

/**
 * The user of `Authorization: token key:secret` or `Basic base64(key:secret)`; the scheme in any case
 * (frappe-contract.md §2). A password is never taken here: it would be checked slowly at every request.
 * @returns null where the header names nobody: an app's `auth_hooks` may know better
 */
export async function findAuthorized(site: Site, header: string): Promise<Login | null> {
  const [, scheme = '', value = ''] = /^(\S+)\s+(\S+)$/.exec(header.trim()) ?? []
  switch (scheme.toLowerCase()) {
    case 'token':
      return await byPair(site, value)
    case 'basic':
      return await byPair(site, Buffer.from(value, 'base64').toString('utf8'))
    default:
      return null
  }
}

async function byPair(site: Site, pair: string): Promise<Login | null> {
  const [key = '', secret = '', ...rest] = pair.split(':')
  return rest.length === 0 ? await findApiKey(site, key, secret) : null
}

/** What to say where nobody knows the header. */
export function notAuthorized(header: string): Error {
  return new AuthenticationError(
    /^bearer\s/i.test(header.trim())
      ? 'This site gives out no bearer tokens. Send "Authorization: token <api key>:<api secret>".'
      : 'The credentials are not valid.',
  )
}
