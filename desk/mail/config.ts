import type { SiteConfig } from '../site/config.ts'
import { parseAddress } from './address.ts'
import type { Mailer } from './port.ts'
import { SmtpMailer } from './smtp.ts'

/** `mail` in site_config.json: how the site's mail is sent. */
export interface MailConfig {
  host: string
  /** Default 587, or 465 where `secure` is set. */
  port?: number
  user?: string
  password?: string
  /** `notes@example.com`, or `Example <notes@example.com>`. */
  from: string
  /** TLS from the first byte. Else STARTTLS is used where the server has it. */
  secure?: boolean
  /** Do not send without TLS; the default where a password goes to another machine. */
  require_tls?: boolean
  /** A certificate authority of one's own, in PEM. */
  ca?: string
}

const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host)

/** What sends the site's mail; null where its config does not say how. @throws Error that names the wrong key */
export function createMailer({ mail }: SiteConfig): Mailer | null {
  if (!mail) return null
  const { host, user, password = '', secure = false, ca } = mail
  for (const key of ['host', 'from'] as const) {
    if (typeof mail[key] !== 'string' || mail[key] === '')
      throw new Error(`site_config.json: mail.${key} is missing.`)
  }
  const port = mail.port ?? (secure ? 465 : 587)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error('site_config.json: mail.port must be a number from 1 to 65535.')
  return new SmtpMailer({
    host,
    port,
    secure,
    from: parseAddress(mail.from),
    requireTls: mail.require_tls ?? (user !== undefined && !secure && !isLoopback(host)),
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
    ...(ca === undefined ? {} : { ca }),
  })
}
