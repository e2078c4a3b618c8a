import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context } from '../context.ts'
import { LOGGED_OUT, PERSON, personOf, type Login, type PersonRow } from './sessions.ts'
import type { Site } from './site.ts'

const authKey = (user: string) => ({ doctype: 'User', name: user, fieldname: 'api_secret' })

/** By this name sockets and cached logins of a key are found. */
const loginId = (key: string): string => `api_key:${key}`

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** 160 random bits need no slow hash: nobody tries them all. */
const newSecret = (): string => randomBytes(20).toString('hex')

export interface ApiKeys {
  api_key: string
  /** Told once: the database keeps a digest of it. */
  api_secret: string
}

/** Gives a user a new secret, and a key where there is none yet. What used the old secret is logged out. */
export async function generateApiKeys(ctx: Context, user: string): Promise<ApiKeys> {
  const row = await ctx
    .db('tabUser')
    .where({ name: user })
    .forUpdate()
    .first<{ api_key: string | null } | undefined>('api_key')
  const key = row?.api_key ?? randomBytes(8).toString('hex')
  const secret = newSecret()
  if (row?.api_key) endLogins(ctx, key)
  else await ctx.db('tabUser').where({ name: user }).update({ api_key: key, modified: ctx.now() })
  await ctx
    .db('__Auth')
    .insert({ ...authKey(user), password: digest(secret), encrypted: 0 })
    .onConflict(['doctype', 'name', 'fieldname'])
    .merge(['password', 'encrypted'])
  return { api_key: key, api_secret: secret }
}

/** The user's key is gone or another: its secret counts no more, and what came in by it is logged out. */
export async function revokeApiKey(ctx: Context, user: string, key: string): Promise<void> {
  await ctx.db('__Auth').where(authKey(user)).delete()
  endLogins(ctx, key)
}

function endLogins(ctx: Context, key: string): void {
  ctx.closeSockets({ session: loginId(key) }, LOGGED_OUT, 'key revoked')
}

/** The enabled user of a key with its secret; not asked of the database twice in a second. */
export async function findApiKey(site: Site, key: string, secret: string): Promise<Login | null> {
  if (key === '' || secret === '') return null
  return await site.logins.get(`api_key:${digest(`${key}:${secret}`)}`, () => readApiKey(site, key, secret))
}

async function readApiKey(site: Site, key: string, secret: string): Promise<Login | null> {
  const row = await site.database
    .reader('tabUser')
    .join('__Auth', (join) => {
      join
        .on('__Auth.name', 'tabUser.name')
        .andOnVal('__Auth.doctype', 'User')
        .andOnVal('__Auth.fieldname', 'api_secret')
    })
    .where({ 'tabUser.api_key': key, 'tabUser.enabled': 1 })
    .first<(PersonRow & { name: string; api_key: string; password: string | null }) | undefined>(
      'tabUser.name',
      'tabUser.api_key',
      '__Auth.password',
      ...PERSON.map((field) => `tabUser.${field}`),
    )
  const given = Buffer.from(digest(secret))
  const expected = Buffer.from(row?.password ?? digest(''))
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  // The column finds other cases of its letters, too; a login is ended by the key itself.
  if (row?.api_key !== key) return null
  return { id: loginId(key), ...personOf(row.name, row) }
}
