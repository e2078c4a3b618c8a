import type { Test } from 'tap'
import { createSession } from '../../desk/site/sessions.ts'
import type { TestDatabase } from './databases.ts'
import {
  openSocket,
  serve,
  type Answer,
  type Body,
  type Client,
  type Served,
  type TestSocket,
} from './server.ts'
import { chatSite, type ChatSite, type SiteOptions } from './site.ts'

/** F-Chat behind a real port, with people who come in by cookie and by socket. */
export interface Wire extends ChatSite {
  served: Served
  /** A browser in which this user is logged in. */
  browser: (user: string) => Promise<Client>
  /** A page of this user with an open socket, after its `ready`. */
  page: (user: string) => Promise<TestSocket>
  person: (email: string, values?: Record<string, unknown>) => Promise<string>
  /** How many rows each of the chat's tables has. */
  rows: () => Promise<Record<string, number>>
}

const TABLES = ['Chat Room', 'Chat Room Member', 'Chat Message', 'Chat Call Session', 'Error Log']

export async function wireSite(t: Test, db: TestDatabase, options?: SiteOptions): Promise<Wire> {
  const chat = await chatSite(t, db, options)
  const { site } = chat
  const served = await serve(t, site)
  const browser = async (user: string): Promise<Client> => {
    const client = served.client()
    client.jar.set('sid', await site.write({ user }, (ctx) => createSession(ctx, user)))
    return client
  }
  return {
    ...chat,
    served,
    browser,
    async page(user) {
      const socket = openSocket(t, served, { cookie: (await browser(user)).cookie })
      await socket.event('ready')
      return socket
    },
    async person(email, values = {}) {
      await site.asAdministrator((ctx) =>
        ctx.insert('User', { email, first_name: email.split('@')[0], ...values }),
      )
      return email
    },
    async rows() {
      const counted: Record<string, number> = {}
      for (const doctype of TABLES) {
        const [row] = await site.database.reader(`tab${doctype}`).count({ n: '*' })
        counted[doctype] = Number(row?.n)
      }
      return counted
    },
  }
}

/** What a call answers: the status and the body's `message`. */
export interface Outcome {
  status: number
  message: Body
  exc_type?: string
}

type Args = Record<string, unknown>

/** Arguments as a form or a query carries them: lists and objects as JSON, flags as 0 and 1. */
export function asForm(args: Args): URLSearchParams {
  const text = (value: unknown): string => {
    if (typeof value === 'boolean') return value ? '1' : '0'
    return typeof value === 'string' ? value : JSON.stringify(value)
  }
  return new URLSearchParams(Object.entries(args).map(([key, value]): [string, string] => [key, text(value)]))
}

const outcome = ({ status, body }: Answer): Outcome => ({
  status,
  message: body?.message,
  ...(body?.exc_type ? { exc_type: body.exc_type } : {}),
})

const path = (method: string): string => `/api/method/${method}`

/** The roads by which a method can be called. */
export const roads = {
  json: async (client: Client, method: string, args: Args) => outcome(await client.post(path(method), args)),
  form: async (client: Client, method: string, args: Args) =>
    outcome(await client.request('POST', path(method), { body: asForm(args) })),
  query: async (client: Client, method: string, args: Args) =>
    outcome(await client.get(`${path(method)}?${String(asForm(args))}`)),
} as const

/** The same over a socket. */
export async function overSocket(socket: TestSocket, method: string, args: Args): Promise<Outcome> {
  const { status = 200, message, exc_type } = await socket.call(method, args)
  return { status, message, ...(exc_type ? { exc_type } : {}) }
}
