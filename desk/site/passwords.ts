import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Knex } from 'knex'
import type { Context } from '../context.ts'
import { ValidationError } from '../errors.ts'

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
)

const COST = { ln: 15, r: 8, p: 1 }
const KEY_BYTES = 32

/** A password's hash in the PHC form `$scrypt$ln=15,r=8,p=1$<salt>$<key>`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await deriveKey(password, salt, COST)
  return `$scrypt$ln=${String(COST.ln)},r=${String(COST.r)},p=${String(COST.p)}$${encode(salt)}$${encode(key)}`
}

export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, ln, r, p, salt, key] = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(hash) ?? []
  if (!salt || !key) return false
  const expected = Buffer.from(key, 'base64')
  const actual = await deriveKey(password, Buffer.from(salt, 'base64'), {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
  })
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

async function deriveKey(password: string, salt: Buffer, { ln, r, p }: typeof COST): Promise<Buffer> {
  return await derive(password.normalize('NFC'), salt, KEY_BYTES, {
    N: 2 ** ln,
    r,
    p,
    maxmem: 256 * 2 ** ln * r,
  })
}

const encode = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

const MINIMUM = 4

/** @throws ValidationError for an empty or very short one */
export function checkPasswordLength(password: string): void {
  if (password.length < MINIMUM)
    throw new ValidationError(`A password has at least ${String(MINIMUM)} characters.`)
}

/** Sets a user's password; a mailed link to choose one counts no more. @throws ValidationError for a very short one */
export async function setPassword(ctx: Context, user: string, password: string): Promise<void> {
  checkPasswordLength(password)
  await ctx
    .db('tabUser')
    .where({ name: user })
    .whereNotNull('reset_password_key')
    .update({ reset_password_key: null })
  await ctx
    .db('__Auth')
    .insert({ ...authKey(user), password: await hashPassword(password), encrypted: 0 })
    .onConflict(['doctype', 'name', 'fieldname'])
    .merge(['password', 'encrypted'])
}

/** Takes as long for a user without a password as for a wrong one, so that time does not tell who exists. */
export async function checkPassword(db: Knex, user: string, password: string): Promise<boolean> {
  const row = await db('__Auth').where(authKey(user)).first<{ password: string } | undefined>('password')
  return await verifyPassword(password, row?.password ?? (await nobodysHash()))
}

const authKey = (user: string) => ({ doctype: 'User', name: user, fieldname: 'password' })

let nobody: Promise<string> | undefined
function nobodysHash(): Promise<string> {
  nobody ??= hashPassword(randomBytes(16).toString('hex'))
  return nobody
}
