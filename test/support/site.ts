import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Test } from 'tap'
import { loadApp, type LoadedApp } from '../../desk/site/apps.ts'
import { migrateWithUsers } from '../../desk/site/create.ts'
import { loadDesk } from '../../desk/site/open.ts'
import { migrate } from '../../desk/site/migrate.ts'
import type { SiteConfig } from '../../desk/site/config.ts'
import { Site, type Log } from '../../desk/site/site.ts'
import type { BusMessage } from '../../desk/realtime/bus.ts'
import { createChatRoom } from '../../api/rooms.ts'
import { sendMessage } from '../../api/messages.ts'
import type { SentMessage } from '../../doctypes/chat_message/post.ts'
import type { TypedMethod } from '../../desk/method.ts'
import { createDatabase, type Database } from '../../desk/db/index.ts'
import type { TestDatabase } from './databases.ts'

const root = resolve(import.meta.dirname, '../..')

const loaded = new Map<string, Promise<LoadedApp>>()
/** An app of this repository, by its folder. */
function repositoryApp(folder: string): Promise<LoadedApp> {
  let app = loaded.get(folder)
  if (!app) loaded.set(folder, (app = loadApp(resolve(root, folder))))
  return app
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** What a site has besides the defaults: keys of site_config.json, and a folder of its own for files. */
export interface SiteOptions {
  config?: SiteConfig
  path?: string
}

/** A migrated site on this database with desk and these apps. */
export async function makeSite(
  database: Database,
  folders: readonly string[],
  log: Log = silent,
  { config = {}, path = '/nonexistent' }: SiteOptions = {},
): Promise<Site> {
  const apps = [await loadDesk(), ...(await Promise.all(folders.map(repositoryApp)))]
  const defaults = { time_zone: 'UTC', encryption_key: 'key of a test site, long and random enough' }
  const parts = { name: 'test', path, config: { ...defaults, ...config }, database, log }
  await migrateWithUsers(new Site({ ...parts, apps: apps.slice(0, 1) }), 'admin-password')
  const site = new Site({ ...parts, apps })
  await migrate(site)
  return site
}

/** A site in which people chat, for a test. */
export interface ChatSite {
  site: Site
  /** Calls a method as a user; answers its `data`, else all of it, as it goes over the wire. */
  call: Call
  /** What went over the bus since the last time this was asked, but for notices of documents. */
  published: () => BusMessage[]
  /** The statements that the work sends, but for BEGIN and COMMIT, and for facts that are remembered for a second. */
  statements: (work: () => Promise<unknown>) => Promise<string[]>
  /** A new Group Chat. */
  room: (admin: string, members?: readonly string[], type?: string) => Promise<string>
  send: (user: string, room: string, text: string) => Promise<SentMessage>
}

/** Roles and rules, read once for everybody (SiteCache): whether a call meets them fresh is chance. */
const REMEMBERED =
  /left join `tabHas Role`|from `tab(Role|Custom DocPerm|User Permission|Document Naming Rule)`|select `value` from `tabSingles`/

/** What every document that is saved is followed by, whatever it is. */
export const isNotice = (message: BusMessage): boolean =>
  message.type === 'invalidate' ||
  (message.type === 'event' && /^(doc_update|list_update)$/.test(message.event))

type Call = <Args, Output>(
  user: string,
  method: TypedMethod<Args, Output>,
  args?: Record<string, unknown>,
) => Promise<DataOf<Output>>

type DataOf<Output> = Output extends { data: infer Data } ? Data : Output

function dataOf<Output>(answer: Output): DataOf<Output> {
  const hasData = typeof answer === 'object' && answer !== null && 'data' in answer
  return JSON.parse(JSON.stringify(hasData ? answer.data : answer)) as DataOf<Output>
}

export const ANN = 'ann@test.example'
export const BEN = 'ben@test.example'
export const CLEO = 'cleo@test.example'
export const OUTSIDER = 'olaf@test.example'

/** F-Chat on a fresh database with four people, closed when the subtest ends. */
export async function chatSite(t: Test, db: TestDatabase, options?: SiteOptions): Promise<ChatSite> {
  const database = createDatabase({ pool_size: 16, ...(await db.config()) })
  const folder = mkdtempSync(join(tmpdir(), 'f-chat-site-'))
  const site = await makeSite(database, ['.'], silent, { path: folder, ...options })
  t.teardown(async () => {
    await site.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await site.asAdministrator(async (ctx) => {
    for (const email of [ANN, BEN, CLEO, OUTSIDER]) {
      const first_name = email.charAt(0).toUpperCase() + email.slice(1, email.indexOf('@'))
      await ctx.insert('User', { email, first_name, roles: [{ role: 'Chat User' }] })
    }
  })
  const messages: BusMessage[] = []
  site.bus.subscribe((message) => {
    if (!isNotice(message)) messages.push(message)
  })
  const call: Call = async <Args, Output>(user: string, method: TypedMethod<Args, Output>, args = {}) =>
    dataOf((await site.call(method.name, args, { user })) as Output)
  return {
    site,
    call,
    published: () => messages.splice(0),
    async statements(work) {
      const sent: string[] = []
      const stop = database.onQuery((sql) => sent.push(sql))
      await work()
      stop()
      return sent.filter((sql) => !/^(begin|commit|rollback)/i.test(sql) && !REMEMBERED.test(sql))
    },
    async room(admin, members = [], type = 'Group Chat') {
      const created = await call(admin, createChatRoom, {
        room_name: 'Room',
        room_type: type,
        members,
      })
      return created.room_id
    },
    send: (user, room, text) => call(user, sendMessage, { room_id: room, message_content: text }),
  }
}

/** What a refused call rejects with. */
export const refusal = (status: number, message = /./): { status: number; message: RegExp } => ({
  status,
  message,
})
