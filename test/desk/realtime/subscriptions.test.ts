import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, field, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { openSocket, serve, type Body } from '../../support/server.ts'

const ANN = 'ann@test.example'
const BEN = 'ben@test.example'

const rights = { read: 1, write: 1, create: 1, delete: 1 }

await eachDatabase(t, 'who looks at a document hears that it changed', async (t, db) => {
  const site = await labSite(t, db, {
    doctypes: {
      Paper: {
        autoname: 'Prompt',
        fields: [field('n', 'Int')],
        permissions: [{ role: 'Author', ...rights }],
      },
      Diary: {
        autoname: 'Prompt',
        fields: [field('n', 'Int')],
        permissions: [{ role: 'Author', ...rights, if_owner: 1 }],
      },
      Vault: {
        autoname: 'Prompt',
        fields: [field('open', 'Check')],
        permissions: [{ role: 'Author', ...rights }],
      },
      Setup: {
        issingle: 1,
        fields: [field('n', 'Int')],
        permissions: [{ role: 'Author', read: 1, write: 1 }],
      },
    },
    has_permission: { Vault: (doc) => doc.get('open') === 1 },
  })
  for (const email of [ANN, BEN]) await addUser(site, email, ['Author'], { new_password: PASSWORD })
  await addUser(site, 'eve@test.example', [], { new_password: PASSWORD })
  const served = await serve(t, site)
  const socketOf = async (user: string) => {
    const client = await served.login(user, PASSWORD)
    const socket = openSocket(t, served, { cookie: client.cookie })
    await socket.event('ready')
    return socket
  }
  const ann = await socketOf(ANN)
  const ben = await socketOf(BEN)
  const eve = await socketOf('eve@test.example')
  const put = (user: string, doctype: string, name: string, values: object): Promise<string> =>
    site.write({ user }, async (ctx) => {
      const doc = (await ctx.exists(doctype, name))
        ? await ctx.getDoc(doctype, name)
        : ctx.newDoc(doctype, { name })
      for (const [key, value] of Object.entries(values)) doc.set(key, value)
      return (await doc.save({ ignorePermissions: true })).modified
    })
  /** Says something to everyone that only a channel of one's own brings, so that all before it has arrived. */
  let fences = 0
  const fence = async (sockets: (typeof ann)[]): Promise<void> => {
    const event = `fence-${String(++fences)}`
    await site.asAdministrator((ctx) => {
      ctx.publish(event, null, { users: [ANN, BEN, 'eve@test.example'] })
      return Promise.resolve()
    })
    for (const socket of sockets) await socket.event(event)
  }
  const heard = (socket: typeof ann, event: string): Body[] =>
    socket.frames.filter((frame: Body) => frame.event === event).map((frame: Body) => frame.message)

  await t.test('a document: its saves, once each, and its end; not after unsubscribing', async (t) => {
    await put(ANN, 'Paper', 'P/1', { n: 1 })
    t.same(
      (await ann.call('frappe.realtime.doc_subscribe', { doctype: 'Paper', docname: 'P/1' })).message,
      undefined,
    )
    const modified = await put(BEN, 'Paper', 'P/1', { n: 2 })
    t.same((await ann.event('doc_update')).message, { doctype: 'Paper', name: 'P/1', modified })
    await put(ANN, 'Paper', 'P/2', { n: 1 })
    await site.write({ user: ANN }, async (ctx) => {
      const doc = await ctx.getDoc('Paper', 'P/1')
      await doc.save()
      await doc.save()
    })
    await fence([ann, ben])
    t.equal(heard(ann, 'doc_update').length, 2, 'one transaction is one notice, another document none')
    t.equal(heard(ben, 'doc_update').length, 0, 'who did not ask hears nothing')
    await ann.call('frappe.realtime.doc_unsubscribe', { doctype: 'Paper', docname: 'P/1' })
    await put(BEN, 'Paper', 'P/1', { n: 3 })
    await fence([ann])
    t.equal(heard(ann, 'doc_update').length, 2)
  })

  await t.test('nothing is heard of what was rolled back', async (t) => {
    await ann.call('frappe.realtime.doc_subscribe', { doctype: 'Paper', docname: 'P/2' })
    const before = heard(ann, 'doc_update').length
    await t.rejects(
      site.write({ user: ANN }, async (ctx) => {
        const doc = await ctx.getDoc('Paper', 'P/2')
        doc.set('n', 9)
        await doc.save()
        throw new Error('no')
      }),
    )
    await fence([ann])
    t.equal(heard(ann, 'doc_update').length, before)
  })

  await t.test('a Single', async (t) => {
    await ann.call('frappe.realtime.doc_subscribe', { doctype: 'Setup', docname: 'Setup' })
    await put(BEN, 'Setup', 'Setup', { n: 4 })
    const found = await ann.frame(
      (frame: Body) => frame.event === 'doc_update' && frame.message.doctype === 'Setup',
    )
    t.equal(found.message.name, 'Setup')
  })

  await t.test('those who may not read are refused', async (t) => {
    for (const [doctype, docname, status] of [
      ['Paper', 'P/1', 403],
      ['No Such', 'x', 404],
    ] as const) {
      t.equal((await eve.call('frappe.realtime.doc_subscribe', { doctype, docname })).status, status, doctype)
      t.equal((await eve.call('frappe.realtime.doctype_subscribe', { doctype })).status, status, doctype)
    }
    await put(ANN, 'Diary', 'mine', { n: 1 })
    t.equal(
      (await ben.call('frappe.realtime.doc_subscribe', { doctype: 'Diary', docname: 'mine' })).status,
      404,
    )
    t.equal(
      (await ann.call('frappe.realtime.doc_subscribe', { doctype: 'Paper', docname: 'none' })).status,
      404,
    )
    t.equal((await ann.call('frappe.realtime.doc_subscribe', { doctype: 'Paper' })).status, 417)
    const overHttp = await (
      await served.login(ANN, PASSWORD)
    ).post('/api/method/frappe.realtime.doc_subscribe', {
      doctype: 'Paper',
      docname: 'P/1',
    })
    t.equal(overHttp.status, 417, 'subscriptions belong to sockets')
    t.equal(
      (await served.client().post('/api/method/frappe.realtime.doctype_subscribe', { doctype: 'Paper' }))
        .status,
      403,
    )
  })

  await t.test('lists: each hears of the documents that they may read', async (t) => {
    for (const doctype of ['Paper', 'Diary']) {
      await ann.call('frappe.realtime.doctype_subscribe', { doctype })
      await ben.call('frappe.realtime.doctype_subscribe', { doctype })
    }
    await put(BEN, 'Paper', 'P/3', { n: 1 })
    await put(BEN, 'Diary', 'bens', { n: 1 })
    await put(ANN, 'Diary', 'anns', { n: 1 })
    const names = (socket: typeof ann, doctype: string): string[] =>
      heard(socket, 'list_update')
        .filter((message: Body) => message.doctype === doctype)
        .map((message: Body) => message.name as string)
    await ann.frame((frame: Body) => frame.event === 'list_update' && frame.message.name === 'anns')
    await ben.frame((frame: Body) => frame.event === 'list_update' && frame.message.name === 'bens')
    await fence([ann, ben])
    t.same(names(ann, 'Paper'), ['P/3'])
    t.same(names(ben, 'Paper'), ['P/3'])
    t.same(names(ann, 'Diary'), ['anns'], 'if_owner')
    t.same(names(ben, 'Diary'), ['bens'], 'if_owner')
    t.match(heard(ben, 'list_update')[0], { doctype: 'Paper', name: 'P/3', user: BEN })
  })

  await t.test('a permission that ends, ends the news at once', async (t) => {
    await put(ANN, 'Vault', 'v', { open: 1 })
    await ben.call('frappe.realtime.doc_subscribe', { doctype: 'Vault', docname: 'v' })
    await put(ANN, 'Vault', 'v', { open: 1 })
    const ofVault = (): Body[] =>
      heard(ben, 'doc_update').filter((message: Body) => message.doctype === 'Vault')
    await ben.frame((frame: Body) => frame.event === 'doc_update' && frame.message.doctype === 'Vault')
    await put(ANN, 'Vault', 'v', { open: 0 })
    await put(ANN, 'Vault', 'v', { open: 0 })
    await fence([ben])
    t.equal(ofVault().length, 1, 'closed by a hook: the change that closed it is not told')
    await site.asAdministrator(async (ctx) => {
      const user = await ctx.getDoc('User', BEN)
      user.set('roles', [])
      await user.save()
    })
    const paper = heard(ben, 'list_update').length
    await put(ANN, 'Paper', 'P/4', { n: 1 })
    await fence([ann])
    t.equal(heard(ben, 'list_update').length, paper, 'the role is gone')
  })
})
