import t, { type Test } from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, labSite, recordingLog } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { serve, type Answer } from '../../support/server.ts'

/** A refusal as f-chat-api.md §1 has it. */
const refused = (t: Test, answer: Answer, status: number, excType: string, code: string): string => {
  t.equal(answer.status, status)
  t.match(answer.body, { exc_type: excType, message: { success: false, error: { code } } })
  const [first] = JSON.parse(String(answer.body._server_messages)) as string[]
  const shown = JSON.parse(first ?? '{}') as { message: string }
  t.equal(shown.message, answer.body.message.error.message, '_server_messages decodes twice')
  return shown.message
}

await eachDatabase(t, 'methods over HTTP', async (t, db) => {
  const log = recordingLog()
  const site = await labSite(t, db, wireApp, { log })
  const served = await serve(t, site)
  const guest = served.client()
  const admin = await served.login('Administrator', ADMIN_PASSWORD)
  const m = '/api/method/'

  await t.test('results: {"message": R}; null has no key, empty values are kept', async (t) => {
    t.same((await guest.get(`${m}ping`)).body, { message: 'pong' })
    t.same((await guest.get('/api/v1/method/ping')).body, { message: 'pong' })
    t.same((await guest.get(`${m}lab.nothing`)).body, {})
    t.same((await guest.get(`${m}lab.empty?which=text`)).body, { message: '' })
    t.same((await guest.get(`${m}lab.empty?which=zero`)).body, { message: 0 })
    t.same((await guest.get(`${m}lab.empty?which=list`)).body, { message: [] })
    t.same((await guest.get(`${m}lab.long.path.echo?text=a`)).body, { message: { text: 'a' } })
    t.match((await guest.get(`${m}ping`)).headers.get('content-type'), 'application/json')
  })

  await t.test('a guest is refused where guests are not meant', async (t) => {
    refused(
      t,
      await guest.get(`${m}frappe.auth.get_logged_user`),
      403,
      'PermissionError',
      'PERMISSION_DENIED',
    )
    refused(t, await guest.get(`${m}lab.private`), 403, 'PermissionError', 'PERMISSION_DENIED')
    t.same((await admin.get(`${m}frappe.auth.get_logged_user`)).body, { message: 'Administrator' })
  })

  await t.test('verbs: a wrong one is 403; what writes takes POST and PUT', async (t) => {
    refused(t, await admin.get(`${m}lab.write?name=x`), 403, 'PermissionError', 'PERMISSION_DENIED')
    refused(t, await admin.delete(`${m}lab.write?name=x`), 403, 'PermissionError', 'PERMISSION_DENIED')
    refused(t, await guest.request('PATCH', `${m}ping`), 403, 'PermissionError', 'PERMISSION_DENIED')
    for (const name of ['login', 'logout']) {
      const answer = await admin.get(m + name)
      t.equal(answer.status, 403)
      t.match(answer.body, { exc_type: 'PermissionError' })
    }
    for (const verb of ['GET', 'POST', 'PUT', 'DELETE']) {
      t.equal((await guest.request(verb, `${m}ping`)).status, 200, verb)
    }
    t.equal((await admin.put(`${m}lab.write`, { name: 'by put' })).status, 200)
  })

  await t.test('an unknown name is 417 and says what to check', async (t) => {
    const names = ['no.such.method', 'constructor', '__proto__', 'toString', '', 'lab', 'x'.repeat(400)]
    for (const name of names) {
      const said = refused(t, await guest.get(m + name), 417, 'ValidationError', 'VALIDATION_ERROR')
      t.match(said, /There is no method/)
    }
  })

  await t.test('arguments: query, form, JSON; JSON strings for lists and objects', async (t) => {
    const values = {
      text: 'a&b',
      count: 3,
      price: 1.5,
      flag: true,
      list: ['x', 'y'],
      box: { a: 1 },
      kind: 'two',
    }
    const strings = { ...values, list: JSON.stringify(values.list), box: JSON.stringify(values.box) }
    const query = new URLSearchParams(Object.entries(strings).map(([key, value]) => [key, String(value)]))
    t.same((await guest.get(`${m}lab.echo?${query}`)).body.message, values)
    t.same((await guest.post(`${m}lab.echo`, values)).body.message, values)
    t.same((await guest.post(`${m}lab.echo`, strings)).body.message, values)
    const form = await guest.request('POST', `${m}lab.echo?text=ignored&count=4`, {
      body: new URLSearchParams({ text: 'form wins', flag: '0' }),
    })
    t.same(form.body.message, { text: 'form wins', flag: false, count: 4 })
    t.same((await guest.get(`${m}lab.echo?list[]=x&list[]=y`)).body.message, { list: ['x', 'y'] })
    t.same((await guest.get(`${m}lab.echo?list[]=x`)).body.message, { list: ['x'] })
    t.same((await guest.get(`${m}lab.echo?text=a&_=123&unknown=1&__proto__=1`)).body.message, { text: 'a' })
    t.same((await guest.post(`${m}lab.echo?text=ignored`, { count: 1 })).body.message, { count: 1 })
    t.same((await guest.get(`${m}lab.echo?text=`)).body.message, { text: '' })
    t.same((await guest.get(`${m}lab.echo?count=`)).body.message, {})
    const jsonTyped = { 'Content-Type': 'application/json' }
    t.same((await guest.get(`${m}lab.echo?text=query`, jsonTyped)).body.message, { text: 'query' })
    const bodyless = await guest.request('DELETE', `${m}lab.echo?text=query`, { headers: jsonTyped })
    t.same(bodyless.body.message, { text: 'query' })
  })

  await t.test('arguments that do not fit say which and why', async (t) => {
    const why = async (path: string): Promise<string> =>
      refused(t, await guest.get(m + path), 417, 'ValidationError', 'VALIDATION_ERROR')
    t.match(await why('lab.needs'), /Missing argument: room/)
    t.match(await why('lab.echo?count=many'), /count must be integer/)
    t.match(await why('lab.echo?count=1.5'), /count/)
    t.match(await why('lab.echo?flag=perhaps'), /flag must be boolean/)
    t.match(await why('lab.echo?list=nojson'), /list must be JSON/)
    t.match(await why('lab.echo?box={"a":"x"}'), /box.a/)
    t.match(await why('lab.echo?kind=three'), /kind must be one of one, two/)
    t.same((await guest.get(`${m}lab.needs?room=r`)).body.message, { room: 'r', times: 3 }, 'defaults')
  })

  await t.test('bodies that cannot be read', async (t) => {
    const post = (body: string, type: string): Promise<Answer> =>
      guest.request('POST', `${m}ping`, { body, headers: { 'Content-Type': type } })
    const said = refused(
      t,
      await post('{"a":', 'application/json'),
      417,
      'ValidationError',
      'VALIDATION_ERROR',
    )
    t.match(said, /not valid JSON/)
    t.equal((await post('x'.repeat(1_100_000), 'application/json')).status, 413)
    t.equal((await post('<a/>', 'application/xml')).status, 415)
    t.equal((await post('', 'application/json')).status, 200)
    for (const odd of ['null', '[1]', '7', '"text"'])
      t.equal((await post(odd, 'application/json')).status, 200, odd)
    t.equal((await post('a=1', 'text/plain')).status, 200, 'text is no arguments')
  })

  await t.test('an unexpected error: 500, an Error Log, nothing of it outside', async (t) => {
    for (const answer of [
      await guest.get(`${m}lab.crash`),
      await admin.post(`${m}lab.write`, { name: 'gone', then: 'fail' }),
    ]) {
      const said = refused(t, answer, 500, 'InternalError', 'INTERNAL_ERROR')
      t.notMatch(answer.text, /4711|TypeError|at .*\.ts/)
      const id = /number (\w+) of the Error Log/.exec(said)?.[1] ?? ''
      const logged = await admin.get(`/api/resource/Error Log/${id}`)
      t.match(logged.body.data.error, /the secret reason is 4711/)
    }
    t.equal((await admin.get('/api/resource/Label/gone')).status, 404, 'and nothing half-done stays')
    t.equal(log.errors.length, 2)
  })

  await t.test('a page’s error is a page, without exception text', async (t) => {
    const answer = await guest.request('GET', `${m}lab.crash`, { headers: { Accept: 'text/html' } })
    t.equal(answer.status, 500)
    t.match(answer.headers.get('content-type'), 'text/html')
    t.notMatch(answer.text, /4711|TypeError/)
    const missing = await guest.page('/no/such/<script>alert(1)</script>')
    t.equal(missing.status, 404)
    t.notMatch(missing.text, '<script>alert')
    t.match((await guest.get('/no/such', { Accept: 'application/json' })).body, {
      exc_type: 'PageDoesNotExistError',
    })
    const ajax = await guest.get('/no/such', { Accept: '*/*', 'X-Requested-With': 'XMLHttpRequest' })
    t.match(ajax.body, { exc_type: 'PageDoesNotExistError' })
  })

  await t.test('addresses that are none', async (t) => {
    for (const path of ['/%', '/api/method/%ff', '/api/resource/User/%E0%A4%A', '/desk/%c0%ae']) {
      const answer = await guest.get(path)
      t.ok(answer.status >= 300 && answer.status < 500, `${path} ${String(answer.status)}`)
    }
  })
})
