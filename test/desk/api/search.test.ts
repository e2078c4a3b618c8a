import t, { type Test } from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, addUser, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { clientApp } from '../../support/client-app.ts'
import { serve, type Answer, type Client } from '../../support/server.ts'

await eachDatabase(t, 'search_link', async (t, db) => {
  const site = await labSite(t, db, clientApp)
  await addUser(site, 'chooser@test.example', ['Chooser'], { new_password: PASSWORD })
  await addUser(site, 'plain@test.example', [], { new_password: PASSWORD })
  const served = await serve(t, site)
  const admin = await served.login('Administrator', ADMIN_PASSWORD)
  const chooser = await served.login('chooser@test.example', PASSWORD)
  const plain = await served.login('plain@test.example', PASSWORD)
  await site.asAdministrator(async (ctx) => {
    await ctx.insert('Drawer', { name: 'shut' }, { ignorePermissions: true })
    await ctx.insert('Drawer', { name: 'wide', open: 1 }, { ignorePermissions: true })
    for (const [name, color] of [
      ['a1', 'red'],
      ['a2', 'blue'],
      ['b_1', '100%'],
    ])
      await ctx.insert('Label', { name, color })
    for (const subject of ['Roof', 'Door'])
      await ctx.insert('Ticket', { subject, note: `${subject} leaks`, cost: 9 })
  })
  const search = (client: Client, args: Record<string, string>): Promise<Answer> =>
    client.get(`/api/method/frappe.desk.search.search_link?${String(new URLSearchParams(args))}`)
  const found = async (client: Client, args: Record<string, string>): Promise<string[]> =>
    ((await search(client, args)).body.message as { value: string }[]).map(({ value }) => value)
  const refused = (t: Test, answer: Answer, status: number): void => {
    t.equal(answer.status, status, answer.text)
  }

  await t.test('by name, title and search fields, with filters', async (t) => {
    t.same((await search(admin, { doctype: 'Ticket', txt: 'roof' })).body.message, [
      { value: 'T-0001', label: 'Roof', description: 'Roof, Roof leaks' },
    ])
    t.same(await found(admin, { doctype: 'Ticket', txt: 'leak' }), ['T-0001', 'T-0002'])
    t.same(await found(admin, { doctype: 'Ticket', txt: 'leak', searchfield: 'subject' }), [])
    t.same(await found(admin, { doctype: 'Ticket', txt: '', filters: '{"subject":"Door"}' }), ['T-0002'])
    t.same(await found(admin, { doctype: 'Ticket', txt: '', page_length: '1' }), ['T-0001'])
    t.same(await found(admin, { doctype: 'Label', txt: '_' }), ['b_1'], 'no wildcard')
    t.same(await found(admin, { doctype: 'Label', txt: '%' }), ['b_1'])
  })

  await t.test('the right to select is enough; what is hidden is not offered', async (t) => {
    t.same(await found(chooser, { doctype: 'Label', txt: 'a' }), ['a1', 'a2'])
    t.same(
      await found(chooser, {
        doctype: 'Label',
        txt: '',
        ignore_user_permissions: '1',
        reference_doctype: 'Ticket',
      }),
      ['a1', 'a2', 'b_1'],
    )
    refused(t, await chooser.get('/api/resource/Label'), 403)
    t.same(await found(plain, { doctype: 'Drawer', txt: '' }), ['wide'])
    refused(t, await search(plain, { doctype: 'Label', txt: '' }), 403)
    refused(t, await search(chooser, { doctype: 'Ticket', txt: '' }), 403)
    refused(t, await search(served.client(), { doctype: 'Label', txt: '' }), 403)
  })

  await t.test('within User Permissions, unless the field leaves them aside', async (t) => {
    await addUser(site, 'limited@test.example', ['Chooser'], { new_password: PASSWORD })
    await site.asAdministrator((ctx) =>
      ctx.insert('User Permission', { user: 'limited@test.example', allow: 'Label', for_value: 'a1' }),
    )
    const limited = await served.login('limited@test.example', PASSWORD)
    t.same(await found(limited, { doctype: 'Label', txt: '' }), ['a1'])
    const ignoring = { doctype: 'Label', txt: '', ignore_user_permissions: '1' }
    t.same(await found(limited, ignoring), ['a1'], 'no field says so')
    t.same(await found(limited, { ...ignoring, reference_doctype: 'Drawer' }), ['a1'])
    t.same(await found(limited, { ...ignoring, reference_doctype: 'No Such' }), ['a1'])
    t.same(await found(limited, { ...ignoring, reference_doctype: 'Ticket' }), ['a1', 'a2', 'b_1'])
  })

  await t.test('what cannot be meant', async (t) => {
    for (const args of [
      { doctype: 'Ticket', filters: '{' },
      { doctype: 'Ticket', searchfield: 'secret' },
      { doctype: 'Ticket', searchfield: 'cost' },
      { doctype: 'Ticket', searchfield: 'name` or 1=1 --' },
      { doctype: 'Ticket', page_length: '1000' },
      { doctype: 'Preferences' },
    ])
      refused(t, await search(admin, args), 417)
    refused(t, await search(admin, { doctype: 'No Such' }), 404)
  })
})
