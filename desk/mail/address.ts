import { domainToASCII } from 'node:url'
import { ValidationError } from '../errors.ts'
import type { Address } from './port.ts'

/** Controls, and what Unicode counts as line breaks: a header would end there, and the next one begin. */
const CONTROLS = /[\p{Cc}\u2028\u2029]/u
const WITH_NAME = /^\s*(?:"(?<quoted>[^"]*)"|(?<bare>[^"<>]*?))\s*<(?<address>[^<>]*)>\s*$/
const ADDRESS = /^[^\s@<>"'(),:;\\[\]]+@[^\s@<>"'(),:;\\[\]]+$/
const LONGEST = 254

/** @throws ValidationError for a value that would not stay within its header */
export function checkHeader(name: string, value: string): string {
  if (CONTROLS.test(value))
    throw new ValidationError(
      `The ${name} of a mail is one line: take out line breaks and control characters.`,
    )
  return value
}

/** One address: `ann@example.com`, or `Ann Example <ann@example.com>`. @throws ValidationError */
export function parseAddress(text: string): Address {
  checkHeader('address', text)
  const groups = WITH_NAME.exec(text)?.groups
  const given = (groups?.address ?? text).trim()
  const at = given.lastIndexOf('@')
  // As servers know the domain, so that what they say of an address can be told apart.
  const address = `${given.slice(0, at)}@${domainToASCII(given.slice(at + 1))}`
  if (!ADDRESS.test(given) || !ADDRESS.test(address) || address.length > LONGEST)
    throw new ValidationError(`"${text.slice(0, 100)}" is not an e-mail address.`)
  return { name: (groups?.quoted ?? groups?.bare ?? '').slice(0, 140), address }
}

/** Each address once, in order; `taken` are those that have it already. */
export function addressList(given: string | readonly string[] | undefined, taken: Set<string>): Address[] {
  return [given ?? []].flat().flatMap((text) => {
    const parsed = parseAddress(text)
    const key = parsed.address.toLowerCase()
    if (taken.has(key)) return []
    taken.add(key)
    return [parsed]
  })
}
