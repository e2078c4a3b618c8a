import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const ALGORITHM = 'aes-256-gcm'
const VERSION = 'v1'
const IV_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32

/** The key that secrets are encrypted with, from the site's `encryption_key`: whatever its length or spelling. */
export function deriveKey(encryptionKey: string): Buffer {
  return Buffer.from(hkdfSync('sha256', encryptionKey, '', 'desk: secrets of documents', KEY_BYTES))
}

/**
 * A text, or bytes, as `v1.<iv>.<ciphertext and tag>`, in base64url; encrypted anew it looks different.
 * @param purpose what the text is for; the same is needed to read it, so that it cannot be passed off as another
 */
export function encrypt(key: Buffer, content: string | Uint8Array, purpose: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(purpose))
  const sealed = Buffer.concat([cipher.update(Buffer.from(content)), cipher.final(), cipher.getAuthTag()])
  return [VERSION, iv.toString('base64url'), sealed.toString('base64url')].join('.')
}

/** The text again, or null where the key is another, or what is stored has been changed. */
export function decrypt(key: Buffer, stored: string, purpose: string): string | null {
  return decryptBytes(key, stored, purpose)?.toString('utf8') ?? null
}

/** The same for bytes. */
export function decryptBytes(key: Buffer, stored: string, purpose: string): Buffer | null {
  const [version, iv = '', body = ''] = stored.split('.')
  const sealed = Buffer.from(body, 'base64url')
  if (version !== VERSION || sealed.length < TAG_BYTES) return null
  try {
    const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(iv, 'base64url'))
      .setAAD(Buffer.from(purpose))
      .setAuthTag(sealed.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch {
    return null
  }
}
