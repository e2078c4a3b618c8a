import type { SentMessageInfo } from 'nodemailer/lib/smtp-pool'
import type { Transporter } from 'nodemailer'
import type { Address, Delivery, Mailer, Message, Refusal } from './port.ts'

export interface SmtpSettings {
  host: string
  port: number
  secure: boolean
  /** Refuse to send without TLS. */
  requireTls: boolean
  from: Address
  auth?: { user: string; pass: string }
  ca?: string
}

const CONNECTIONS = 3
const CONNECT_MS = 20_000
const SILENCE_MS = 60_000

/** Sends over SMTP, on a few connections that are kept for a while. */
export class SmtpMailer implements Mailer {
  readonly sender: string
  readonly #settings: SmtpSettings
  #transport: Promise<Transporter<SentMessageInfo>> | undefined

  constructor(settings: SmtpSettings) {
    this.#settings = settings
    this.sender = settings.from.address
  }

  async send(message: Message): Promise<Delivery> {
    const { from } = this.#settings
    const { to, cc, replyTo, subject, text, html, messageId, date } = message
    try {
      const transport = await this.#connect()
      const info = await transport.sendMail({
        from: { ...from },
        to: to.map((one) => ({ ...one })),
        cc: cc.map((one) => ({ ...one })),
        ...(replyTo ? { replyTo: { ...replyTo } } : {}),
        subject,
        text,
        html,
        messageId,
        date,
        attachments: message.attachments.map(({ filename, content, contentType }) => ({
          filename,
          content: Buffer.from(content),
          ...(contentType ? { contentType } : {}),
        })),
        headers: { 'Auto-Submitted': 'auto-generated' },
        envelope: { from: from.address, to: [...message.envelope] },
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      return delivery(message.envelope, info.rejectedErrors)
    } catch (error) {
      return failure(message.envelope, error as SmtpError)
    }
  }

  async verify(): Promise<void> {
    try {
      await (await this.#connect()).verify()
    } catch (error) {
      const { host, port } = this.#settings
      throw new Error(
        `The mail server ${host}:${String(port)} does not let us send: ${reasonOf(error)} Check mail in site_config.json.`,
        { cause: error },
      )
    }
  }

  close(): void {
    void this.#transport?.then((transport) => {
      transport.close()
    })
    this.#transport = undefined
  }

  /** Loaded when the first mail is sent: most processes send none. */
  #connect(): Promise<Transporter<SentMessageInfo>> {
    this.#transport ??= import('nodemailer').then(({ createTransport }) => {
      const { host, port, secure, auth, requireTls, ca } = this.#settings
      return createTransport({
        pool: true,
        maxConnections: CONNECTIONS,
        host,
        port,
        secure,
        requireTLS: requireTls,
        connectionTimeout: CONNECT_MS,
        greetingTimeout: CONNECT_MS,
        socketTimeout: SILENCE_MS,
        ...(auth ? { auth } : {}),
        ...(ca ? { tls: { ca } } : {}),
      })
    })
    return this.#transport
  }
}

const isPermanent = (code: number | undefined): boolean => code !== undefined && code >= 500

/** What the server said, in one line. */
function reasonOf(error: unknown): string {
  const { message } = error instanceof Error ? error : new Error(String(error))
  return message.replaceAll(/\s+/g, ' ').slice(0, 500)
}

/** What nodemailer tells of a refusal; its types do not know all of it. */
interface SmtpError extends Error {
  code?: string | undefined
  responseCode?: number | undefined
  recipient?: string | undefined
  /** Those of the recipients, where each was answered on its own. */
  rejectedErrors?: readonly SmtpError[] | undefined
}

const refusals = (errors: readonly SmtpError[] = []): Refusal[] =>
  errors.flatMap((error) =>
    error.recipient === undefined
      ? []
      : [{ address: error.recipient, reason: reasonOf(error), permanent: isPermanent(error.responseCode) }],
  )

function delivery(envelope: readonly string[], errors: readonly SmtpError[] = []): Delivery {
  const refused = refusals(errors)
  const out = new Set(refused.map(({ address }) => address))
  return { accepted: envelope.filter((address) => !out.has(address)), refused }
}

/** Nobody has got it. A login that is refused is the operator's to correct: the mail can wait for that. */
function failure(envelope: readonly string[], error: SmtpError): Delivery {
  const each = new Map(refusals(error.rejectedErrors).map((one) => [one.address, one]))
  const permanent = error.code !== 'EAUTH' && isPermanent(error.responseCode)
  return {
    accepted: [],
    refused: envelope.map((address) => each.get(address) ?? { address, reason: reasonOf(error), permanent }),
  }
}
