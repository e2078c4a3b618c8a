import { randomUUID } from 'node:crypto'
import { setImmediate as aTurn } from 'node:timers/promises'
import type { Test } from 'tap'
import { openSocket, type Body, type Client, type TestSocket } from './server.ts'
import { overSocket, type Outcome, type Wire } from './wire.ts'

/** A page of a user: a device of its own, with an open socket. */
export interface Device {
  user: string
  id: string
  socket: TestSocket
  client: Client
  /** Calls `f_chat.<method>` over the socket. */
  call: (method: string, args?: Record<string, unknown>) => Promise<Outcome>
  /** The same over HTTP. */
  post: (method: string, args?: Record<string, unknown>) => Promise<Outcome>
  heard: (event: string) => Body[]
}

/** Opens a page; with `id`, the page that has been there before. */
export async function openDevice(
  t: Test,
  wire: Wire,
  user: string,
  id: string = randomUUID(),
): Promise<Device> {
  const client = await wire.browser(user)
  const socket = openSocket(t, wire.served, { cookie: client.cookie, query: `?device=${id}` })
  await socket.event('ready')
  return {
    user,
    id,
    socket,
    client,
    call: (method, args = {}) => overSocket(socket, `f_chat.${method}`, args),
    async post(method, args = {}) {
      const { status, body } = await client.request('POST', `/api/method/f_chat.${method}`, {
        headers: { 'Content-Type': 'application/json', 'X-Desk-Device': id },
        body: JSON.stringify(args),
      })
      return { status, message: body?.message }
    },
    heard: (event) =>
      socket.frames.filter((frame: Body) => frame.event === event).map(({ message }: Body) => message),
  }
}

/** Everything that was published until now has arrived at these. */
export async function settled(wire: Wire, ...devices: readonly Device[]): Promise<void> {
  const mark = randomUUID()
  await wire.site.asAdministrator((ctx) => {
    ctx.publish('settled', mark, { room: 'website' })
    return Promise.resolve()
  })
  await Promise.all(
    devices.map(({ socket }) =>
      socket.frame((frame: Body) => frame.event === 'settled' && frame.message === mark),
    ),
  )
}

/** What the room's history says of calls, oldest first. */
export async function callMessages(wire: Wire, room: string): Promise<string[]> {
  const rows = await wire.site.database
    .reader('tabChat Message')
    .where({ chat_room: room, message_type: 'System' })
    .orderBy('seq')
    .select<{ message_content: string }[]>('message_content')
  return rows.slice(1).map(({ message_content }) => message_content)
}

/** The stored document of a call. */
export async function storedCall(wire: Wire, name: string): Promise<Body> {
  const { reader } = wire.site.database
  const session: Body = await reader('tabChat Call Session').where({ name }).first()
  const participants: Body[] = await reader('tabChat Call Participant').where({ parent: name }).orderBy('idx')
  return { ...session, participants }
}

/** The call as its machine has it, once it is as wanted. */
export async function callState(
  wire: Pick<Wire, 'site'>,
  name: string,
  wanted: (call: Body) => boolean = () => true,
): Promise<Body> {
  for (;;) {
    const row = await wire.site.database
      .reader('tabChat Call Session')
      .where({ name })
      .first<Body>('running_state')
    const call: Body = JSON.parse(row.running_state ?? 'null')
    if (wanted(call)) return call
    // SQLite answers at once: the sockets must have their turn.
    await aTurn()
  }
}
