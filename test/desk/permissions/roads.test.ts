import t from 'tap'
import type { Site } from '../../../desk/site/site.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, addUser, field, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import {
  openSocket,
  serve,
  type Answer,
  type Body,
  type Client,
  type TestSocket,
} from '../../support/server.ts'
import { temporaryFolder } from '../files/support.ts'

/**
 * Role × document × road: whoever asks for a document gets the same answer by every road there is, for reading and
 * for writing.
 */

const DOCS = ['a', 'b', 'mine', 'row of b', 'shut'] as const
type Doc = (typeof DOCS)[number]

interface Actor {
  roles: string[]
  /** Documents that the actor reads. */
  reads: readonly Doc[]
  /** Those that the actor may change. */
  writes: readonly Doc[]
  /** Whether the fields of level 1 are open. */
  level: 'none' | 'read' | 'write'
}

const nothing = { reads: [], writes: [], level: 'none' } as const
const open = ['a', 'b', 'mine', 'row of b'] as const

/** Who may what. `mine` belongs to the actor called owner; company B is outside the limits of the one called limited. */
const ACTORS: Record<string, Actor> = {
  guest: { roles: [], ...nothing },
  outsider: { roles: ['Other'], ...nothing },
  'off duty': { roles: ['Off'], ...nothing },
  reader: { roles: ['Reader'], reads: open, writes: [], level: 'none' },
  author: { roles: ['Author'], reads: open, writes: open, level: 'none' },
  owner: { roles: ['Owner'], reads: ['mine'], writes: ['mine'], level: 'none' },
  limited: { roles: ['Author'], reads: ['a', 'mine'], writes: ['a', 'mine'], level: 'none' },
  auditor: { roles: ['Reader', 'Auditor'], reads: open, writes: [], level: 'read' },
  chief: { roles: ['Author', 'Chief'], reads: open, writes: open, level: 'write' },
  Administrator: { roles: [], reads: open, writes: open, level: 'write' },
}

const all = { read: 1, write: 1, create: 1, delete: 1 }

async function caseSite(t: Tap, db: Db): Promise<Site> {
  const site = await labSite(
    t,
    db,
    {
      doctypes: {
        Company: { autoname: 'Prompt', fields: [field('n', 'Int')], permissions: [{ role: 'All', read: 1 }] },
        'Case Row': {
          istable: 1,
          fields: [
            field('text'),
            field('secret', 'Data', { permlevel: 1 }),
            field('company', 'Link', { options: 'Company' }),
          ],
        },
        Case: {
          autoname: 'Prompt',
          allow_rename: 1,
          title_field: 'title',
          search_fields: 'title',
          fields: [
            field('title'),
            field('state'),
            field('secret', 'Data', { permlevel: 1 }),
            field('company', 'Link', { options: 'Company' }),
            field('rows', 'Table', { options: 'Case Row' }),
          ],
          permissions: [
            { role: 'Reader', read: 1 },
            { role: 'Author', ...all },
            { role: 'Off', ...all },
            { role: 'Owner', ...all, if_owner: 1 },
            { role: 'Auditor', permlevel: 1, read: 1 },
            { role: 'Chief', permlevel: 1, read: 1, write: 1 },
          ],
        },
      },
      has_permission: { Case: (doc) => doc.get('state') !== 'shut' },
      permission_query_conditions: {
        Case: (query) => {
          void query.where((either) => {
            void either.whereNull('tabCase.state').orWhereNot('tabCase.state', 'shut')
          })
        },
      },
    },
    { path: temporaryFolder(t) },
  )
  for (const [name, { roles }] of Object.entries(ACTORS)) {
    if (name !== 'guest' && name !== 'Administrator')
      await addUser(site, emailOf(name), roles, { new_password: PASSWORD })
  }
  await addUser(site, UPLOADER)
  await site.asAdministrator(async (ctx) => {
    const off = await ctx.getDoc('Role', 'Off')
    off.set('disabled', 1)
    await off.save()
    for (const name of ['A', 'B']) await ctx.insert('Company', { name })
    await ctx.insert('User Permission', { user: emailOf('limited'), allow: 'Company', for_value: 'A' })
  })
  return site
}

const UPLOADER = 'uploader@test.example'

const emailOf = (actor: string): string =>
  actor === 'Administrator' ? actor : actor === 'guest' ? 'Guest' : `${actor.replace(' ', '-')}@test.example`

type Tap = Parameters<typeof labSite>[0]
type Db = Parameters<typeof labSite>[1]

/** Puts the five documents as they were, whatever was done to them. */
async function lay(site: Site): Promise<void> {
  const row = (company: string): object => ({ text: 'row', secret: 'row secret', company })
  const values: Record<Doc, object> = {
    a: { company: 'A', rows: [row('A')] },
    b: { company: 'B', rows: [row('A')] },
    mine: { rows: [row('A')] },
    'row of b': { company: 'A', rows: [row('B')] },
    shut: { company: 'A', state: 'shut', rows: [row('A')] },
  }
  await site.asAdministrator(async (ctx) => {
    for (const table of ['tabCase', 'tabCase Row']) await ctx.db(table).delete()
    await ctx.db('tabFile').where({ is_folder: 0 }).delete()
    for (const name of DOCS) {
      await ctx.insert(
        'Case',
        { name, title: `title ${name}`, secret: 'secret', ...values[name] },
        { ignorePermissions: true },
      )
    }
    await ctx
      .db('tabCase')
      .where({ name: 'mine' })
      .update({ owner: emailOf('owner') })
  })
}

/** Puts a private file on each document. */
async function attach(site: Site): Promise<void> {
  await site.asAdministrator(async (ctx) => {
    for (const name of DOCS) {
      // A file's owner reads it whatever it is on: this one asks for nothing.
      await ctx.asUser(UPLOADER).saveFile({
        name: `${name}.txt`,
        content: Buffer.from(`file of ${name}`),
        isPrivate: true,
        attachedTo: { doctype: 'Case', name },
      })
    }
  })
}

/** One caller with everything that one calls by. */
interface Caller {
  http: Client
  socket: TestSocket | null
}

const json = (value: unknown): string => encodeURIComponent(JSON.stringify(value))
const path = (name: string): string => `/api/resource/Case/${encodeURIComponent(name)}`
const call = (http: Client, method: string, args: Record<string, unknown>): Promise<Answer> =>
  http.post(`/api/method/${method}`, args)

/** Roads by which one document is read: whether it was. */
const READS: Record<string, (caller: Caller, name: Doc, site: Site) => Promise<boolean>> = {
  'GET resource': async ({ http }, name) => (await http.get(path(name))).body.data?.name === name,
  'frappe.client.get': async ({ http }, name) =>
    (await call(http, 'frappe.client.get', { doctype: 'Case', name })).body.message?.name === name,
  'frappe.client.get_value': async ({ http }, name) =>
    (await call(http, 'frappe.client.get_value', { doctype: 'Case', filters: { name }, fieldname: 'title' }))
      .body.message?.title === `title ${name}`,
  'frappe.client.get over the socket': async ({ socket }, name) =>
    socket !== null &&
    (await socket.call('frappe.client.get', { doctype: 'Case', name })).message?.name === name,
  'frappe.client.get_list': async ({ http }, name) =>
    includes(await call(http, 'frappe.client.get_list', { doctype: 'Case', limit_page_length: 0 }), name),
  'GET list': async ({ http }, name) => dataIncludes(await http.get('/api/resource/Case?limit=0'), name),
  'GET list with or_filters': async ({ http }, name) =>
    dataIncludes(
      await http.get(
        `/api/resource/Case?limit=0&or_filters=${json([
          ['title', 'like', '%'],
          ['name', 'is', 'set'],
        ])}`,
      ),
      name,
    ),
  'frappe.client.get_count': async ({ http }, name) =>
    (await call(http, 'frappe.client.get_count', { doctype: 'Case', filters: { name } })).body.message === 1,
  search_link: async ({ http }, name) => {
    const answer = await call(http, 'frappe.desk.search.search_link', {
      doctype: 'Case',
      txt: `title ${name}`,
    })
    return Array.isArray(answer.body.message) && answer.body.message.some(({ value }: Body) => value === name)
  },
  'frappe.client.has_permission': async ({ http }, name) =>
    (await call(http, 'frappe.client.has_permission', { doctype: 'Case', docname: name, perm_type: 'read' }))
      .body.message?.has_permission === true,
  'rows in a list': async ({ http }, name) => {
    const answer = await http.get(`/api/resource/Case Row?parent=Case&limit=0&fields=${json(['parent'])}`)
    return Array.isArray(answer.body.data) && answer.body.data.some(({ parent }: Body) => parent === name)
  },
  'a row by its name': async ({ http }, name, site) => {
    const row = await site.database
      .reader('tabCase Row')
      .where({ parent: name })
      .first<{ name: string }>('name')
    return (await http.get(`/api/resource/Case Row/${row.name}`)).body.data?.parent === name
  },
  'a file on it': async ({ http }, name, site) => {
    const file = await site.database
      .reader('tabFile')
      .where({ attached_to_doctype: 'Case', attached_to_name: name })
      .first<{ file_url: string }>('file_url')
    return (await http.get(encodeURI(file.file_url))).text === `file of ${name}`
  },
  doc_subscribe: async ({ socket }, docname) =>
    socket !== null &&
    (await socket.call('frappe.realtime.doc_subscribe', { doctype: 'Case', docname })).status === undefined,
}

const includes = ({ body }: Answer, name: string): boolean =>
  Array.isArray(body.message) && body.message.some((row: Body) => row.name === name)
const dataIncludes = ({ body }: Answer, name: string): boolean =>
  Array.isArray(body.data) && body.data.some((row: Body) => row.name === name)

/** Roads by which one document is changed: what is done, and how the table tells that it was. */
const WRITES: Record<string, { act: (caller: Caller, name: Doc) => Promise<unknown>; done: Done }> = {
  'PUT resource': {
    act: ({ http }, name) => http.put(path(name), { title: 'changed' }),
    done: titleIs('changed'),
  },
  'frappe.client.set_value': {
    act: ({ http }, name) =>
      call(http, 'frappe.client.set_value', { doctype: 'Case', name, fieldname: 'title', value: 'changed' }),
    done: titleIs('changed'),
  },
  'frappe.client.set_value over the socket': {
    act: async ({ socket }, name) =>
      socket?.call('frappe.client.set_value', {
        doctype: 'Case',
        name,
        fieldname: 'title',
        value: 'changed',
      }),
    done: titleIs('changed'),
  },
  'frappe.client.save': {
    act: ({ http }, name) =>
      call(http, 'frappe.client.save', { doc: { doctype: 'Case', name, title: 'changed' } }),
    done: titleIs('changed'),
  },
  'frappe.client.bulk_update': {
    act: ({ http }, name) =>
      call(http, 'frappe.client.bulk_update', {
        docs: [{ doctype: 'Case', docname: name, title: 'changed' }],
      }),
    done: titleIs('changed'),
  },
  'a row through its parent': {
    act: ({ http }, name) =>
      call(http, 'frappe.client.insert', {
        doc: { doctype: 'Case Row', parent: name, parenttype: 'Case', parentfield: 'rows', text: 'added' },
      }),
    done: async (site, name) =>
      (await site.database.reader('tabCase Row').where({ parent: name, text: 'added' })).length > 0,
  },
  'frappe.client.rename_doc': {
    act: ({ http }, name) =>
      call(http, 'frappe.client.rename_doc', { doctype: 'Case', old_name: name, new_name: 'other' }),
    done: isGone,
  },
  'DELETE resource': { act: ({ http }, name) => http.delete(path(name)), done: isGone },
  'frappe.client.delete': {
    act: ({ http }, name) => call(http, 'frappe.client.delete', { doctype: 'Case', name }),
    done: isGone,
  },
}

type Done = (site: Site, name: Doc) => Promise<boolean>
function titleIs(title: string): Done {
  return async (site, name) => (await site.database.reader('tabCase').where({ name, title })).length === 1
}
async function isGone(site: Site, name: Doc): Promise<boolean> {
  return (await site.database.reader('tabCase').where({ name })).length === 0
}

await eachDatabase(t, 'every road gives the same answer', async (t, db) => {
  const site = await caseSite(t, db)
  const served = await serve(t, site)
  const callers = new Map<string, Caller>()
  for (const name of Object.keys(ACTORS)) {
    if (name === 'guest') {
      callers.set(name, { http: served.client(), socket: null })
      continue
    }
    const http = await served.login(emailOf(name), name === 'Administrator' ? ADMIN_PASSWORD : PASSWORD)
    const socket = openSocket(t, served, { cookie: http.cookie })
    await socket.event('ready')
    callers.set(name, { http, socket })
  }
  await lay(site)
  await attach(site)

  for (const [road, reads] of Object.entries(READS)) {
    await t.test(`reading by ${road}`, async (t) => {
      for (const [name, actor] of Object.entries(ACTORS)) {
        const caller = callers.get(name)
        if (!caller) continue
        const seen: Doc[] = []
        for (const doc of DOCS) if (await reads(caller, doc, site)) seen.push(doc)
        t.same(seen, actor.reads, name)
      }
    })
  }

  for (const [road, { act, done }] of Object.entries(WRITES)) {
    await t.test(`writing by ${road}`, async (t) => {
      for (const [name, actor] of Object.entries(ACTORS)) {
        const caller = callers.get(name)
        if (!caller || (name === 'guest' && road.includes('socket'))) continue
        const changed: Doc[] = []
        await lay(site)
        for (const doc of DOCS) {
          await act(caller, doc)
          if (!(await done(site, doc))) continue
          changed.push(doc)
          await lay(site)
        }
        t.same(changed, actor.writes, name)
      }
    })
  }

  await t.test('fields above one’s level', async (t) => {
    await lay(site)
    for (const [name, { reads, level }] of Object.entries(ACTORS)) {
      const caller = callers.get(name)
      if (!caller || !reads.includes('a')) continue
      const { http } = caller
      const sees = level !== 'none'
      const got = (await http.get(path('a'))).body.data
      const client = (await call(http, 'frappe.client.get', { doctype: 'Case', name: 'a' })).body.message
      for (const [road, doc] of [
        ['resource', got],
        ['frappe.client.get', client],
      ] as const) {
        t.equal(doc.secret, sees ? 'secret' : undefined, `${name}: ${road}`)
        t.equal(doc.rows[0].secret, sees ? 'row secret' : undefined, `${name}: a row by ${road}`)
      }
      const star = await http.get(`/api/resource/Case?fields=${json(['*'])}&filters=${json({ name: 'a' })}`)
      t.equal(star.body.data[0].secret, sees ? 'secret' : undefined, `${name}: a list of all fields`)
      const named = await http.get(
        `/api/resource/Case?fields=${json(['secret'])}&filters=${json({ name: 'a' })}`,
      )
      t.equal(named.body.data?.[0]?.secret, sees ? 'secret' : undefined, `${name}: a list of this field`)
      const rows = await http.get(`/api/resource/Case Row?parent=Case&fields=${json(['*'])}`)
      t.equal(rows.body.data[0].secret, sees ? 'row secret' : undefined, `${name}: a list of rows`)
      const value = await call(http, 'frappe.client.get_value', {
        doctype: 'Case',
        filters: { name: 'a' },
        fieldname: 'secret',
      })
      t.equal(value.body.message?.secret, sees ? 'secret' : undefined, `${name}: get_value`)
      for (const query of [
        `filters=${json({ secret: 'secret' })}`,
        `or_filters=${json({ secret: 'secret' })}`,
        'order_by=secret desc',
        'group_by=secret',
      ]) {
        const answer = await http.get(`/api/resource/Case?${query}`)
        t.equal(answer.status === 200, sees, `${name}: ${query}`)
      }
      const count = await call(http, 'frappe.client.get_count', {
        doctype: 'Case',
        filters: { secret: 'secret' },
      })
      t.equal(count.status === 200, sees, `${name}: a count by this field`)
    }
  })

  await t.test('fields above one’s level are not written, the others are', async (t) => {
    for (const [name, { writes, level }] of Object.entries(ACTORS)) {
      const caller = callers.get(name)
      if (!caller || !writes.includes('a')) continue
      await lay(site)
      const got = (await caller.http.get(path('a'))).body.data
      const rows = [{ ...got.rows[0], text: 'new', secret: 'taken' }]
      await caller.http.put(path('a'), { title: 'new', secret: 'taken', rows })
      const db = site.database.reader
      t.match(
        await db('tabCase').where({ name: 'a' }).first(),
        { title: 'new', secret: level === 'write' ? 'taken' : 'secret' },
        name,
      )
      t.match(
        await db('tabCase Row').where({ parent: 'a' }).first(),
        { text: 'new', secret: level === 'write' ? 'taken' : 'row secret' },
        `${name}: in a row`,
      )
      await call(caller.http, 'frappe.client.set_value', {
        doctype: 'Case',
        name: 'a',
        fieldname: 'secret',
        value: 'again',
      })
      t.match(
        await db('tabCase').where({ name: 'a' }).first(),
        { secret: level === 'write' ? 'again' : 'secret' },
        `${name}: set_value`,
      )
    }
  })

  await t.test('nobody moves a document out of their limits, or makes one outside', async (t) => {
    await lay(site)
    const http = callers.get('limited')?.http
    t.equal((await http?.put(path('a'), { company: 'B' }))?.status, 403)
    t.equal((await http?.post('/api/resource/Case', { name: 'new', company: 'B' }))?.status, 403)
    t.equal((await http?.post('/api/resource/Case', { name: 'new', company: 'A' }))?.status, 200)
    t.match(await site.database.reader('tabCase').where({ name: 'a' }).first(), { company: 'A' })
  })
})
