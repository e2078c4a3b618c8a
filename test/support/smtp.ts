import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server'
import type { Test } from 'tap'

export interface Received {
  from: string
  to: string[]
  mail: ParsedMail
  raw: string
  /** Over TLS. */
  secure: boolean
  user: string | undefined
}

export interface SmtpOptions extends SMTPServerOptions {
  /** Says what becomes of a recipient: nothing, or an SMTP code and its text. */
  recipient?: (address: string) => [code: number, text: string] | undefined
  /** Asked when the message has come in, before the answer. */
  data?: (mail: ParsedMail) => [code: number, text: string] | undefined | Promise<undefined>
  port?: number
}

export interface SmtpLab {
  port: number
  received: Received[]
  close(): Promise<void>
}

const smtpError = ([responseCode, message]: [number, string]): Error =>
  Object.assign(new Error(message), { responseCode })

/** A real SMTP server, until the subtest ends. */
export async function smtpServer(t: Test, options: SmtpOptions = {}): Promise<SmtpLab> {
  const { recipient, data, port = 0, ...rest } = options
  const received: Received[] = []
  const server = new SMTPServer({
    authOptional: true,
    closeTimeout: 100,
    disabledCommands: rest.secure || rest.key ? [] : ['STARTTLS'],
    onRcptTo({ address }, _session, done) {
      const answer = recipient?.(address)
      done(answer ? smtpError(answer) : null)
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        void take(Buffer.concat(chunks), session).then(
          () => {
            done(null)
          },
          (error: unknown) => {
            done(error as Error)
          },
        )
      })
    },
    ...rest,
  })
  const take = async (raw: Buffer, session: SMTPServerSession): Promise<void> => {
    const mail = await simpleParser(raw)
    const answer = await data?.(mail)
    if (answer) throw smtpError(answer)
    received.push({
      from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
      to: session.envelope.rcptTo.map(({ address }) => address),
      mail,
      raw: raw.toString('utf8'),
      secure: session.secure,
      user: session.user,
    })
  }
  // Clients that break off are part of what is tested.
  server.on('error', () => undefined)
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  let closed: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closed ??= new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
    }))
  t.teardown(close)
  return { port: (server.server.address() as AddressInfo).port, received, close }
}

/** A port that nothing listens on. */
export async function freePort(t: Test): Promise<number> {
  const lab = await smtpServer(t)
  await lab.close()
  return lab.port
}
