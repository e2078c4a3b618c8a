import { build } from 'esbuild'
import { FrappeApp } from 'frappe-js-sdk'
import type { TokenParams } from 'frappe-js-sdk/lib/frappe_app/types.js'
import path from 'node:path'
import t, { type Test } from 'tap'
import { needsChromium, openBrowser } from '../e2e/support/browser.ts'
import { clientApp } from '../support/client-app.ts'
import { eachDatabase } from '../support/databases.ts'
import { ADMIN_PASSWORD, addUser, labSite, PASSWORD } from '../support/fixtures-app.ts'
import { serve, type Body, type Served } from '../support/server.ts'

const CLERK = 'clerk@test.example'

/** The SDK as a program has it, with the cookie jar that a browser would have. */
function sdk(served: Served, token?: TokenParams): FrappeApp {
  const app = new FrappeApp(served.url, token)
  const jar = new Map<string, string>()
  app.axios.interceptors.request.use((config) => {
    if (jar.size > 0) config.headers.Cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    return config
  })
  app.axios.interceptors.response.use((response) => {
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return response
  })
  return app
}

async function loggedIn(served: Served, username: string, password: string): Promise<FrappeApp> {
  const app = sdk(served)
  await app.auth().loginWithUsernamePassword({ username, password })
  return app
}

/** What the SDK throws: no Error, but the body with the status and two texts. */
async function thrown(work: Promise<unknown>): Promise<Body> {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('It should have been refused.')
}

const fails = async (t: Test, work: Promise<unknown>, httpStatus: number, excType: string): Promise<Body> => {
  const error: Body = await thrown(work)
  t.match(error, { httpStatus, exc_type: excType }, JSON.stringify(error))
  t.type(error.httpStatusText, 'string')
  t.match(error.exception, excType)
  t.ok(error.message)
  return error
}

await eachDatabase(t, 'frappe-js-sdk', async (t, db) => {
  const site = await labSite(t, db, clientApp, { path: t.testdir() })
  await addUser(site, CLERK, ['Clerk'], { new_password: PASSWORD, first_name: 'Clara' })
  const served = await serve(t, site)
  const admin = await loggedIn(served, 'Administrator', ADMIN_PASSWORD)
  const clerk = await loggedIn(served, CLERK, PASSWORD)
  const docs = admin.db()

  await t.test('auth: login, who, logout', async (t) => {
    const app = sdk(served)
    await fails(t, app.auth().getLoggedInUser(), 403, 'PermissionError')
    const wrong = { username: CLERK, password: 'wrong' }
    const error = await fails(t, app.auth().loginWithUsernamePassword(wrong), 401, 'AuthenticationError')
    t.equal(error.message, 'Invalid login credentials')
    t.match(await app.auth().loginWithUsernamePassword({ ...wrong, password: PASSWORD }), {
      message: 'Logged In',
      full_name: 'Clara',
      home_page: '/desk',
    })
    t.equal(await app.auth().getLoggedInUser(), CLERK)
    await app.auth().logout()
    await fails(t, app.auth().getLoggedInUser(), 403, 'PermissionError')
  })

  await t.test('auth: a forgotten password', async (t) => {
    await sdk(served).auth().forgetPassword(CLERK)
    await sdk(served).auth().forgetPassword('nobody@test.example')
    await fails(t, sdk(served).auth().forgetPassword(''), 417, 'ValidationError')
  })

  await t.test('db: create, read, update, delete', async (t) => {
    const created = await docs.createDoc('Ticket', { subject: 'One', steps: [{ title: 'a' }] })
    t.match(created, { name: 'T-0001', subject: 'One', docstatus: 0, steps: [{ title: 'a', idx: 1 }] })
    t.notOk('note' in created, 'no nulls')
    t.match(await docs.getDoc('Ticket', 'T-0001'), { subject: 'One' })
    t.match(await docs.updateDoc('Ticket', 'T-0001', { note: 'n' }), {
      note: 'n',
      steps: [{ title: 'a' }],
    })
    const rows = await docs.updateDoc('Ticket', 'T-0001', { steps: [{ title: 'b' }, { title: 'c' }] })
    t.match(rows.steps, [{ title: 'b' }, { title: 'c' }])
    await docs.createDoc('Label', { name: 'A/B 1', color: 'red' })
    t.match(await docs.getDoc('Label', 'A/B 1'), { name: 'A/B 1', color: 'red' })
    t.match(await docs.updateDoc('Label', 'A/B 1', { color: 'ä%&?' }), { color: 'ä%&?' })
    t.match(
      await docs.getDoc('Preferences'),
      { name: 'Preferences', theme: 'light' },
      'a Single needs no name',
    )
    await docs.createDoc('Label', { name: 'gone' })
    t.same(await docs.deleteDoc('Label', 'gone'), { data: 'ok' })
    await fails(t, docs.getDoc('Label', 'gone'), 404, 'DoesNotExistError')
  })

  await t.test('db: lists, with every option', async (t) => {
    for (let rank = 2; rank <= 25; rank++)
      await docs.createDoc('Ticket', { subject: `s${String(rank)}`, rank })
    t.equal((await docs.getDocList('Ticket')).length, 20)
    t.same((await docs.getDocList('Ticket'))[0], { name: 'T-0001' })
    t.equal((await docs.getDocList('Ticket', { limit: 0 })).length, 25)
    const some = {
      fields: ['subject', 'rank'],
      filters: [['rank', 'in', [4, 5, 6]] as ['rank', 'in', number[]]],
      orderBy: { field: 'rank', order: 'desc' as const },
    }
    t.same(await docs.getDocList('Ticket', some), [
      { subject: 's6', rank: 6 },
      { subject: 's5', rank: 5 },
      { subject: 's4', rank: 4 },
    ])
    t.same(await docs.getDocList('Ticket', { ...some, limit: 1, limit_start: 1, asDict: false }), [['s5', 5]])
    t.same(
      await docs.getDocList('Ticket', {
        fields: ['rank'],
        orFilters: [
          ['rank', '=', 7],
          ['subject', 'like', 's1_'],
        ],
        orderBy: { field: 'rank' },
        limit: 2,
      }),
      [{ rank: 7 }, { rank: 10 }],
    )
    t.same(await docs.getDocList('Ticket', { fields: ['owner'], groupBy: 'owner' }), [
      { owner: 'Administrator' },
    ])
    t.match((await docs.getDocList('Ticket', { fields: ['*'], limit: 1 }))[0], { picture: null })
    t.match(await docs.getLastDoc('Ticket'), { name: 'T-0025' })
    await fails(t, docs.getDocList('Ticket', { fields: ['nope'] }), 417, 'ValidationError')
    await fails(t, docs.getDocList('No Such'), 404, 'DoesNotExistError')
  })

  await t.test('db: counts and values', async (t) => {
    t.equal(await docs.getCount('Ticket'), 25)
    t.equal(await docs.getCount('Ticket', [['rank', '>', 20]]), 5)
    t.equal(await docs.getCount('Ticket', [['rank', '>', 20]], true), 5, 'debug is no matter')
    t.same(await docs.getValue('Ticket', 'subject', [['name', '=', 'T-0002']]), {
      message: { subject: 's2' },
    })
    t.same(await docs.getValue('Ticket', ['subject', 'rank'], [['rank', '=', 3]]), {
      message: { subject: 's3', rank: 3 },
    })
    t.same(await docs.getValue('Ticket', 'subject', [['rank', '=', 99]]), { message: {} })
    t.same(await docs.getValue('Ticket', 'subject', [['rank', '=', 3]], false), { message: 's3' })
    t.same(await docs.getValue('Step', 'title', [['idx', '=', 2]], true, false, 'Ticket'), {
      message: { title: 'c' },
    })
    t.same(await docs.getSingleValue('Preferences', 'theme'), { message: 'light' })
    t.match(await docs.setValue('Ticket', 'T-0002', 'note', 'set'), { message: { note: 'set' } })
    t.match(await docs.setValue('Ticket', 'T-0002', { note: 'both', rank: 22 }), {
      message: { note: 'both', rank: 22 },
    })
  })

  await t.test('db: rename, submit, cancel', async (t) => {
    t.same(await docs.renameDoc('Label', 'A/B 1', 'B/C 2'), { message: 'B/C 2' })
    t.match(await docs.getDoc('Label', 'B/C 2'), { name: 'B/C 2' })
    await fails(t, docs.submit({ doctype: 'Ticket', name: 'T-0001' }), 417, 'ValidationError')
    await fails(t, docs.cancel('Ticket', 'T-0001'), 417, 'ValidationError')
  })

  await t.test('call: every verb, lists and objects', async (t) => {
    const call = admin.call()
    const args = { text: 'a&b', list: ['x', 'y'], box: { a: 1 } }
    t.same(await call.get('lab.echo', args), { message: args })
    t.same(await call.post('lab.echo', args), { message: args })
    t.same(await call.put('lab.echo', args), { message: args })
    t.same(await call.delete('lab.echo', { text: 't', list: ['1', '2'] }), {
      message: { text: 't', list: ['1', '2'] },
    })
    t.same(await call.delete('lab.echo', { list: ['1'] }), { message: { list: ['1'] } })
    t.same(await call.get('lab.nothing'), {})
    await fails(t, call.get('lab.write', { text: 'x' }), 403, 'PermissionError')
    t.same(await call.post('lab.write', { text: 'x' }), { message: 'x' })
    await fails(t, call.get('no.such.method'), 417, 'ValidationError')
    const found = await call.get('frappe.desk.search.search_link', { doctype: 'Ticket', txt: 's25' })
    t.match(found.message, [{ value: 'T-0025', label: 's25' }])
  })

  await t.test('errors carry what Frappe’s carry', async (t) => {
    const missing = await fails(t, docs.createDoc('Ticket', {}), 417, 'MandatoryError')
    t.equal(missing.message, 'There was an error while creating the document.')
    const [first] = JSON.parse(missing._server_messages) as string[]
    t.match(JSON.parse(first ?? ''), { message: /Subject/ })
    await docs.createDoc('Label', { name: 'twice' })
    await fails(t, docs.createDoc('Label', { name: 'twice' }), 409, 'DuplicateEntryError')
    await fails(t, clerk.db().updateDoc('Ticket', 'T-0001', { note: 'x' }), 403, 'PermissionError')
    await fails(t, clerk.db().getDocList('Label'), 403, 'PermissionError')
    const nowhere = new FrappeApp('http://127.0.0.1:9')
    t.match(await thrown(nowhere.auth().getLoggedInUser()), { httpStatus: 0 })
  })

  await t.test('file: upload, public and private', async (t) => {
    const file = (name: string): File => new File(['hello'], name, { type: 'text/plain' })
    const sent: number[] = []
    const open = await admin
      .file()
      .uploadFile(file('open.txt'), { isPrivate: false }, (bytes) => sent.push(bytes))
    t.match(open.data.message, { file_url: /^\/files\/open.*\.txt$/, is_private: 0 })
    t.ok(sent.length > 0)
    const attachment = { isPrivate: true, doctype: 'Ticket', docname: 'T-0001', fieldname: 'picture' }
    const kept = await admin.file().uploadFile(file('kept.txt'), attachment)
    t.match(kept.data.message, { file_url: /^\/private\/files\/kept/, attached_to_name: 'T-0001' })
    const url = kept.data.message.file_url as string
    t.equal((await admin.axios.get(url)).data, 'hello')
    t.equal((await clerk.axios.get(url)).data, 'hello', 'who reads the document reads its files')
    t.equal((await served.client().get(url)).status, 403)
    t.equal((await served.client().get(open.data.message.file_url as string)).status, 200)
    const refused = clerk.file().uploadFile(file('no.txt'), attachment)
    await fails(t, refused, 403, 'PermissionError')
  })

  await t.test('a token instead of a login', async (t) => {
    const keys = await clerk.call().post('frappe.core.doctype.user.user.generate_keys', { user: CLERK })
    const { api_key, api_secret } = keys.message as { api_key: string; api_secret: string }
    const token = (secret: string): TokenParams => ({
      useToken: true,
      token: () => `${api_key}:${secret}`,
      type: 'token',
    })
    const app = new FrappeApp(served.url, token(api_secret))
    t.equal(await app.auth().getLoggedInUser(), CLERK)
    t.match(await app.db().getDoc('Ticket', 'T-0001'), { subject: 'One' })
    t.same(await app.call().post('lab.write', { text: 'no CSRF' }), { message: 'no CSRF' })
    const wrong = new FrappeApp(served.url, token('wrong'))
    await fails(t, wrong.call().get('ping'), 401, 'AuthenticationError')
  })

  await t.test(
    'in a browser: cookies, and CSRF once a page of the desk was there',
    needsChromium,
    async (t) => {
      const bundle = await build({
        stdin: {
          contents: `import { FrappeApp } from 'frappe-js-sdk'; window.FrappeApp = FrappeApp`,
          resolveDir: path.resolve(import.meta.dirname, '../..'),
        },
        bundle: true,
        format: 'iife',
        platform: 'browser',
        write: false,
      })
      const browser = await openBrowser(t)
      const context = await browser.newContext({ bypassCSP: true })
      await context.addInitScript(bundle.outputFiles[0]?.text ?? '')
      const page = await context.newPage()
      await page.goto(`${served.url}/login`)
      const cookies = await page.evaluate(
        async ([username, password]) => {
          const app = new window.FrappeApp(window.location.origin)
          await app.auth().loginWithUsernamePassword({ username, password })
          return { user: await app.auth().getLoggedInUser(), cookie: document.cookie }
        },
        ['Administrator', ADMIN_PASSWORD] as const,
      )
      t.equal(cookies.user, 'Administrator')
      t.match(cookies.cookie, /user_id=Administrator/)
      t.notMatch(cookies.cookie, /sid=/)
      const create = (name: string): Promise<number> =>
        page.evaluate(async (name) => {
          const app = new window.FrappeApp(window.location.origin)
          return await app
            .db()
            .createDoc('Label', { name })
            .then(
              () => 200,
              (error: unknown) => (error as { httpStatus: number }).httpStatus,
            )
        }, name)
      t.equal(await create('before'), 200)
      const shell = await context.request.get(`${served.url}/desk`)
      const csrf = /"csrf_token":"(\w+)"/.exec(await shell.text())?.[1] ?? ''
      t.equal(await create('without'), 400)
      await page.evaluate((token) => {
        window.csrf_token = token
      }, csrf)
      t.equal(await create('with'), 200)
    },
  )
})

declare global {
  interface Window {
    FrappeApp: typeof FrappeApp
    csrf_token?: string
  }
}
