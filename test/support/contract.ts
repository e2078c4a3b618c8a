import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Test } from 'tap'
import type { TestDatabase } from './databases.ts'
import type { Body, Client, TestSocket } from './server.ts'
import { ANN, BEN, CLEO, OUTSIDER } from './site.ts'
import { asForm, overSocket, roads, wireSite, type Outcome, type Wire } from './wire.ts'

/** Everybody who may call a method, by how they stand to the room that it is about. */
export const KINDS = [
  'guest',
  'outsider',
  'member',
  'muted',
  'moderator',
  'admin',
  'removed',
  'disabled',
  'manager',
] as const
export type Kind = (typeof KINDS)[number]

/** A method as the contract has it; the rows are data, in test/contract/*.json. */
export interface Row {
  method: string
  /** The modules of the Python app under which it answers as well. */
  module?: string[]
  /** A long path that is not of such a module. */
  path?: string
  /** Arguments; `$room` and the like stand for what a {@link Scene} has. */
  args: Record<string, unknown>
  /** The keys of the answer, by their place in it. */
  keys: Record<string, string[]>
  /** The status that each kind of caller is answered with. */
  may: Record<Kind, number>
  /** What the scene needs: a file in the room, a call that rings, one that the caller is in. */
  setup?: ('file' | 'call' | 'joined')[]
  /** A file that the call carries. */
  upload?: { name: string; type: string; text: string }
}

const folder = path.resolve(import.meta.dirname, '../contract')

export function contractRows(): Row[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Row[])
}

/** All paths under which a method answers. */
export function pathsOf({ method, module = [], path }: Row): string[] {
  return [
    `f_chat.${method}`,
    ...module.map((name) => `f_chat.APIs.notification_chatroom.chat_apis.${name}.${method}`),
    ...(path ? [path] : []),
  ]
}

const MUTED = 'mute@test.example'
const REMOVED = 'remo@test.example'
const DISABLED = 'disa@test.example'
const MANAGER = 'mana@test.example'
const NEWCOMER = 'newc@test.example'

const USERS: Record<Exclude<Kind, 'guest'>, string> = {
  admin: ANN,
  member: BEN,
  moderator: CLEO,
  outsider: OUTSIDER,
  muted: MUTED,
  removed: REMOVED,
  disabled: DISABLED,
  manager: MANAGER,
}

const CALLS_OF_A_SOCKET = 60

/** What stands for the placeholders in the arguments of a row. */
export type Scene = Record<string, unknown>

/** The names that nothing has, to ask whether what is hidden is answered as what is not there. */
export const NOWHERE: Scene = {
  room: 'CR-987654',
  message: 'MSG-987654',
  own: 'MSG-987654',
  call: 'CALL-987654',
  file_url: '/private/files/never-there.txt',
}

/** A site with one person of each kind, who come in by cookie and by socket. */
export class Stage {
  readonly wire: Wire
  readonly #t: Test
  readonly #clients = new Map<Kind, Client>()
  readonly #sockets = new Map<Kind, { socket: TestSocket; calls: number }>()

  private constructor(t: Test, wire: Wire) {
    this.#t = t
    this.wire = wire
  }

  static async open(t: Test, db: TestDatabase): Promise<Stage> {
    const wire = await wireSite(t, db)
    const roles = [{ role: 'Chat User' }]
    for (const user of [MUTED, REMOVED, DISABLED, NEWCOMER]) await wire.person(user, { roles })
    await wire.person(MANAGER, { roles: [...roles, { role: 'System Manager' }] })
    const stage = new Stage(t, wire)
    for (const kind of KINDS) {
      const client = kind === 'guest' ? wire.served.client() : await wire.browser(USERS[kind])
      stage.#clients.set(kind, client)
    }
    return stage
  }

  client(kind: Kind): Client {
    const client = this.#clients.get(kind)
    if (!client) throw new Error(`no ${kind}`)
    return client
  }

  /** A page of theirs with an open socket: a new one before it is refused for asking too much. */
  async socket(kind: Kind): Promise<TestSocket> {
    if (kind === 'guest') throw new Error('Guests have no socket.')
    let held = this.#sockets.get(kind)
    if (!held || held.calls >= CALLS_OF_A_SOCKET) {
      held?.socket.ws.terminate()
      held = { socket: await this.wire.page(USERS[kind]), calls: 0 }
      this.#sockets.set(kind, held)
    }
    held.calls += 1
    return held.socket
  }

  /** A room with everybody in their place, and what a row asks for in it. */
  async scene(kind: Kind, { method, setup = [] }: Row): Promise<Scene> {
    const { wire } = this
    await this.#enable(1)
    if (method === 'initiate_call' || setup.includes('call') || setup.includes('joined')) await this.#hangUp()
    const room = await wire.room(ANN, [BEN, CLEO, MUTED, REMOVED, DISABLED])
    const { message_id: message } = await wire.send(ANN, room, 'hello world')
    const insider = kind !== 'guest' && !['outsider', 'manager'].includes(kind)
    const own = insider ? (await wire.send(USERS[kind], room, 'hello from me')).message_id : message
    const caller = kind === 'guest' ? 'Guest' : USERS[kind]
    const scene: Scene = {
      room,
      message,
      own,
      caller,
      ...USERS,
      other: caller === BEN ? CLEO : BEN,
      newcomer: NEWCOMER,
      ...(setup.includes('file')
        ? await this.#files(room, insider && kind !== 'disabled' ? kind : 'admin')
        : {}),
    }
    if (setup.includes('call') || setup.includes('joined'))
      scene.call = await this.#call(room, setup.includes('joined') && insider ? kind : undefined)
    await this.#setApart(room)
    await this.#enable(0)
    return scene
  }

  /** Calls the method of a row over HTTP, with the arguments of a scene. */
  async overHttp(
    kind: Kind,
    row: Row,
    scene: Scene,
    road: keyof typeof roads = 'json',
    name?: string,
  ): Promise<Outcome> {
    const method = name ?? `f_chat.${row.method}`
    const args = filled(row.args, scene)
    if (row.upload) return await this.#upload(kind, method, args, row.upload)
    return await roads[road](this.client(kind), method, args)
  }

  async overSocket(kind: Kind, row: Row, scene: Scene): Promise<Outcome> {
    return await overSocket(await this.socket(kind), `f_chat.${row.method}`, filled(row.args, scene))
  }

  /** Behind the methods' back: they are what is tried. */
  async #setApart(room: string): Promise<void> {
    await this.wire.site.asAdministrator(async ({ db }) => {
      await db('tabChat Room Member').where({ parent: room, user: CLEO }).update({ role: 'Moderator' })
      await db('tabChat Room Member').where({ parent: room, user: MUTED }).update({ is_muted: 1 })
      await db('tabChat Room Member').where({ parent: room, user: REMOVED }).delete()
    })
  }

  /** Behind the desk's back, so that the session stays to be tried. */
  async #enable(enabled: 0 | 1): Promise<void> {
    await this.wire.site.asAdministrator(async (ctx) => {
      await ctx.db('tabUser').where({ name: DISABLED }).update({ enabled })
    })
  }

  async #upload(
    kind: Kind,
    method: string,
    args: Record<string, unknown>,
    file: NonNullable<Row['upload']>,
  ): Promise<Outcome> {
    const form = new FormData()
    for (const [key, value] of asForm(args)) form.set(key, value)
    form.set('file', new Blob([file.text], { type: file.type }), file.name)
    const { status, body } = await this.client(kind).request('POST', `/api/method/${method}`, { body: form })
    return { status, message: body?.message, ...(body?.exc_type ? { exc_type: body.exc_type } : {}) }
  }

  /** A file that the admin has sent to the room, and one that the caller has uploaded for a message of theirs. */
  async #files(room: string, kind: Kind): Promise<Scene> {
    const upload = async (who: Kind): Promise<Body> => {
      const { message } = await this.#upload(
        who,
        'f_chat.upload_chat_file',
        { room_id: room },
        { name: 'note.txt', type: 'text/plain', text: `Read this, ${who}.` },
      )
      return message.data.files[0]
    }
    const sent = await upload('admin')
    const { status } = await roads.json(this.client('admin'), 'f_chat.send_message', {
      room_id: room,
      message_content: 'See the file',
      message_type: 'File',
      attachments: [sent],
    })
    if (status !== 200) throw new Error('The file could not be sent.')
    return { file_url: sent.file_url, file_name: sent.file_name, attachment: await upload(kind) }
  }

  /** Ends the calls of other scenes, behind the methods' back: nobody starts one while they are in another. */
  async #hangUp(): Promise<void> {
    await this.wire.site.asAdministrator(async (ctx) => {
      await ctx
        .db('tabChat Call Session')
        .whereNotNull('active_room')
        .update({ call_status: 'Ended', active_room: null, next_deadline: null, running_state: null })
    })
  }

  async #call(room: string, joins: Kind | undefined): Promise<string> {
    const started = await roads.json(this.client('admin'), 'f_chat.initiate_call', { room_id: room })
    if (started.status !== 200) throw new Error(`No call: ${JSON.stringify(started)}`)
    const call = started.message.data.call_session_id as string
    for (const kind of joins && joins !== 'admin' ? (['admin', joins] as const) : ['admin' as const]) {
      await roads.json(this.client(kind), 'f_chat.join_call', { call_session_id: call })
    }
    return call
  }
}

/** Arguments with what a scene has in the place of `$name`; where a scene has nothing, what is nowhere. */
export function filled(args: Record<string, unknown>, scene: Scene): Record<string, unknown> {
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string' && value.startsWith('$')) return scene[value.slice(1)] ?? value
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value === 'object' && value !== null) return filled(value as Record<string, unknown>, scene)
    return value
  }
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [key.startsWith('$') ? String(fill(key)) : key, fill(value)]),
  )
}

/** An answer with every name of the scene replaced by that of something which is not there. */
export function asNowhere(text: string, scene: Scene): string {
  return Object.entries(NOWHERE).reduce((found, [name, nowhere]) => {
    const real = scene[name]
    return typeof real === 'string' ? found.replaceAll(real, String(nowhere)) : found
  }, text)
}
