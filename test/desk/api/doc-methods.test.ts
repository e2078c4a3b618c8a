import t, { type Test } from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, addUser, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { clientApp } from '../../support/client-app.ts'
import { openSocket, serve, type Answer } from '../../support/server.ts'

await eachDatabase(t, 'methods of documents', async (t, db) => {
  const site = await labSite(t, db, clientApp)
  await addUser(site, 'clerk@test.example', ['Clerk'], { new_password: PASSWORD })
  await addUser(site, 'plain@test.example', [], { new_password: PASSWORD })
  const served = await serve(t, site)
  const admin = await served.login('Administrator', ADMIN_PASSWORD)
  const clerk = await served.login('clerk@test.example', PASSWORD)
  const plain = await served.login('plain@test.example', PASSWORD)
  const guest = served.client()
  const path = '/api/method/run_doc_method'
  const ticket = '/api/resource/Ticket/T-0001'
  const one = { dt: 'Ticket', dn: 'T-0001' }
  const refused = (t: Test, answer: Answer, status: number, excType: string): void => {
    t.match([answer.status, answer.body.exc_type], [status, excType], answer.text)
  }
  await admin.post('/api/resource/Ticket', { subject: 'One', cost: 5 })

  await t.test('run_doc_method: a result, and the document in docs', async (t) => {
    const read = await clerk.get(`${path}?dt=Ticket&dn=T-0001&method=shout&args={"marks":2}`)
    t.match(read.body, { message: 'ONE!!', docs: [{ name: 'T-0001', subject: 'One', note: null }] })
    t.notOk('cost' in read.body.docs[0], 'nothing above the caller’s level')
    const written = await admin.post(path, { ...one, method: 'promote', args: { by: 3 } })
    t.match(written.body, { message: 3, docs: [{ rank: 3 }] })
    t.match((await admin.put(path, { ...one, method: 'promote' })).body, { message: 4 })
    const silent = await admin.post(path, { ...one, method: 'quiet' })
    t.notOk('message' in silent.body)
    t.match(silent.body.docs, [{ name: 'T-0001' }])
  })

  await t.test('on a document as a form holds it', async (t) => {
    const { data } = (await admin.get(ticket)).body as { data: Record<string, unknown> }
    const docs = JSON.stringify({ ...data, subject: 'In the form' })
    t.match((await admin.post(path, { docs, method: 'shout' })).body, { message: 'IN THE FORM!' })
    t.match(
      (await clerk.post(path, { docs, method: 'shout' })).body,
      { message: 'ONE!' },
      'who may not write it',
    )
    t.match((await admin.get(ticket)).body.data, { subject: 'One' })
    t.match((await admin.post(path, { docs, method: 'promote' })).body, {
      docs: [{ subject: 'In the form' }],
    })
    refused(t, await admin.post(path, { docs, method: 'promote' }), 417, 'TimestampMismatchError')
    const unsaved = { doctype: 'Ticket', subject: 'New', __islocal: 1 }
    t.match((await admin.post(path, { docs: unsaved, method: 'shout' })).body, { message: 'NEW!' })
    refused(t, await clerk.post(path, { docs: unsaved, method: 'shout' }), 403, 'PermissionError')
    for (const wrong of ['{', '[]', '7', '', { subject: 'x' }])
      t.ok((await admin.post(path, { docs: wrong, method: 'shout' })).status < 500, JSON.stringify(wrong))
  })

  await t.test('only what is declared, by the verb and the right that it asks for', async (t) => {
    for (const method of [
      'secretly',
      'save',
      'delete',
      'constructor',
      '__proto__',
      'toString',
      'whitelisted',
    ])
      refused(t, await admin.post(path, { ...one, method }), 403, 'PermissionError')
    refused(t, await admin.get(`${path}?dt=Ticket&dn=T-0001&method=promote`), 403, 'PermissionError')
    refused(t, await admin.delete(`${path}?dt=Ticket&dn=T-0001&method=promote`), 403, 'PermissionError')
    refused(t, await clerk.post(path, { ...one, method: 'promote' }), 403, 'PermissionError')
    refused(t, await plain.post(path, { ...one, method: 'shout' }), 403, 'PermissionError')
    refused(t, await guest.post(path, { ...one, method: 'shout' }), 403, 'PermissionError')
    refused(t, await admin.post(path, { ...one, dn: 'none', method: 'shout' }), 404, 'DoesNotExistError')
    refused(t, await admin.post(path, { dt: 'No Such', dn: 'x', method: 'shout' }), 404, 'DoesNotExistError')
    refused(t, await admin.post(path, { ...one, method: 'promote', args: { by: 0 } }), 417, 'ValidationError')
    refused(t, await admin.post(path, { ...one, method: 'promote', args: '{"by"' }), 417, 'ValidationError')
    refused(t, await admin.post(path, { ...one, method: 'promote', args: [1] }), 417, 'ValidationError')
  })

  await t.test('?run_method= of a resource: GET reads, POST writes', async (t) => {
    t.same((await clerk.get(`${ticket}?run_method=shout&marks=3`)).body, { data: 'IN THE FORM!!!' })
    t.same((await admin.get(`${ticket}?run_method=quiet`)).body, {})
    const before = (await admin.get(ticket)).body.data.rank as number
    t.same((await admin.post(`${ticket}?run_method=promote`, { by: 2 })).body, { data: before + 2 })
    const form = { body: new URLSearchParams({ run_method: 'promote', by: '1' }) }
    t.same((await admin.request('POST', ticket, form)).body, { data: before + 3 })
    refused(t, await admin.get(`${ticket}?run_method=promote`), 403, 'PermissionError')
    refused(t, await admin.get(`${ticket}?run_method=secretly`), 403, 'PermissionError')
    refused(t, await clerk.post(`${ticket}?run_method=promote`), 403, 'PermissionError')
    refused(t, await clerk.post(`${ticket}?run_method=shout`), 403, 'PermissionError')
    refused(t, await plain.get(`${ticket}?run_method=shout`), 403, 'PermissionError')
    refused(t, await guest.get(`${ticket}?run_method=shout`), 403, 'PermissionError')
    refused(t, await admin.post(ticket, { note: 'no method' }), 417, 'ValidationError')
    refused(t, await admin.get(`/api/resource/Ticket/none?run_method=shout`), 404, 'DoesNotExistError')
  })

  await t.test('over the socket, too', async (t) => {
    const socket = openSocket(t, served, { cookie: admin.cookie })
    await socket.event('ready')
    t.match(await socket.call('run_doc_method', { ...one, method: 'shout' }), { message: 'IN THE FORM!' })
    const { rank } = (await admin.get(ticket)).body.data as { rank: number }
    t.match(await socket.call('run_doc_method', { ...one, method: 'promote' }), { message: rank + 1 })
    t.match(await socket.call('run_doc_method', { ...one, method: 'secretly' }), { status: 403 })
  })
})
