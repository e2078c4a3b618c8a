import t, { type Test } from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, addUser, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { clientApp } from '../../support/client-app.ts'
import { serve, type Answer, type Client } from '../../support/server.ts'

const m = '/api/method/frappe.client.'
const query = (args: Record<string, unknown>): string =>
  String(
    new URLSearchParams(
      Object.entries(args).map(([key, value]): [string, string] => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
  )

await eachDatabase(t, 'frappe.client', async (t, db) => {
  const site = await labSite(t, db, clientApp, { path: t.testdir() })
  await addUser(site, 'clerk@test.example', ['Clerk'], { new_password: PASSWORD })
  await addUser(site, 'plain@test.example', ['Chooser'], { new_password: PASSWORD })
  const served = await serve(t, site)
  const admin = await served.login('Administrator', ADMIN_PASSWORD)
  const clerk = await served.login('clerk@test.example', PASSWORD)
  const plain = await served.login('plain@test.example', PASSWORD)
  const guest = served.client()
  const ask = (client: Client, name: string, args: Record<string, unknown> = {}): Promise<Answer> =>
    client.get(`${m}${name}?${query(args)}`)
  const said = async (client: Client, name: string, args: Record<string, unknown> = {}): Promise<unknown> => {
    const answer = await ask(client, name, args)
    if (answer.status !== 200) throw new Error(`${name}: ${answer.text}`)
    return answer.body.message
  }
  const post = (client: Client, name: string, args: unknown): Promise<Answer> => client.post(m + name, args)
  const refused = (t: Test, answer: Answer, status: number, excType: string): void => {
    t.match([answer.status, answer.body.exc_type], [status, excType], answer.text)
  }
  for (let rank = 1; rank <= 25; rank++) {
    const values = { subject: `s${String(rank)}`, rank, cost: 7, secret: 'hush', steps: [{ title: 'a' }] }
    await admin.post('/api/resource/Ticket', values)
  }
  await site.asAdministrator(async (ctx) => {
    await ctx.insert('Drawer', { name: 'shut' }, { ignorePermissions: true })
    await ctx.insert('Label', { name: 'A/B 1', color: 'red' })
  })
  const Ticket = { doctype: 'Ticket' }
  const one = { ...Ticket, name: 'T-0001' }

  await t.test('get_list: as the resource answers it, arguments as text or JSON', async (t) => {
    t.equal(((await said(admin, 'get_list', Ticket)) as object[]).length, 20)
    t.equal(((await said(admin, 'get_list', { ...Ticket, limit_page_length: 0 })) as object[]).length, 25)
    const some = {
      ...Ticket,
      fields: ['subject', 'rank'],
      filters: { rank: ['in', [4, 5]] },
      order_by: 'rank desc',
    }
    t.same(await said(admin, 'get_list', { ...some, as_dict: 0 }), [
      ['s5', 5],
      ['s4', 4],
    ])
    t.same((await post(admin, 'get_list', some)).body.message[0], { subject: 's5', rank: 5 })
    t.match(await said(admin, 'get_list', { ...Ticket, fields: ['*'], limit: 1, debug: 1 }), [{ note: null }])
    refused(t, await ask(plain, 'get_list', Ticket), 403, 'PermissionError')
    refused(t, await ask(guest, 'get_list', { doctype: 'Notice' }), 403, 'PermissionError')
    refused(t, await ask(admin, 'get_list', { ...Ticket, filters: '{"rank":' }), 417, 'ValidationError')
    refused(t, await ask(admin, 'get_list', { ...Ticket, fields: ['secret'] }), 417, 'ValidationError')
    refused(t, await ask(admin, 'get_list', { doctype: 'No Such' }), 404, 'DoesNotExistError')
    refused(t, await ask(admin, 'get_list', { doctype: 'Step' }), 417, 'ValidationError')
    t.equal(((await said(admin, 'get_list', { doctype: 'Step', parent: 'Ticket' })) as object[]).length, 20)
  })

  await t.test('get: keeps nulls; by name, by filters, a Single; never a password', async (t) => {
    const doc = (await said(admin, 'get', one)) as Record<string, unknown>
    t.match(doc, { name: 'T-0001', note: null, cost: 7, steps: [{ title: 'a', parent: 'T-0001' }] })
    t.notMatch(JSON.stringify(doc), /hush/)
    t.match(await said(admin, 'get', { ...Ticket, filters: { rank: 3 } }), { subject: 's3' })
    t.match(await said(admin, 'get', { doctype: 'Preferences' }), { theme: 'light', limit: 0 })
    t.notOk('cost' in ((await said(clerk, 'get', one)) as object), 'above the clerk’s level')
    refused(t, await ask(admin, 'get', { ...Ticket, filters: { rank: 99 } }), 404, 'DoesNotExistError')
    refused(t, await ask(admin, 'get', Ticket), 417, 'ValidationError')
    refused(t, await ask(admin, 'get', { ...Ticket, name: 'nope' }), 404, 'DoesNotExistError')
    refused(t, await ask(admin, 'get', { doctype: 'Drawer', name: 'shut' }), 404, 'DoesNotExistError')
    refused(t, await ask(plain, 'get', one), 403, 'PermissionError')
  })

  await t.test('get_value: one or several, missing is {}, a name for a filter, Singles', async (t) => {
    const value = (args: Record<string, unknown>): Promise<unknown> =>
      said(admin, 'get_value', { ...Ticket, ...args })
    t.same(await value({ fieldname: 'subject', filters: 'T-0002' }), { subject: 's2' })
    t.same(await value({ fieldname: 'subject', filters: '"T-0002"' }), { subject: 's2' })
    t.same(await value({ fieldname: ['subject', 'rank'], filters: { name: 'T-0002' } }), {
      subject: 's2',
      rank: 2,
    })
    t.same(await value({ fieldname: ['subject', 'rank'], filters: 'T-0002', as_dict: false }), ['s2', 2])
    t.same(await value({ fieldname: 'subject', filters: 'T-0002', as_dict: false }), 's2')
    t.same(await value({ fieldname: 'subject', filters: 'nope' }), {})
    t.same(
      (await ask(admin, 'get_value', { ...Ticket, fieldname: 'subject', filters: 'no', as_dict: 0 })).body,
      {},
    )
    t.same(await value({ fieldname: '[]', filters: 'T-0002' }), { name: 'T-0002' })
    t.same(await said(admin, 'get_value', { doctype: 'Preferences', fieldname: ['theme', 'limit'] }), {
      theme: 'light',
      limit: 0,
    })
    for (const fieldname of ['key', 'nope', 'constructor', 'doctype'])
      refused(t, await ask(admin, 'get_value', { doctype: 'Preferences', fieldname }), 417, 'ValidationError')
    refused(t, await ask(admin, 'get_value', { ...Ticket, fieldname: 'secret' }), 417, 'ValidationError')
    refused(t, await ask(plain, 'get_value', { ...Ticket, fieldname: 'subject' }), 403, 'PermissionError')
    refused(
      t,
      await ask(plain, 'get_value', { doctype: 'Preferences', fieldname: 'theme' }),
      403,
      'PermissionError',
    )
  })

  await t.test('get_count counts what the caller may read', async (t) => {
    t.equal(await said(admin, 'get_count', Ticket), 25)
    t.equal(await said(admin, 'get_count', { ...Ticket, filters: [['rank', '>', 20]] }), 5)
    t.equal(await said(admin, 'get_count', { doctype: 'Drawer' }), 0)
    t.equal((await post(clerk, 'insert', { doc: { doctype: 'Note', body: 'mine' } })).status, 200)
    t.equal(await said(clerk, 'get_count', { doctype: 'Note' }), 1)
    t.equal(await said(plain, 'get_count', { doctype: 'Note' }), 0)
    refused(t, await ask(plain, 'get_count', Ticket), 403, 'PermissionError')
  })

  await t.test('get_single_value', async (t) => {
    t.equal(await said(admin, 'get_single_value', { doctype: 'Preferences', field: 'theme' }), 'light')
    refused(t, await ask(admin, 'get_single_value', { ...Ticket, field: 'subject' }), 417, 'ValidationError')
    refused(
      t,
      await ask(plain, 'get_single_value', { doctype: 'Preferences', field: 'theme' }),
      403,
      'PermissionError',
    )
  })

  await t.test('has_permission, get_doc_permissions: no for what is hidden or missing', async (t) => {
    const may = async (
      client: Client,
      doctype: string,
      docname: string,
      perm_type = 'read',
    ): Promise<boolean> =>
      ((await said(client, 'has_permission', { doctype, docname, perm_type })) as { has_permission: boolean })
        .has_permission
    t.equal(await may(admin, 'Ticket', 'T-0001', 'write'), true)
    t.equal(await may(clerk, 'Ticket', 'T-0001'), true)
    t.equal(await may(clerk, 'Ticket', 'T-0001', 'write'), false)
    t.equal(await may(plain, 'Ticket', 'T-0001'), false)
    t.equal(await may(admin, 'Drawer', 'shut'), false)
    t.equal(await may(admin, 'Drawer', 'none'), false)
    refused(
      t,
      await ask(admin, 'has_permission', { ...Ticket, docname: 'T-0001', perm_type: 'x' }),
      417,
      'ValidationError',
    )
    const { permissions } = (await said(clerk, 'get_doc_permissions', { ...Ticket, docname: 'T-0001' })) as {
      permissions: Record<string, number>
    }
    t.match(permissions, { read: 1, select: 1, write: 0, create: 0, delete: 0 })
    refused(
      t,
      await ask(plain, 'get_doc_permissions', { ...Ticket, docname: 'T-0001' }),
      403,
      'PermissionError',
    )
  })

  await t.test('validate_link: the right to select is enough for the name, not for values', async (t) => {
    const link = { doctype: 'Label', docname: 'A/B 1' }
    t.same(await said(admin, 'validate_link', { ...link, fields: ['color'] }), {
      name: 'A/B 1',
      color: 'red',
    })
    t.same(await said(plain, 'validate_link', { ...link, fields: ['color'] }), { name: 'A/B 1' })
    t.same(await said(plain, 'validate_link', { ...link, docname: 'none' }), { name: null })
    t.same(await said(plain, 'validate_link', { doctype: 'Drawer', docname: 'shut' }), { name: null })
    refused(t, await ask(clerk, 'validate_link', link), 403, 'PermissionError')
  })

  await t.test('set_value: one field, several, a child row, a Single', async (t) => {
    const set = (args: Record<string, unknown>): Promise<Answer> =>
      post(admin, 'set_value', { ...one, ...args })
    t.match((await set({ fieldname: 'note', value: 'n' })).body.message, { note: 'n', subject: 's1' })
    t.match((await set({ fieldname: { note: null, rank: 9 } })).body.message, { note: null, rank: 9 })
    t.match((await set({ fieldname: '{"rank": 1}' })).body.message, { rank: 1 })
    t.match((await set({ fieldname: 'rank', value: 0 })).body.message, { rank: 0 })
    t.match((await set({ fieldname: 'note', value: '[1]' })).body.message, { note: '[1]' })
    const [row] = ((await said(admin, 'get', one)) as { steps: { name: string }[] }).steps
    const child = { doctype: 'Step', name: row?.name, fieldname: 'title', value: 'b' }
    t.match((await post(admin, 'set_value', child)).body.message, { name: 'T-0001', steps: [{ title: 'b' }] })
    const single = { doctype: 'Preferences', name: 'Preferences', fieldname: 'theme', value: 'dark' }
    t.match((await post(admin, 'set_value', single)).body.message, { theme: 'dark' })
    refused(t, await set({ fieldname: 'owner', value: 'x' }), 417, 'ValidationError')
    refused(t, await set({ fieldname: 'nope', value: 'x' }), 417, 'ValidationError')
    refused(t, await set({ fieldname: { docstatus: 1 } }), 417, 'ValidationError')
    refused(t, await set({ name: 'nope', fieldname: 'note' }), 404, 'DoesNotExistError')
    refused(
      t,
      await post(clerk, 'set_value', { ...one, fieldname: 'note', value: 'x' }),
      403,
      'PermissionError',
    )
    refused(t, await post(clerk, 'set_value', child), 403, 'PermissionError')
    refused(
      t,
      await ask(admin, 'set_value', { ...one, fieldname: 'note', value: 'x' }),
      403,
      'PermissionError',
    )
  })

  await t.test('insert: a document, a child row into its parent; insert_many: all or none', async (t) => {
    const created = await post(admin, 'insert', {
      doc: JSON.stringify({ ...Ticket, subject: 'new', name: 'mine' }),
    })
    t.match(created.body.message, { name: 'T-0026', subject: 'new', note: null })
    const row = { doctype: 'Step', parenttype: 'Ticket', parent: 'T-0026', parentfield: 'steps', title: 'c' }
    t.match((await post(admin, 'insert', { doc: row })).body.message, {
      name: 'T-0026',
      steps: [{ title: 'c' }],
    })
    refused(t, await post(admin, 'insert', { doc: { ...row, parentfield: 'nope' } }), 417, 'ValidationError')
    refused(t, await post(admin, 'insert', { doc: { doctype: 'Step', title: 'c' } }), 417, 'ValidationError')
    refused(t, await post(clerk, 'insert', { doc: row }), 403, 'PermissionError')
    refused(t, await post(plain, 'insert', { doc: { ...Ticket, subject: 'x' } }), 403, 'PermissionError')
    refused(t, await post(admin, 'insert', { doc: { subject: 'x' } }), 417, 'ValidationError')
    refused(t, await post(admin, 'insert', { doc: '[1]' }), 417, 'ValidationError')
    const labels = ['x', 'y'].map((name) => ({ doctype: 'Label', name }))
    t.same((await post(admin, 'insert_many', { docs: labels })).body.message, ['x', 'y'])
    refused(
      t,
      await post(admin, 'insert_many', { docs: [{ doctype: 'Label', name: 'z' }, ...labels] }),
      409,
      'DuplicateEntryError',
    )
    t.same(await said(admin, 'get_value', { doctype: 'Label', fieldname: 'name', filters: 'z' }), {})
    const many = Array.from({ length: 201 }, (_, i) => ({ doctype: 'Label', name: `n${String(i)}` }))
    refused(t, await post(admin, 'insert_many', { docs: many }), 417, 'ValidationError')
  })

  await t.test('save: a stale one is refused; without a name it inserts', async (t) => {
    const doc = (await said(admin, 'get', one)) as Record<string, unknown>
    t.match((await post(admin, 'save', { doc: { ...doc, note: 'saved' } })).body.message, { note: 'saved' })
    refused(t, await post(admin, 'save', { doc: { ...doc, note: 'again' } }), 417, 'TimestampMismatchError')
    t.match(
      (await post(admin, 'save', { doc: { doctype: 'Label', name: 'w', __islocal: 1 } })).body.message,
      {
        name: 'w',
      },
    )
    refused(t, await post(clerk, 'save', { doc: { ...one, note: 'x' } }), 403, 'PermissionError')
  })

  await t.test('bulk_update: each by itself', async (t) => {
    const docs = [
      { ...Ticket, docname: 'T-0002', note: 'bulk' },
      { ...Ticket, docname: 'T-0003', subject: '' },
      { ...Ticket, docname: 'nope', note: 'bulk' },
      { ...Ticket, docname: 'T-0004', note: 'bulk' },
    ]
    const { failed_docs } = (await post(admin, 'bulk_update', { docs: JSON.stringify(docs) })).body
      .message as {
      failed_docs: { doc: { docname: string }; exc: string }[]
    }
    t.same(
      failed_docs.map(({ doc }) => doc.docname),
      ['T-0003', 'nope'],
    )
    t.match(failed_docs[0]?.exc, /MandatoryError/)
    t.equal(await said(admin, 'get_count', { ...Ticket, filters: { note: 'bulk' } }), 2)
    const byClerk = await post(clerk, 'bulk_update', { docs })
    t.equal(byClerk.body.message.failed_docs.length, 4)
    refused(t, await post(guest, 'bulk_update', { docs }), 403, 'PermissionError')
  })

  await t.test('delete by DELETE or POST; a child row leaves its parent', async (t) => {
    const [row] = ((await said(admin, 'get', { ...Ticket, name: 'T-0005' })) as { steps: { name: string }[] })
      .steps
    const child = { doctype: 'Step', name: row?.name }
    refused(t, await post(clerk, 'delete', child), 403, 'PermissionError')
    t.same((await post(admin, 'delete', child)).body, {})
    t.match(await said(admin, 'get', { ...Ticket, name: 'T-0005' }), { steps: [] })
    t.equal((await admin.delete(`${m}delete?${query({ ...Ticket, name: 'T-0005' })}`)).status, 200)
    refused(t, await post(admin, 'delete', { ...Ticket, name: 'T-0005' }), 404, 'DoesNotExistError')
    refused(t, await ask(admin, 'delete', one), 403, 'PermissionError')
    refused(t, await post(clerk, 'delete', one), 403, 'PermissionError')
    refused(t, await post(admin, 'delete', { doctype: 'Drawer', name: 'shut' }), 404, 'DoesNotExistError')
  })

  await t.test('rename_doc, and the title', async (t) => {
    const rename = (client: Client, args: object): Promise<Answer> =>
      post(client, 'rename_doc', { doctype: 'Label', ...args })
    t.equal((await rename(admin, { old_name: 'x', new_name: 'x 2' })).body.message, 'x 2')
    t.same(await said(admin, 'get_value', { doctype: 'Label', fieldname: 'name', filters: 'x' }), {})
    refused(t, await rename(plain, { old_name: 'x 2', new_name: 'q' }), 403, 'PermissionError')
    refused(t, await rename(admin, { old_name: 'none', new_name: 'q' }), 404, 'DoesNotExistError')
    refused(t, await rename(admin, { old_name: 'x 2' }), 417, 'ValidationError')
    refused(t, await rename(admin, { old_name: 'x 2', new_name: 'y' }), 409, 'DuplicateEntryError')
    await post(admin, 'set_value', { ...one, fieldname: 'label', value: 'y' })
    t.equal((await rename(admin, { old_name: 'y', new_name: 'x 2', merge: true })).body.message, 'x 2')
    t.match(await said(admin, 'get', one), { label: 'x 2' })
    refused(t, await rename(admin, { old_name: 'x 2', new_name: 'no', merge: 1 }), 404, 'DoesNotExistError')
    const drawer = { doctype: 'Drawer', old_name: 'mine', new_name: 'shut', merge: 1 }
    await post(plain, 'insert', { doc: { doctype: 'Drawer', name: 'mine', open: 1 } })
    refused(t, await post(plain, 'rename_doc', drawer), 404, 'DoesNotExistError')
    refused(t, await post(admin, 'rename_doc', { ...one, old: 'T-0001', new: 'T' }), 417, 'ValidationError')
    const title = { doctype: 'Label', docname: 'x 2', title: 'blue', name: 'x 3' }
    const path = '/api/method/frappe.model.rename_doc.update_document_title'
    t.equal((await admin.post(path, title)).body.message, 'x 3')
    t.match(await said(admin, 'get', { doctype: 'Label', name: 'x 3' }), { color: 'blue' })
    t.equal((await plain.post(path, { ...title, docname: 'x 3' })).status, 403)
  })

  await t.test('attach_file puts the file’s address into the field', async (t) => {
    const file = { filename: 'a.txt', filedata: 'hello', ...Ticket, docname: 'T-0002', docfield: 'picture' }
    const attached = await post(admin, 'attach_file', file)
    t.equal(attached.status, 200, attached.text)
    const { file_url } = attached.body.message as { file_url: string }
    t.match(file_url, /^\/files\/a.*\.txt$/)
    t.match(await said(admin, 'get', { ...Ticket, name: 'T-0002' }), { picture: file_url })
    const coded = { ...file, filename: 'b.txt', filedata: 'aGVsbG8=', decode_base64: 1, is_private: 1 }
    t.match((await post(admin, 'attach_file', coded)).body.message, { file_url: /^\/private/, file_size: 5 })
    refused(t, await post(admin, 'attach_file', { ...coded, filedata: '<>' }), 417, 'ValidationError')
    refused(t, await post(admin, 'attach_file', { ...file, docfield: 'note' }), 417, 'ValidationError')
    refused(t, await post(clerk, 'attach_file', file), 403, 'PermissionError')
  })

  await t.test('submit, cancel, amend: not here', async (t) => {
    refused(t, await post(admin, 'submit', { doc: one }), 417, 'ValidationError')
    refused(t, await post(admin, 'cancel', one), 417, 'ValidationError')
    const amended = await ask(admin, 'is_document_amended', { ...Ticket, docname: 'T-0001' })
    refused(t, amended, 417, 'ValidationError')
    t.match(amended.body.message.error.message, /not supported here/)
  })

  await t.test('forms: getdoc and savedocs answer with docs', async (t) => {
    const loaded = await admin.get(`/api/method/frappe.desk.form.load.getdoc?${query(one)}`)
    t.match(loaded.body.docs, [{ name: 'T-0001', origin: null }])
    t.notOk('message' in loaded.body)
    const saved = await admin.post('/api/method/frappe.desk.form.save.savedocs', {
      doc: { ...loaded.body.docs[0], note: 'by form' },
      action: 'Save',
    })
    t.match(saved.body.docs, [{ note: 'by form' }])
    const kept = await site.read({ user: 'Administrator' }, (ctx) =>
      ctx.getPassword('Ticket', 'T-0001', 'secret'),
    )
    t.equal(kept, 'hush', 'the asterisks of a form are no password')
    const submitted = { doc: saved.body.docs[0], action: 'Submit' }
    refused(
      t,
      await admin.post('/api/method/frappe.desk.form.save.savedocs', submitted),
      417,
      'ValidationError',
    )
    t.equal((await plain.get(`/api/method/frappe.desk.form.load.getdoc?${query(one)}`)).status, 403)
  })

  await t.test('a guest may nothing of it', async (t) => {
    for (const name of ['get', 'get_value', 'get_count', 'has_permission', 'validate_link'])
      refused(t, await ask(guest, name, { ...one, docname: 'T-0001' }), 403, 'PermissionError')
    for (const name of [
      'insert',
      'insert_many',
      'save',
      'set_value',
      'delete',
      'rename_doc',
      'attach_file',
      'submit',
    ])
      refused(t, await post(guest, name, {}), 403, 'PermissionError')
  })
})
