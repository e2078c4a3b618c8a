import type { Context } from '../context.ts'
import { CharacterLengthExceededError, ValidationError } from '../errors.ts'
import type { Meta } from '../meta/meta.ts'
import type { Site } from '../site/site.ts'
import { decrypt, deriveKey, encrypt } from './cipher.ts'
import type { Document } from './document.ts'
import { textOf } from './text.ts'

/** A Password field's value on its way to `__Auth`; null takes it away. */
export interface Secret {
  doc: Document
  fieldname: string
  value: string | null
}

/** `__Auth.password` is a text of 65,535 bytes, a third of which the encoding takes. */
const LONGEST_BYTES = 40_000

/** What a Password field's column holds, as in Frappe: an asterisk for each character of the secret. */
export const maskOf = (secret: string): string => '*'.repeat(Array.from(secret).length)

/** Nothing but asterisks: what a form sends back for a secret that it did not change. */
const isMask = (value: string): boolean => /^\*+$/.test(value)

/**
 * Takes the secrets out of a document and its rows, just before they are written: the fields hold asterisks from now
 * on. Unchanged asterisks keep the secret that is stored; where none is stored they are no value at all.
 * @throws CharacterLengthExceededError
 */
export function takeSecrets(doc: Document): Secret[] {
  const secrets: Secret[] = []
  take(doc, secrets)
  return secrets
}

function take(doc: Document, secrets: Secret[]): void {
  for (const { fieldname, label } of doc.meta.passwordFields) {
    const stored = doc.stored?.[fieldname] ?? null
    const value = textOf(doc, fieldname)
    if (isMask(value)) doc.set(fieldname, stored)
    else if (value !== '') {
      if (Buffer.byteLength(value) > LONGEST_BYTES) {
        throw new CharacterLengthExceededError(
          `${label ?? fieldname} is too long: at most ${String(LONGEST_BYTES)} bytes are allowed.`,
        )
      }
      secrets.push({ doc, fieldname, value })
      doc.set(fieldname, maskOf(value))
    } else if (stored !== null && stored !== '') secrets.push({ doc, fieldname, value: null })
  }
  for (const table of doc.meta.tableFields)
    for (const row of doc.children(table.fieldname)) take(row, secrets)
}

/** Writes what `takeSecrets` took, once every row has its name. @throws ValidationError without an encryption key */
export async function storeSecrets(ctx: Context, secrets: readonly Secret[]): Promise<void> {
  for (const { doc, fieldname, value } of secrets) {
    const place = { doctype: doc.doctype, name: doc.name, fieldname }
    if (value === null) await ctx.db('__Auth').where(place).delete()
    else await storeSecret(ctx, place, value)
  }
}

async function storeSecret(ctx: Context, place: Place, value: string): Promise<void> {
  const password = encrypt(keyOf(ctx.site), value, purposeOf(place))
  await ctx
    .db('__Auth')
    .insert({ ...place, password, encrypted: 1 })
    .onConflict(['doctype', 'name', 'fieldname'])
    .merge(['password', 'encrypted'])
}

/** Where `__Auth` keeps a secret. */
export interface Place {
  doctype: string
  name: string
  fieldname: string
}

/** Not the document's name: a secret stays readable when it is renamed. */
const purposeOf = ({ doctype, fieldname }: Place): string => `${doctype}\n${fieldname}`

/** The secret in the clear; null where none is stored. @throws ValidationError where the key cannot read it */
export async function readSecret(ctx: Context, place: Place): Promise<string | null> {
  if (!ctx.meta(place.doctype).passwordFields.some(({ fieldname }) => fieldname === place.fieldname)) {
    throw new ValidationError(`${place.doctype} has no Password field "${place.fieldname.slice(0, 60)}".`)
  }
  const { doctype, name, fieldname } = place
  const row = await ctx
    .db('__Auth')
    .where({ doctype, name, fieldname, encrypted: 1 })
    .first<{ password: string } | undefined>('password')
  if (!row) return null
  const secret = decrypt(keyOf(ctx.site), row.password, purposeOf(place))
  if (secret !== null) return secret
  throw new ValidationError(
    `${fieldname} of ${doctype} ${name} cannot be read with the encryption_key in site_config.json. ` +
      'Put back the key it was saved with, or enter the secret again.',
  )
}

/** The secret of a document's Password field: the one in memory, else the stored one. */
export async function passwordOf(doc: Document, fieldname: string): Promise<string | null> {
  const given =
    doc.meta.passwordFields.some((field) => field.fieldname === fieldname) && textOf(doc, fieldname)
  if (given && !isMask(given)) return given
  return await readSecret(doc.ctx, { doctype: doc.doctype, name: doc.name, fieldname })
}

/** Forgets the secrets of documents that are deleted. */
export async function removeSecrets(ctx: Context, meta: Meta, names: readonly string[]): Promise<void> {
  if (names.length > 0) await ctx.db('__Auth').where({ doctype: meta.name }).whereIn('name', names).delete()
}

const keys = new WeakMap<Site, Buffer>()

/** What the site keeps its secrets with. @throws ValidationError where site_config.json has no encryption_key */
export function keyOf(site: Site): Buffer {
  const known = keys.get(site)
  if (known) return known
  const given = site.config.encryption_key
  if (typeof given !== 'string' || given === '') {
    throw new ValidationError(
      'Passwords cannot be kept: site_config.json has no encryption_key. Put back the one that this site was made with; for a site that never had one, any long random text will do.',
    )
  }
  const key = deriveKey(given)
  keys.set(site, key)
  return key
}
