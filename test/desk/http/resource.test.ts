import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, addUser, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { serve } from '../../support/server.ts'

await eachDatabase(t, '/api/resource', async (t, db) => {
  const site = await labSite(t, db, wireApp)
  await addUser(site, 'plain@test.example', [], { new_password: PASSWORD })
  const served = await serve(t, site)
  const admin = await served.login('Administrator', ADMIN_PASSWORD)
  const plain = await served.login('plain@test.example', PASSWORD)
  const guest = served.client()
  const tickets = '/api/resource/Ticket'
  const label = (name: string): string => `/api/resource/Label/${encodeURIComponent(name)}`

  await t.test('create: 200, data without nulls, the name from the rule', async (t) => {
    const answer = await admin.post(tickets, { subject: 'One', name: 'ignored', steps: [{ title: 'a' }] })
    t.equal(answer.status, 200)
    t.match(answer.body.data, {
      doctype: 'Ticket',
      name: 'T-0001',
      subject: 'One',
      steps: [{ title: 'a', idx: 1 }],
    })
    t.notOk('note' in answer.body.data)
    t.equal((await admin.post(`${tickets}/`, { data: { subject: 'in data' } })).body.data.subject, 'in data')
    const form = new URLSearchParams({ data: JSON.stringify({ subject: 'in a form' }) })
    t.equal((await admin.request('POST', tickets, { body: form })).body.data.subject, 'in a form')
  })

  await t.test('what cannot be created, and why', async (t) => {
    const missing = await admin.post(tickets, {})
    t.equal(missing.status, 417)
    t.match(missing.body, {
      exc_type: 'MandatoryError',
      exception: /^frappe\.exceptions\.MandatoryError: .*Subject/,
    })
    t.notOk('message' in missing.body)
    const [message] = JSON.parse(missing.body._server_messages) as string[]
    t.match(JSON.parse(message ?? ''), { message: /Subject/, title: 'Missing Fields', raise_exception: 1 })
    await admin.post('/api/resource/Label', { name: 'red' })
    const twice = await admin.post('/api/resource/Label', { name: 'red' })
    t.match([twice.status, twice.body.exc_type], [409, 'DuplicateEntryError'])
    for (const body of [[1], { data: 'text' }, { data: '[1]' }, { data: 7 }]) {
      const answer = await admin.post(tickets, body)
      t.match([answer.status, answer.body.exc_type], [417, 'ValidationError'], JSON.stringify(body))
    }
    t.equal((await admin.post('/api/resource/No Such', {})).status, 404)
  })

  await t.test('read; a name with a slash, a blank, an umlaut, and the longest', async (t) => {
    for (const name of ['A/B 1', 'ä ö#?&', 'a+b%20', '日'.repeat(140), '..%2f..']) {
      t.equal((await admin.post('/api/resource/Label', { name })).status, 200, name.slice(0, 10))
      t.equal((await admin.get(label(name))).body.data.name, name)
      t.equal((await admin.get(`${label(name)}/`)).body.data.name, name, 'a trailing slash is harmless')
    }
    t.equal((await admin.get('/api/resource/Label/A/B%201')).body.data.name, 'A/B 1')
    t.match(await admin.get(label('nope')), { status: 404, body: { exc_type: 'DoesNotExistError' } })
    t.equal((await admin.get('/api/v1/resource/Label/red')).status, 200)
  })

  await t.test('update: a part of it; a stale time is refused', async (t) => {
    const path = `${tickets}/T-0001`
    const { modified } = (await admin.get(path)).body.data as { modified: string }
    const changed = await admin.put(path, { note: 'n', flags: { x: 1 }, owner: 'x', name: 'y' })
    t.match(changed.body.data, { name: 'T-0001', subject: 'One', note: 'n', owner: 'Administrator' })
    t.same(changed.body.data.steps.length, 1)
    const stale = await admin.put(path, { note: 'mine', modified })
    t.match([stale.status, stale.body.exc_type], [417, 'TimestampMismatchError'])
    t.equal((await admin.put(path, { note: 'mine' })).status, 200)
    const fresh = (await admin.get(path)).body.data.modified as string
    t.equal((await admin.put(path, { note: 'again', modified: fresh })).status, 200)
    t.same((await admin.put(path, { steps: [] })).body.data.steps, [])
    t.match((await admin.put(path, { steps: [{ title: 7 }, 'x'] })).body, { exc_type: 'ValidationError' })
  })

  await t.test('delete: 202 ok, and gone', async (t) => {
    const answer = await admin.delete(label('red'))
    t.equal(answer.status, 202)
    t.same(answer.body, { data: 'ok' })
    t.equal((await admin.get(label('red'))).status, 404)
    t.equal((await admin.delete(label('red'))).status, 404)
  })

  await t.test('list: twenty names; limits, fields, filters and order as JSON in the query', async (t) => {
    for (let rank = 1; rank <= 25; rank++) await admin.post(tickets, { subject: `s${String(rank)}`, rank })
    const list = async (query: Record<string, string>): Promise<unknown> =>
      (await admin.get(`${tickets}?${new URLSearchParams(query).toString()}`)).body.data
    const page = (await list({})) as object[]
    t.equal(page.length, 20)
    t.same(Object.keys(page[0] ?? {}), ['name'])
    t.equal(((await list({ limit: '0' })) as object[]).length, 28)
    t.equal(((await list({ limit: '3', limit_page_length: '2' })) as object[]).length, 2)
    t.same(
      await list({
        fields: '["subject","rank"]',
        filters: '[["rank","in",[4,5]]]',
        order_by: 'rank desc',
        as_dict: 'false',
      }),
      [
        ['s5', 5],
        ['s4', 4],
      ],
    )
    t.same(await list({ filters: '{"rank":3}', fields: 'subject' }), [{ subject: 's3' }])
    t.same(await list({ or_filters: '[["rank","=",1],["rank","=",2]]', fields: '["rank"]' }), [
      { rank: 1 },
      { rank: 2 },
    ])
    t.match(
      await list({ fields: '["*"]', limit: '1' }),
      [{ note: 'again', _user_tags: null }],
      'lists keep nulls',
    )
    const jsonTyped = { 'Content-Type': 'application/json' }
    t.equal((await admin.get(`${tickets}?limit=2`, jsonTyped)).body.data.length, 2)
    for (const wrong of [
      'fields=[1]',
      'filters={',
      'limit=-1',
      'limit=ten',
      'limit_start=1.5',
      'order_by=x%20y',
    ]) {
      t.equal((await admin.get(`${tickets}?${wrong}`)).status, 417, wrong)
    }
  })

  await t.test('lists: groups and computed fields; debug is no matter; a Single is no list', async (t) => {
    const list = async (query: Record<string, string>): Promise<unknown> =>
      (await admin.get(`${tickets}?${new URLSearchParams(query).toString()}`)).body.data
    const grouped = { fields: '["owner",{"COUNT":"*","as":"n"}]', group_by: 'owner', debug: '1' }
    t.same(await list(grouped), [{ owner: 'Administrator', n: 28 }])
    t.same(await list({ ...grouped, as_dict: '0' }), [['Administrator', 28]])
    t.match(await admin.get('/api/resource/Wishes'), { status: 417, body: { exc_type: 'ValidationError' } })
  })

  await t.test('a Single: by its own name, or none', async (t) => {
    const path = '/api/resource/Wishes'
    t.match((await admin.get(`${path}/Wishes`)).body.data, { name: 'Wishes', color: 'blue' })
    t.match((await admin.get(`${path}/`)).body.data, { color: 'blue' })
    t.match((await admin.put(`${path}/Wishes`, { color: 'red' })).body.data, { color: 'red' })
    t.match((await admin.get(`${path}/`)).body.data, { color: 'red' })
    t.equal((await admin.delete(`${path}/Wishes`)).status, 417)
    t.equal((await plain.get(`${path}/`)).status, 403)
    t.equal((await plain.put(`${path}/Wishes`, { color: 'x' })).status, 403)
  })

  await t.test('HEAD says what GET would', async (t) => {
    for (const path of [tickets, `${tickets}/T-0001`]) {
      const head = await admin.request('HEAD', path)
      t.same([head.status, head.text], [200, ''])
    }
    t.equal((await admin.request('HEAD', `${tickets}/nope`)).status, 404)
    t.equal((await guest.request('HEAD', tickets)).status, 403)
  })

  await t.test('a guest reads what the rules give to guests, and nothing else', async (t) => {
    await admin.post('/api/resource/Notice', { name: 'open', body: 'for all' })
    t.same((await guest.get('/api/resource/Notice')).body.data, [{ name: 'open' }])
    t.match((await guest.get('/api/resource/Notice/open')).body.data, { body: 'for all' })
    t.equal((await guest.get('/api/resource/Notice/none')).status, 404)
    const letter = await guest.post('/api/resource/Letter', { body: 'hi<script>alert(1)</script>' })
    t.match(letter, { status: 200, body: { data: { body: 'hi', owner: 'Guest' } } }, 'cleaned of scripts')
    t.equal((await guest.get('/api/resource/Letter')).status, 403)
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    const headers = { 'Content-Type': 'application/json' }
    for (const body of [`{"body":${deep}}`, deep]) {
      const answer = await guest.request('POST', '/api/resource/Letter', { headers, body })
      t.match(answer, { status: 417, body: { exc_type: 'ValidationError' } }, 'nested too deeply')
    }
    for (const answer of [
      await guest.post('/api/resource/Notice', { name: 'mine' }),
      await guest.put('/api/resource/Notice/open', { body: 'x' }),
      await guest.delete('/api/resource/Notice/open'),
      await guest.get('/api/resource/Wishes/'),
    ])
      t.match([answer.status, answer.body.exc_type], [403, 'PermissionError'])
  })

  await t.test('parameters that are not JSON, or not what they should be', async (t) => {
    for (const wrong of [
      'filters=[["rank"',
      'filters="half',
      'or_filters={"a"',
      'fields=[1',
      'fields=[[]]',
      'fields=[{"DROP":"name"}]',
      'order_by[]=rank',
      'group_by=rank;drop',
      'parent=x&parent=y',
      'limit=1&limit=2',
      'limit_start=-1',
      'filters=7.5.1',
      'filters=[["rank","~","1"]]',
      'filters=[["subject","=",{"a":1}]]',
    ]) {
      const answer = await admin.get(`${tickets}?${wrong}`)
      t.ok([200, 417].includes(answer.status), `${wrong} ${String(answer.status)}`)
      if (answer.status === 200) t.same(answer.body.data, [], wrong)
    }
    for (const data of ['{"subject"', '[{}]', '"text"', 'null', '7']) {
      const body = new URLSearchParams({ data })
      t.equal((await admin.request('POST', tickets, { body })).status, 417, data)
      t.equal((await admin.request('PUT', `${tickets}/T-0001`, { body })).status, 417, data)
    }
  })

  await t.test('arguments that would reach into objects are none', async (t) => {
    const body = '{"subject":"P","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
    const headers = { 'Content-Type': 'application/json' }
    t.equal((await admin.request('POST', tickets, { body, headers })).status, 200)
    const query = '__proto__[polluted]=1&constructor=1&__proto__=1'
    t.equal((await admin.get(`${tickets}?${query}`)).status, 200)
    t.notOk('polluted' in {})
  })

  await t.test('child rows only by their parent', async (t) => {
    t.equal((await admin.get('/api/resource/Step')).status, 417)
    t.equal((await admin.get('/api/resource/Step?parent=Ticket&limit=0')).status, 200)
    t.equal((await plain.get('/api/resource/Step?parent=Ticket')).status, 403)
  })

  await t.test('what the roles do not give is 403; a guest gives none', async (t) => {
    for (const answer of [
      await plain.get(tickets),
      await plain.get(`${tickets}/T-0001`),
      await plain.get(`${tickets}/nope`),
      await plain.post(tickets, { subject: 'x' }),
      await plain.put(`${tickets}/T-0001`, { subject: 'x' }),
      await plain.delete(`${tickets}/T-0001`),
      await guest.get(tickets),
      await guest.get('/api/resource/No Such'),
    ]) {
      t.match([answer.status, answer.body.exc_type], [403, 'PermissionError'])
    }
  })

  await t.test('a hidden document answers as one that is not there, on every verb', async (t) => {
    await site.asAdministrator((ctx) => ctx.insert('Drawer', { name: 'shut' }, { ignorePermissions: true }))
    for (const client of [plain, admin]) {
      const same = async (
        ask: (name: string) => Promise<{ status: number; text: string }>,
      ): Promise<void> => {
        const hidden = await ask('shut')
        const missing = await ask('none')
        t.equal(hidden.status, 404)
        t.same([hidden.status, hidden.text], [404, missing.text.replaceAll('none', 'shut')])
      }
      await same((name) => client.get(`/api/resource/Drawer/${name}`))
      await same((name) => client.put(`/api/resource/Drawer/${name}`, { open: 1 }))
      await same((name) => client.delete(`/api/resource/Drawer/${name}`))
      t.same((await client.get('/api/resource/Drawer')).body.data, [])
    }
  })
})
