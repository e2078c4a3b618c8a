import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { serveSite } from '../../desk/http/scope.ts'
import type { Method } from '../../desk/method.ts'
import type { Site } from '../../desk/site/site.ts'
import { temporaryFolder } from '../desk/files/support.ts'
import { eachDatabase } from '../support/databases.ts'
import { addUser, field, forManagers, labSite, PASSWORD, recordingLog } from '../support/fixtures-app.ts'
import { openSocket, serve, type Answer, type Client } from '../support/server.ts'

/**
 * Whoever has not logged in, and whoever has no role, against every method and every address of desk. One without an
 * entry here fails the test: whoever adds it says what outsiders get of it.
 */

const OLAF = 'olaf@test.example'

interface Entry {
  /** A try at something that is not theirs. */
  args?: Record<string, unknown>
  /** The status of the answer: 403 unless told otherwise. */
  guest?: number
  outsider?: number
  /** The outsider's over a socket, where it is another. */
  socket?: number
}

/** A document of a DocType that System Managers read. */
const gold = { doctype: 'Vault', name: 'gold' }
const goldToo = { doctype: 'Vault', docname: 'gold' }
const stolen = { doc: { ...gold, label: 'mine' } }
const USER = 'frappe.core.doctype.user.user'
const MANAGER = 'frappe.core.page.permission_manager.permission_manager'
const RULE = { doctype: 'Vault', role: 'All', permlevel: 0 }

/** What everybody may ask, and get an answer about themselves or about nobody. */
const OPEN: Record<string, Entry> = {
  ping: { guest: 200, outsider: 200 },
  [`${USER}.reset_password`]: { args: { user: 'nobody@test.example' }, guest: 200, outsider: 200 },
  [`${USER}.update_password`]: { args: { new_password: 'a long one', key: 'x' }, guest: 410, outsider: 410 },
}

/** What whoever has logged in may ask: about themselves, or whether they may (they may not). */
const OWN: Record<string, Entry> = {
  'frappe.auth.get_logged_user': { outsider: 200 },
  'frappe.realtime.get_user_info': { outsider: 200 },
  'frappe.realtime.has_permission': { args: gold, outsider: 200 },
  'frappe.client.has_permission': { args: { ...goldToo, perm_type: 'read' }, outsider: 200 },
  'desk.sessions': { outsider: 200 },
  'desk.end_sessions': { args: { id: 'x'.repeat(64) }, outsider: 404 },
  'desk.personal_data.request_export': { outsider: 200 },
  version: { outsider: 200 },
  // The answer names each document that was refused.
  'frappe.client.bulk_update': { args: { docs: [{ ...goldToo, label: 'mine' }] }, outsider: 200 },
}

/** Subscriptions belong to a socket; over HTTP there is nothing to subscribe. */
const SUBSCRIPTIONS: Record<string, Entry> = {
  'frappe.realtime.doc_subscribe': { args: goldToo, outsider: 417, socket: 403 },
  'frappe.realtime.doc_unsubscribe': { args: goldToo, outsider: 417, socket: 200 },
  'frappe.realtime.doctype_subscribe': { args: { doctype: 'Vault' }, outsider: 417, socket: 403 },
  'frappe.realtime.doctype_unsubscribe': { args: { doctype: 'Vault' }, outsider: 417, socket: 200 },
}

const CLOSED: Record<string, Entry> = {
  [`${USER}.generate_keys`]: { args: { user: 'Administrator' } },
  upload_file: { args: { ...goldToo, file_url: 'https://test.example/x' } },
  run_doc_method: { args: { method: 'x', dt: 'Vault', dn: 'gold' } },
  'frappe.client.attach_file': { args: { ...goldToo, filename: 'a.txt', filedata: 'x' } },
  'frappe.client.delete': { args: gold },
  'frappe.client.get': { args: gold },
  'frappe.client.get_count': { args: gold },
  'frappe.client.get_doc_permissions': { args: goldToo },
  'frappe.client.get_list': { args: gold },
  'frappe.client.get_single_value': {
    args: { doctype: 'System Settings', field: 'allow_guests_to_upload_files' },
  },
  'frappe.client.get_value': { args: { doctype: 'Vault', fieldname: 'label', filters: 'gold' } },
  'frappe.client.insert': { args: stolen },
  'frappe.client.insert_many': { args: { docs: [stolen.doc] } },
  'frappe.client.rename_doc': { args: { doctype: 'Vault', old_name: 'gold', new_name: 'mine' } },
  'frappe.client.save': { args: stolen },
  'frappe.client.set_value': { args: { ...gold, fieldname: 'label', value: 'mine' } },
  'frappe.client.validate_link': { args: goldToo },
  // Not offered to anybody.
  'frappe.client.submit': { outsider: 417 },
  'frappe.client.cancel': { outsider: 417 },
  'frappe.client.is_document_amended': { outsider: 417 },
  'frappe.desk.form.load.getdoc': { args: gold },
  'frappe.desk.form.load.getdoctype': { args: gold },
  'frappe.desk.form.save.savedocs': { args: { ...stolen, action: 'Save' } },
  'frappe.desk.search.search_link': { args: { doctype: 'Vault' } },
  'frappe.model.rename_doc.update_document_title': { args: { ...goldToo, title: 'mine' } },
  'desk.api.jobs.retry': { args: { name: 'x' } },
  'frappe.core.doctype.scheduled_job_type.scheduled_job_type.execute_event': { args: { doc: 'x' } },
  'frappe.email.doctype.email_queue.email_queue.send_now': { args: { name: 'x' } },
  [`${MANAGER}.add`]: { args: { parent: 'Vault', role: 'All', permlevel: 0 } },
  [`${MANAGER}.get_permissions`]: { args: { doctype: 'Vault' } },
  [`${MANAGER}.remove`]: { args: RULE },
  [`${MANAGER}.reset`]: { args: { doctype: 'Vault' } },
  [`${MANAGER}.update`]: { args: { ...RULE, ptype: 'read', value: 1 } },
  'desk.personal_data.erase': { args: { user: 'Administrator', confirm: 'Administrator' } },
}

const METHODS: Record<string, Entry> = { ...OPEN, ...OWN, ...SUBSCRIPTIONS, ...CLOSED }

/** Every address, as its route is written: a path of it, and what is answered by verb (`[guest, outsider]`). */
const ROUTES: Record<string, { path?: string } & Record<string, [number, number] | string>> = {
  '/healthz': { GET: [200, 200] },
  '/readyz': { GET: [200, 200] },
  '/': { GET: [302, 302] },
  '/login': { GET: [200, 302] },
  '/forgot-password': { GET: [200, 200] },
  '/update-password': { GET: [302, 200] },
  '/desk': { GET: [302, 200] },
  '/desk/*': { path: '/desk/vault/gold', GET: [302, 200] },
  '/app': { GET: [302, 302] },
  '/app/*': { path: '/app/vault/gold', GET: [302, 302] },
  // A socket, which is refused by a close code; as a page there is nothing.
  '/realtime': { GET: [404, 404] },
  '/files/*': { path: '/files/gold.txt', GET: [404, 404] },
  '/private/files/*': { path: '/private/files/gold.txt', GET: [403, 403] },
  '/assets/desk/*': { path: '/assets/desk/../../package.json', GET: [404, 404] },
  '/api/method/*': {
    path: '/api/method/frappe.client.submit',
    GET: [403, 403],
    POST: [403, 417],
    PUT: [403, 417],
    DELETE: [403, 403],
    PATCH: [403, 403],
  },
  '/api/method/download_file': {
    path: '/api/method/download_file?file_url=/private/files/gold.txt',
    GET: [403, 403],
  },
  '/api/method/frappe.core.doctype.file.file.download_file': {
    path: '/api/method/frappe.core.doctype.file.file.download_file?file_url=/private/files/gold.txt',
    GET: [403, 403],
  },
  // What a page of the site may know of whoever looks at it.
  '/api/method/desk.boot': { GET: [200, 200] },
  '/api/docs': { GET: [302, 200] },
  '/api/docs/json': { GET: [401, 200] },
  '/api/resource/:doctype': { path: '/api/resource/Vault', GET: [403, 403], POST: [403, 403] },
  '/api/resource/:doctype/': { path: '/api/resource/Vault/', GET: [403, 403], POST: [403, 403] },
  '/api/resource/:doctype/*': {
    path: '/api/resource/Vault/gold?run_method=x',
    GET: [403, 403],
    POST: [403, 403],
    PUT: [403, 403],
    DELETE: [403, 403],
  },
}

const deep = '['.repeat(20_000) + ']'.repeat(20_000)
/** Values that no method has been made for; as JSON. */
const ODD: readonly string[] = [
  ...[7, -1e308, true, null, '', [1, [2]], { a: {} }, ['>', {}], 'x'.repeat(200_000)].map((v) =>
    JSON.stringify(v),
  ),
  ...['a\u0000b', `' or 1=1 -- \\`, '{"a":', '[["x"]]', '{"name":["like",{}]}', '<script>1</script>'].map(
    (v) => JSON.stringify(v),
  ),
  '"\\ud800"',
  '{"__proto__":{"a":1},"constructor":{}}',
  deep,
]

async function labOf(t: Test, db: Parameters<typeof labSite>[1]): Promise<Lab> {
  const log = recordingLog()
  const vault = { autoname: 'Prompt', fields: [field('label')], permissions: forManagers }
  const site = await labSite(t, db, { doctypes: { Vault: vault } }, { path: temporaryFolder(t), log })
  await site.asAdministrator(async (ctx) => {
    await ctx.insert('Vault', { name: 'gold', label: 'the secret' })
    await ctx.saveFile({ name: 'gold.txt', content: Buffer.from('the secret') })
  })
  await addUser(site, OLAF, [], { new_password: PASSWORD })
  const served = await serve(t, site)
  const olaf = await served.login(OLAF, PASSWORD)
  const socket = openSocket(t, served, { cookie: olaf.cookie })
  await socket.event('ready')
  // From here on the session asks for its token.
  const boot = await olaf.get('/api/method/desk.boot', { 'Sec-Fetch-Site': 'same-origin' })
  olaf.csrf = String(boot.body.message.csrf_token)
  return { site, log, guest: served.client(), olaf, socket }
}

interface Lab {
  site: Site
  log: ReturnType<typeof recordingLog>
  guest: Client
  olaf: Client
  socket: ReturnType<typeof openSocket>
}

/** Calls a method as its verbs allow; a limit on calls is none here. */
async function call({ site }: Lab, client: Client, { name, verbs }: Method, body: string): Promise<Answer> {
  for (const who of ['127.0.0.1', OLAF]) await site.limits.clear(`call:${name}:${who}`)
  const headers = { 'Content-Type': 'application/json' }
  return await client.request(verbs.includes('POST') ? 'POST' : (verbs[0] ?? 'GET'), `/api/method/${name}`, {
    headers,
    body,
  })
}

await eachDatabase(t, 'every method, for those who have no business there', async (t, db) => {
  const lab = await labOf(t, db)
  const { site, guest, olaf, socket } = lab
  const methods = [...site.registry.methods()]
  const named = new Set(methods.map(({ name }) => name))
  t.same(
    [...Object.keys(METHODS)].filter((name) => !named.has(name)),
    [],
    'no entry is left over',
  )

  await t.test('what they try is refused, by every road', async (t) => {
    for (const method of methods) {
      const entry = METHODS[method.name]
      if (!entry) {
        t.fail(`${method.name} has no entry: say here what outsiders get of it`)
        continue
      }
      const { args = {}, guest: forGuest = 403, outsider = 403, socket: bySocket = outsider } = entry
      const body = JSON.stringify(args)
      const answers = [await call(lab, guest, method, body), await call(lab, olaf, method, body)]
      await site.limits.clear(`call:${method.name}:${OLAF}`)
      const frame = await socket.call(method.name, args)
      t.same(
        [...answers.map(({ status }) => status), frame.status ?? 200],
        [forGuest, outsider, bySocket],
        method.name,
      )
      for (const text of [...answers.map((answer) => answer.text), JSON.stringify(frame)])
        t.notMatch(text, /the secret/, `${method.name} tells nothing`)
    }
  })

  await t.test('whatever the arguments, they are answered with what is wrong', async (t) => {
    for (const method of methods) {
      const keys = Object.keys(method.input.properties)
      const { args = {} } = METHODS[method.name] ?? {}
      const bodies = ['', '{}', '[]', '7', deep]
      for (const odd of ODD) {
        bodies.push(`{${keys.map((key) => `${JSON.stringify(key)}:${odd}`).join(',')}}`)
        for (const key of keys) bodies.push(withOdd(args, key, odd))
      }
      for (const client of method.allowGuest ? [guest, olaf] : [olaf]) {
        for (const body of bodies) {
          const { status } = await call(lab, client, method, body)
          if (status >= 500) t.fail(`${method.name}: ${String(status)} for ${body.slice(0, 120)}`)
        }
      }
    }
    t.same(lab.log.errors, [])
  })

  await t.test('and nothing has changed', async (t) => {
    const reader = site.database.reader
    t.same(await reader('tabVault').select('name', 'label'), [{ name: 'gold', label: 'the secret' }])
    t.same(await reader('tabCustom DocPerm').pluck('name'), [])
    t.same(await reader('tabUser').whereNotNull('api_key').pluck('name'), [])
    t.same(await reader('tabUser').orderBy('name').pluck('name'), ['Administrator', 'Guest', OLAF])
  })
})

/** Good arguments but for one. */
function withOdd(args: Record<string, unknown>, key: string, odd: string): string {
  const good = Object.entries(args).filter(([name]) => name !== key)
  const parts = good.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  return `{${[...parts, `${JSON.stringify(key)}:${odd}`].join(',')}}`
}

await eachDatabase(t, 'every address, for those who have no business there', async (t, db) => {
  const { site, guest, olaf, log } = await labOf(t, db)
  const found = new Map<string, Set<string>>()
  const probe = Fastify()
  probe.addHook('onRoute', ({ url, method }) => {
    const known = found.get(url) ?? new Set()
    for (const verb of [method].flat()) found.set(url, known.add(verb))
  })
  await serveSite(probe, { site, build: 'test-build' })
  await probe.ready()
  t.teardown(() => probe.close())

  const routes = [...found].map(([url, verbs]) => [url, url.replace('/api/v1/', '/api/'), verbs] as const)
  const known = new Set(routes.map(([, route]) => route))
  t.same(
    Object.keys(ROUTES).filter((route) => !known.has(route)),
    [],
    'no entry is left over',
  )
  for (const [url, route, verbs] of routes) {
    const entry = ROUTES[route]
    const wanted = [...verbs].filter((verb) => verb !== 'HEAD')
    t.same(
      Object.keys(entry ?? {})
        .filter((key) => key !== 'path')
        .sort(),
      wanted.sort(),
      `${url} has an entry`,
    )
    const path = (entry?.path ?? route).replace('/api/', url === route ? '/api/' : '/api/v1/')
    for (const verb of wanted) {
      const expected = entry?.[verb]
      const answers = [await guest.request(verb, path), await olaf.request(verb, path)]
      t.same(
        answers.map(({ status }) => status),
        expected,
        `${verb} ${url}`,
      )
      for (const { text } of answers) t.notMatch(text, /the secret/)
      if (!verbs.has('HEAD') || verb !== 'GET') continue
      const head = await guest.request('HEAD', path)
      t.match(head, { status: answers[0]?.status, text: '' }, `HEAD ${url}`)
    }
  }
  t.same(log.errors, [])
})
