import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Test } from 'tap'
import { ADMINISTRATOR } from '../../desk/permissions/roles.ts'
import { generateApiKeys } from '../../desk/site/api-keys.ts'
import { KINDS, NOWHERE, Stage, type Scene } from './contract.ts'
import type { TestDatabase } from './databases.ts'
import type { Answer, Client } from './server.ts'

/** Everybody of the matrix, and those who stand beside the rooms in a way of their own. */
export const CALLERS = [
  ...KINDS,
  'administrator',
  /** A member without any role of the chat. */
  'roleless',
  /** Looks after Chat Settings, and is in no room. */
  'chatAdmin',
  /** They come with an API key. */
  'keyedMember',
  'keyedOutsider',
] as const
export type Caller = (typeof CALLERS)[number]

const CONTENT: readonly Caller[] = ['member', 'muted', 'moderator', 'admin', 'keyedMember']
const MANAGERS: readonly Caller[] = ['manager', 'administrator']

/** Who may read what, whatever road they take (f-chat-api.md §4). */
const READERS = {
  room: [...CONTENT, ...MANAGERS],
  message: CONTENT,
  call: CONTENT,
  file: CONTENT,
  /** An upload that is in no message yet; the member's. */
  waiting: ['member'],
  upload: [],
  statistics: [...MANAGERS, 'chatAdmin'],
  /** The room's admin's. */
  activity: ['admin', ...MANAGERS],
  import: MANAGERS,
  mail: MANAGERS,
  server: MANAGERS,
  settings: [...MANAGERS, 'chatAdmin'],
} as const satisfies Record<string, readonly Caller[]>

export const sees = ({ of }: Road, caller: Caller): boolean =>
  (READERS[of] as readonly Caller[]).includes(caller)

/** A question that could be asked; the rows are data, in test/roads/*.json. */
export interface Road {
  of: keyof typeof READERS
  get?: string
  put?: string
  patch?: string
  post?: string
  delete?: string
  body?: Record<string, unknown>
  /** A form with a file, to upload_file. */
  upload?: Record<string, string>
  /** What a reader's answer holds. */
  shows?: string
  /** Not even for readers. */
  to?: 'nobody'
  /** It is about a row of a child table, which its parent decides over. */
  child?: boolean
  /** Answers 200 with what it refused. */
  quiet?: boolean
  /** Those who may do it after all. */
  but?: Caller[]
}

export function readRoads(file: 'reads' | 'writes'): Road[] {
  return JSON.parse(
    readFileSync(path.resolve(import.meta.dirname, `../roads/${file}.json`), 'utf8'),
  ) as Road[]
}

const ROLELESS = 'role@test.example'
const CHAT_ADMIN = 'chad@test.example'
const KEYED = 'keyed@test.example'
const KEYED_OUTSIDER = 'koly@test.example'
const OTHERS = 'newc@test.example'

const VERBS = ['get', 'put', 'patch', 'post', 'delete'] as const

/** Names like those of a {@link Scene} that nothing has. */
const NOTHING: Scene = {
  ...NOWHERE,
  ...Object.fromEntries(
    ['member', 'attachment', 'reaction', 'mention', 'participant', 'upload', 'import'].map((row) => [
      `${row}_row`,
      `no${row}`,
    ]),
  ),
  ...{
    file_doc: 'nofile',
    waiting_doc: 'nowaiting',
    waiting_url: '/private/files/0123456789abcdef0123456789abcdef.txt',
  },
  ...{ file_url: '/private/files/fedcba9876543210fedcba9876543210.txt', statistics: 'CR-987654-2001-01-01' },
  second: 'CR-987655',
  mail: 'nomail',
}

/** One room with everything that a room can have, and everybody who might ask about it. */
export class Crossing {
  readonly stage: Stage
  readonly scene: Scene
  readonly #clients: ReadonlyMap<Caller, Client>
  readonly #headers: ReadonlyMap<Caller, Record<string, string>>
  readonly #names: ReadonlyMap<Caller, string>

  private constructor(
    stage: Stage,
    scene: Scene,
    clients: ReadonlyMap<Caller, Client>,
    headers: ReadonlyMap<Caller, Record<string, string>>,
    names: ReadonlyMap<Caller, string>,
  ) {
    this.stage = stage
    this.scene = scene
    this.#clients = clients
    this.#headers = headers
    this.#names = names
  }

  static async open(t: Test, db: TestDatabase): Promise<Crossing> {
    const stage = await Stage.open(t, db)
    const { wire } = stage
    const chatUser = { roles: [{ role: 'Chat User' }] }
    await wire.person(ROLELESS)
    await wire.person(CHAT_ADMIN, { roles: [{ role: 'Chat Admin' }] })
    await wire.person(KEYED, chatUser)
    await wire.person(KEYED_OUTSIDER, chatUser)
    const row = { method: '', args: {}, keys: {}, may: {} as never, setup: ['file', 'call'] as const }
    const scene = await stage.scene('member', { ...row, setup: [...row.setup] })
    const filled = { ...scene, ...(await furnish(stage, scene)), second: await wire.room(OTHERS) }
    const clients = new Map<Caller, Client>(KINDS.map((kind) => [kind, stage.client(kind)]))
    clients.set('administrator', await wire.browser(ADMINISTRATOR))
    clients.set('roleless', await wire.browser(ROLELESS))
    clients.set('chatAdmin', await wire.browser(CHAT_ADMIN))
    const headers = new Map<Caller, Record<string, string>>()
    for (const [kind, user] of [
      ['keyedMember', KEYED],
      ['keyedOutsider', KEYED_OUTSIDER],
    ] as const) {
      const { api_key, api_secret } = await wire.site.asAdministrator((ctx) => generateApiKeys(ctx, user))
      headers.set(kind, { Authorization: `token ${api_key}:${api_secret}` })
      clients.set(kind, wire.served.client())
    }
    const names = new Map<Caller, string>([
      ...KINDS.map((kind): [Caller, string] => [kind, kind === 'guest' ? 'Guest' : String(scene[kind])]),
      ...([
        ['administrator', ADMINISTRATOR],
        ['roleless', ROLELESS],
        ['chatAdmin', CHAT_ADMIN],
        ['keyedMember', KEYED],
        ['keyedOutsider', KEYED_OUTSIDER],
      ] as const),
    ])
    return new Crossing(stage, filled, clients, headers, names)
  }

  /** Takes a road. */
  async ask(caller: Caller, road: Road, scene: Scene = this.scene): Promise<Answer> {
    const client = this.#clients.get(caller)
    if (!client) throw new Error(`no ${caller}`)
    const cookies = [...client.jar]
    const answer = await this.#send(client, caller, this.#filled(caller, road, scene))
    // A session that is over takes its cookie along; here it is tried again.
    for (const [name, value] of cookies) client.jar.set(name, value)
    return answer
  }

  async #send(client: Client, caller: Caller, { upload, body, ...asked }: Road): Promise<Answer> {
    const headers = this.#headers.get(caller) ?? {}
    if (upload) {
      const form = new FormData()
      form.append('file', new Blob(['x']), 'x.txt')
      for (const [key, value] of Object.entries(upload)) form.append(key, value)
      return await client.request('POST', '/api/method/upload_file', { body: form, headers })
    }
    const verb = VERBS.find((one) => asked[one] !== undefined) ?? 'get'
    const place = asked[verb] ?? ''
    return await client.request(verb.toUpperCase(), place.startsWith('/') ? place : `/api/method/${place}`, {
      headers: { ...headers, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  }

  /**
   * The scene with nothing where the caller may see nothing; undefined where the road is about nothing of the kind.
   * From those who read what it is about, others' rooms are hidden, but for the rooms' metadata from managers.
   */
  nowhere(road: Road, caller: Caller): Scene | undefined {
    const seesAll = road.of === 'room' && MANAGERS.includes(caller)
    const hidden = seesAll ? [] : sees(road, caller) ? ['second'] : Object.keys(NOTHING)
    const text = JSON.stringify(road)
    if (!hidden.some((name) => new RegExp(`\\$${name}\\b`).test(text))) return undefined
    return { ...this.scene, ...Object.fromEntries(hidden.map((name) => [name, NOTHING[name]])) }
  }

  /** An answer with every name that is hidden replaced by one that nothing has. */
  asNowhere(text: string, nowhere: Scene): string {
    return Object.keys(NOTHING).reduce((found, name) => {
      const [real, none] = [this.scene[name], nowhere[name]]
      return typeof real === 'string' && real !== none ? found.replaceAll(real, String(none)) : found
    }, text)
  }

  /** Every row that the chat's tables hold, and those of files, mail and settings. */
  async dump(): Promise<string> {
    const { site } = this.stage.wire
    const tables = [...site.registry.metas()]
      .filter(({ module, isSingle, name }) => (module === 'F Chat' && !isSingle) || EXTRA.has(name))
      .map(({ table }) => table)
    const rows = await Promise.all(
      [...tables, 'tabSingles'].map((table) =>
        site.database
          .reader(table)
          .orderBy(table === 'tabSingles' ? 'field' : 'name')
          .select('*'),
      ),
    )
    return JSON.stringify(rows)
  }

  fill(text: string, caller: Caller, scene: Scene = this.scene): string {
    const values: Scene = { ...scene, caller: this.#names.get(caller) }
    return text.replaceAll(/\$(\w+)/g, (whole, name: string) =>
      typeof values[name] === 'string' ? JSON.stringify(values[name]).slice(1, -1) : whole,
    )
  }

  #filled(caller: Caller, road: Road, scene: Scene): Road {
    return JSON.parse(this.fill(JSON.stringify(road), caller, scene)) as Road
  }
}

const EXTRA = new Set(['File', 'Email Queue', 'Email Queue Recipient', 'Error Log', 'Version'])

/** All that a room can have, behind the methods' back where no method makes it; every secret says "zebra". */
async function furnish({ wire }: Stage, scene: Scene): Promise<Scene> {
  const { room, message, admin, member, attachment } = scene as Record<string, string>
  const waiting = attachment as unknown as { file_url: string; file_doc_name: string }
  const fileUrl = String(scene.file_url)
  return await wire.site.asAdministrator(async (ctx) => {
    const { db } = ctx
    const now = ctx.now()
    const standard = { owner: admin, modified_by: admin, creation: now, modified: now, docstatus: 0, idx: 9 }
    const nameOf = async (table: string, which: Record<string, unknown>): Promise<string> => {
      const found = await db(table).where(which).first<{ name: string } | undefined>('name')
      if (!found) throw new Error(`${table} has no such row`)
      return found.name
    }
    await db('tabChat Room').where({ name: room }).update({ room_name: 'zebra room', description: 'zebra' })
    await db('tabChat Message').where({ chat_room: room }).update({ message_content: 'zebra words' })
    await db('tabChat Message Attachment').where({ file_url: fileUrl }).update({ file_name: 'zebra.txt' })
    await db('tabFile').where({ file_url: fileUrl }).update({ file_name: 'zebra.txt' })
    await db('tabChat Upload').where({ file_url: waiting.file_url }).update({ file_name: 'zebra.txt' })
    for (const [i, user] of [ROLELESS, KEYED].entries()) {
      await db('tabChat Room Member').insert({
        ...standard,
        ...{ name: `beside-${String(i)}`, parent: room, parenttype: 'Chat Room', parentfield: 'members' },
        ...{ user, role: 'Member', joined_date: now },
      })
    }
    const under = { parent: message, parenttype: 'Chat Message' }
    await db('tabChat Message Reaction').insert({
      ...{ ...standard, ...under, name: 'reaction-1', parentfield: 'reactions' },
      ...{ user: admin, reaction_emoji: 'zebra', timestamp: now },
    })
    await db('tabChat Message Mention').insert({
      ...{ ...standard, ...under, name: 'mention-1', parentfield: 'mentions' },
      ...{ user: member, label: 'zebra', chat_room: room, seq: 2 },
    })
    const statistics = `${room}-2026-01-01`
    await db('tabChat Room Statistics').insert({
      ...{ ...standard, name: statistics, chat_room: room, statistics_date: '2026-01-01', message_count: 7 },
    })
    await db('tabChat Import Map').insert({
      ...{ ...standard, name: 'import-1', source: 'x', source_doctype: 'Chat Message', target_name: message },
    })
    await db('tabChat User Activity').insert({ ...standard, name: admin, user: admin, active_room: room })
    const mail = await ctx.sendMail({
      ...{ to: 'ben@test.example', subject: 'Ann shared a message', sensitive: true, text: 'zebra words' },
      attachments: [{ filename: 'zebra.txt', content: 'zebra' }],
    })
    return {
      ...{ reaction_row: 'reaction-1', mention_row: 'mention-1', import_row: 'import-1', statistics, mail },
      member_row: await nameOf('tabChat Room Member', { parent: room, user: member }),
      attachment_row: await nameOf('tabChat Message Attachment', { file_url: fileUrl }),
      participant_row: await nameOf('tabChat Call Participant', { parent: scene.call, user: member }),
      upload_row: await nameOf('tabChat Upload', { file_url: waiting.file_url }),
      file_doc: await nameOf('tabFile', { file_url: fileUrl }),
      waiting_doc: waiting.file_doc_name,
      waiting_url: waiting.file_url,
    }
  })
}
