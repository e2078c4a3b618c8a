import { domainToASCII } from 'node:url'
import { GUEST, ValidationError, type Context } from '@f-chat/desk'
import ChatSettings from '../chat_settings/chat_settings.ts'
import { readDomains } from '../chat_settings/email-domains.ts'
import { rowsOf } from '../query.ts'

/** One mail goes to so many people. */
export const MOST_RECIPIENTS = 100

/** A member who can be sent mail. */
export interface MemberWithAddress {
  user: string
  full_name: string
  email: string
  user_image: string | null
}

/** The enabled members of a room who have an address, in the order in which they joined; one statement. */
export async function membersWithAddress(ctx: Context, room: string): Promise<MemberWithAddress[]> {
  const rows = await rowsOf<Omit<MemberWithAddress, 'full_name'> & { full_name: string | null }>(
    ctx
      .db('tabChat Room Member as m')
      .join('tabUser as u', 'u.name', 'm.user')
      .where({ 'm.parent': room, 'u.enabled': 1 })
      .whereNotNull('u.email')
      .orderBy('m.idx')
      .select('u.name as user', 'u.full_name', 'u.email', 'u.user_image'),
  )
  return rows
    .filter(({ email }) => addressOf(email) !== undefined)
    .map((row) => ({ ...row, full_name: row.full_name ?? row.user }))
}

/**
 * The addresses that a mail from a room goes to, each once.
 * @param named ids or addresses of the site's enabled users, or addresses in a domain that Chat Settings allow;
 * undefined for the room's other members
 * @throws ValidationError that names who may not get it: then nobody does
 */
export async function findRecipients(
  ctx: Context,
  room: string,
  named: readonly string[] | undefined,
): Promise<string[]> {
  const found = named ? await namedRecipients(ctx, named) : await otherMembers(ctx, room)
  const seen = new Set<string>()
  const addresses = found.filter((address) => {
    const key = address.toLowerCase()
    return !seen.has(key) && seen.add(key)
  })
  if (addresses.length > MOST_RECIPIENTS) {
    throw new ValidationError(
      `A mail goes to at most ${String(MOST_RECIPIENTS)} people, these are ${String(addresses.length)}: name those who need it.`,
    )
  }
  return addresses
}

async function otherMembers(ctx: Context, room: string): Promise<string[]> {
  const members = await membersWithAddress(ctx, room)
  const others = members.filter(({ user }) => user !== ctx.user).map(({ email }) => email)
  if (others.length === 0) throw new ValidationError('Nobody else in this room has an e-mail address.')
  return others
}

interface StoredUser {
  name: string
  email: string | null
  enabled: number
}

async function namedRecipients(ctx: Context, named: readonly string[]): Promise<string[]> {
  const keys = [...new Set(named.map((one) => one.trim()).filter((one) => one !== ''))]
  if (keys.length === 0) throw new ValidationError('Name at least one recipient.')
  const users = await usersBy(ctx, keys)
  const { allowed_email_domains } = await ChatSettings.read(ctx)
  const domains = new Set(readDomains(allowed_email_domains))
  const found = keys.map((key) => {
    const user = users.get(key.toLowerCase())
    if (user) return user.enabled === 1 ? addressOf(user.email ?? '') : undefined
    const address = addressOf(key)
    return address !== undefined && domains.has(domainOf(address)) ? address : undefined
  })
  const refused = keys.filter((_key, i) => found[i] === undefined)
  if (refused.length > 0) {
    const names = refused.slice(0, 5).map((name) => name.slice(0, 60))
    throw new ValidationError(
      `These cannot be sent mail from the chat: ${names.join(', ')}${refused.length > 5 ? ' …' : ''}. Name users of this site, or ask an administrator to allow the domain.`,
    )
  }
  return found.filter((address) => address !== undefined)
}

/** Users by their id and by their address, in lower case: MariaDB's collation alone would find others, too. */
async function usersBy(ctx: Context, keys: readonly string[]): Promise<ReadonlyMap<string, StoredUser>> {
  const spellings = [...new Set(keys.flatMap((key) => [key, key.toLowerCase()]))]
  const rows = await ctx
    .db('tabUser')
    .where((any) => {
      void any.whereIn('name', spellings).orWhereIn('email', spellings)
    })
    .whereNot('name', GUEST)
    .select<StoredUser[]>('name', 'email', 'enabled')
  return new Map(
    rows.flatMap((user) => [
      ...(user.email ? [[user.email.toLowerCase(), user] as const] : []),
      [user.name.toLowerCase(), user] as const,
    ]),
  )
}

const ADDRESS = /^[^\s\p{Cc}@<>"'(),:;\\[\]]+@[^\s\p{Cc}@<>"'(),:;\\[\]]+$/u
const LONGEST_ADDRESS = 254

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1)

/** An address as mail is sent to it, its domain in ASCII; undefined where it is none. */
export function addressOf(text: string): string | undefined {
  const given = text.trim()
  if (!ADDRESS.test(given)) return undefined
  const at = given.lastIndexOf('@')
  const domain = domainToASCII(given.slice(at + 1)).toLowerCase()
  const address = `${given.slice(0, at)}@${domain}`
  return domain !== '' && address.length <= LONGEST_ADDRESS ? address : undefined
}
