import { domainToASCII } from 'node:url'
import { ValidationError } from '@f-chat/desk'

const DOMAIN = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/

/**
 * The domains of Chat Settings' `allowed_email_domains`, as addresses are compared with them: in lower case and
 * ASCII. Written one a line or separated by commas, with or without an `@` before them.
 * @throws ValidationError that names what is no domain
 */
export function readDomains(text: string | null): string[] {
  const given = (text ?? '').split(/[\s,;]+/).filter((part) => part !== '')
  return [...new Set(given.map(toDomain))]
}

function toDomain(text: string): string {
  const domain = domainToASCII(text.replace(/^@/, '')).toLowerCase()
  if (DOMAIN.test(domain)) return domain
  throw new ValidationError(
    `"${text.slice(0, 100)}" is not a domain. Write example.com; each subdomain is named by itself.`,
  )
}
