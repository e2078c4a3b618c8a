import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, field, forManagers, labSite, PASSWORD, refusal } from '../../support/fixtures-app.ts'
import { checkPassword } from '../../../desk/site/passwords.ts'
import { createSession, findSession } from '../../../desk/site/sessions.ts'

const link = field('party', 'Link', { options: 'Party' })
const doctypes = {
  Party: { autoname: 'field:title', fields: [field('title'), link], permissions: forManagers },
  Plain: { autoname: 'Prompt', fields: [link], permissions: forManagers },
  Dynamic: {
    autoname: 'Prompt',
    permissions: forManagers,
    fields: [field('kind'), field('about', 'Dynamic Link', { options: 'kind' })],
  },
  Row: { istable: 1, fields: [link] },
  Holder: {
    autoname: 'Prompt',
    fields: [field('rows', 'Table', { options: 'Row' })],
    permissions: forManagers,
  },
  Choice: { issingle: 1, fields: [link], permissions: forManagers },
}

await eachDatabase(t, 'deleting', async (t, db) => {
  const site = await labSite(t, db, { doctypes })
  const asAdmin = site.asAdministrator.bind(site)
  const remove = (doctype: string, name: string): Promise<void> =>
    asAdmin(async (ctx) => (await ctx.getDoc(doctype, name)).delete())
  const party = (title: string): Promise<unknown> =>
    asAdmin((ctx) => ctx.insert('Party', { title, party: title }))

  await t.test('is refused while something links to the document, whatever the link', async (t) => {
    const linked: [string, Record<string, unknown>][] = [
      ['Plain', { name: 'p', party: 'plain' }],
      ['Dynamic', { name: 'd', kind: 'Party', about: 'dynamic' }],
      ['Holder', { name: 'h', rows: [{ party: 'holder' }] }],
    ]
    for (const [doctype, values] of linked) {
      const name = doctype.toLowerCase()
      await asAdmin((ctx) => ctx.insert('Party', { title: name }))
      await asAdmin((ctx) => ctx.insert(doctype, values))
      const error = refusal(
        417,
        'LinkExistsError',
        new RegExp(`${doctype} ${String(values.name)} links to it`),
      )
      await t.rejects(remove('Party', name), error)
      await remove(doctype, String(values.name))
      await t.resolves(remove('Party', name), 'and goes once nothing does')
    }
    await asAdmin((ctx) => ctx.insert('Party', { title: 'chosen' }))
    await asAdmin(async (ctx) => {
      const choice = await ctx.getDoc('Choice', 'Choice')
      choice.set('party', 'chosen')
      await choice.save()
    })
    await t.rejects(remove('Party', 'chosen'), refusal(417, 'LinkExistsError', /Choice links to it/))
  })

  await t.test('a document may link to itself', async (t) => {
    await asAdmin((ctx) => ctx.insert('Party', { title: 'self' }))
    await asAdmin(async (ctx) => {
      const doc = await ctx.getDoc('Party', 'self')
      doc.set('party', 'self')
      await doc.save()
    })
    await t.resolves(remove('Party', 'self'))
    await t.rejects(party('unknown'), refusal(417, 'LinkValidationError'))
  })

  await t.test('takes the child rows along', async (t) => {
    await asAdmin((ctx) => ctx.insert('Holder', { name: 'full', rows: [{}, {}] }))
    await remove('Holder', 'full')
    t.same(await site.database.reader('tabRow').where({ parent: 'full' }).pluck('name'), [])
  })

  await t.test('a Single stays', async (t) => {
    await t.rejects(remove('Choice', 'Choice'), refusal(417, 'ValidationError'))
  })

  await t.test('a deleted user leaves neither password nor session to a namesake', async (t) => {
    const email = 'gone@test.example'
    await addUser(site, email, [], { new_password: PASSWORD })
    const sid = await site.write({ user: email }, (ctx) => createSession(ctx, email))
    t.ok(await findSession(site, sid))
    await remove('User', email)
    await addUser(site, email)
    t.equal(await checkPassword(site.database.reader, email, PASSWORD), false)
    t.equal(await findSession(site, sid), null)
    await t.rejects(remove('User', 'Administrator'), refusal(403, 'PermissionError'))
  })
})
