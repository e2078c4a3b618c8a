import t from 'tap'
import type { Context } from '../../../desk/context.ts'
import { Document } from '../../../desk/document/document.ts'
import type { RenameOptions } from '../../../desk/document/rename.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, field, forManagers, labSite, refusal } from '../../support/fixtures-app.ts'

const seen: string[] = []

class Place extends Document {
  override before_rename(): void {
    seen.push(`before ${String(this.renaming?.from)} ${String(this.renaming?.to)}`)
    if (this.renaming?.to === 'typo') this.renaming.to = 'Typo'
  }

  override after_rename(): void {
    seen.push(`after ${this.name} ${String(this.renaming?.merge)}`)
  }
}

const doctypes = {
  Place: {
    autoname: 'field:title',
    allow_rename: 1,
    track_changes: 1,
    permissions: [...forManagers, { role: 'Reader', read: 1 }],
    fields: [
      field('title', 'Data', { unique: 1 }),
      field('secret', 'Password'),
      field('near', 'Link', { options: 'Place' }),
      field('visits', 'Table', { options: 'Visit' }),
    ],
  },
  Visit: {
    istable: 1,
    fields: [
      field('place', 'Link', { options: 'Place', label: 'Place' }),
      field('kind', 'Data'),
      field('about', 'Dynamic Link', { options: 'kind' }),
    ],
  },
  Trip: {
    autoname: 'hash',
    permissions: forManagers,
    fields: [
      field('to', 'Link', { options: 'Place', label: 'To' }),
      field('kind', 'Data'),
      field('about', 'Dynamic Link', { options: 'kind' }),
      field('visits', 'Table', { options: 'Visit' }),
    ],
  },
  Home: {
    issingle: 1,
    permissions: forManagers,
    fields: [
      field('place', 'Link', { options: 'Place' }),
      field('kind', 'Data'),
      field('about', 'Dynamic Link', { options: 'kind' }),
    ],
  },
  Rock: { autoname: 'field:title', permissions: forManagers, fields: [field('title')] },
}

await eachDatabase(t, 'rename', async (t, db) => {
  const site = await labSite(t, db, { doctypes, controllers: { Place } })
  const admin = <T>(work: (ctx: Context) => Promise<T>): Promise<T> => site.asAdministrator(work)
  const place = (title: string, values: Record<string, unknown> = {}): Promise<Document> =>
    admin((ctx) => ctx.insert('Place', { title, ...values }))
  const rename = (from: string, to: string, options?: RenameOptions, doctype = 'Place'): Promise<string> =>
    admin((ctx) => ctx.renameDoc(doctype, from, to, options))

  await t.test('moves the row, its rows, its secret, its Versions, and every link', async (t) => {
    await place('Rome', { secret: 'hush', visits: [{ kind: 'x' }] })
    await place('Rom')
    const trip = await admin(async (ctx) => {
      const rome = await ctx.getDoc('Place', 'Rome')
      rome.set('near', 'Rome')
      await rome.save()
      const home = await ctx.getDoc('Home', 'Home')
      Object.assign(home, { place: 'Rome', kind: 'Place', about: 'Rome' })
      await home.save()
      await ctx.insert('Rock', { title: 'Rome' })
      return await ctx.insert('Trip', {
        to: 'Rome',
        kind: 'Place',
        about: 'Rome',
        visits: [
          { place: 'Rome', kind: 'Place', about: 'Rome' },
          { place: 'Rom', kind: 'Rock', about: 'Rome' },
        ],
      })
    })
    seen.length = 0
    t.equal(await rename('Rome', ' Roma '), 'Roma')
    t.same(seen, ['before Rome Roma', 'after Roma false'])
    await admin(async (ctx) => {
      t.equal(await ctx.exists('Place', 'Rome'), false)
      const roma = await ctx.getDoc('Place', 'Roma')
      t.match(roma.plain(), { title: 'Roma', near: 'Roma', visits: [{ kind: 'x', parent: 'Roma' }] })
      t.equal(await roma.getPassword('secret'), 'hush')
      t.match((await ctx.getDoc('Trip', trip.name)).plain(), {
        to: 'Roma',
        about: 'Roma',
        visits: [
          { place: 'Roma', about: 'Roma' },
          { place: 'Rom', kind: 'Rock', about: 'Rome' },
        ],
      })
      t.match((await ctx.getDoc('Home', 'Home')).plain(), { place: 'Roma', about: 'Roma' })
      t.same(await ctx.db('tabVersion').where({ ref_doctype: 'Place' }).pluck('docname'), ['Roma'])
      t.equal(await ctx.db('__Auth').where({ doctype: 'Place', name: 'Rome' }).first(), undefined)
    })
  })

  await t.test('merge: the other takes over the links, and this one goes', async (t) => {
    await place('Bonn', { secret: 'b', visits: [{ kind: 'y' }] })
    await place('Bonn am Rhein')
    const trip = await admin((ctx) => ctx.insert('Trip', { to: 'Bonn am Rhein' }))
    await t.rejects(rename('Bonn am Rhein', 'Bonn'), refusal(409, 'DuplicateEntryError', /merge the two/))
    await t.rejects(rename('Bonn', 'Nowhere', { merge: true }), refusal(404, 'DoesNotExistError'))
    t.equal(await rename('Bonn am Rhein', 'Bonn', { merge: true }), 'Bonn')
    await admin(async (ctx) => {
      t.equal(await ctx.exists('Place', 'Bonn am Rhein'), false)
      t.equal(await ctx.getValue('Trip', trip.name, 'to'), 'Bonn')
      t.equal(await ctx.getPassword('Place', 'Bonn', 'secret'), 'b')
    })
  })

  await t.test(
    'before_rename may set the name right; a document may change the case of its own',
    async (t) => {
      await place('error')
      t.equal(await rename('error', 'typo'), 'Typo')
      t.equal(await rename('Typo', 'TYPO'), 'TYPO')
      const doc = await admin(async (ctx) => (await ctx.getDoc('Place', 'TYPO')).rename('Done'))
      t.equal(doc.name, 'Done')
    },
  )

  await t.test('refused: bad names, a DocType that does not allow it, those who may not write', async (t) => {
    const reader = await addUser(site, 'reader@test.example', ['Reader'])
    await place('Fixed')
    for (const name of ['', '  ', 'a<b', 'x'.repeat(141), 'line\nbreak']) {
      await t.rejects(rename('Fixed', name), refusal(417, 'InvalidNameError'), JSON.stringify(name))
    }
    await t.rejects(rename('Fixed', 'Fixed'), refusal(417, 'ValidationError', /already/))
    await t.rejects(rename('Missing', 'x'), refusal(404, 'DoesNotExistError'))
    await t.rejects(rename('Home', 'x', {}, 'Home'), refusal(417, 'ValidationError', /single/))
    await t.rejects(
      site.write({ user: reader }, (ctx) => ctx.renameDoc('Place', 'Fixed', 'Mine')),
      refusal(403, 'PermissionError'),
    )
    await t.rejects(rename('Rome', 'Stone', {}, 'Rock'), refusal(417, 'ValidationError', /allow_rename/))
    t.equal(await rename('Rome', 'Stone', { force: true }, 'Rock'), 'Stone')
  })

  await t.test('a user: what was theirs stays theirs, and they log in anew', async (t) => {
    const email = await addUser(site, 'ann@test.example', ['System Manager'])
    await site.write({ user: email }, (ctx) => ctx.insert('Place', { title: 'Hers' }))
    await t.rejects(
      rename(email, 'no address', { force: true }, 'User'),
      refusal(417, 'ValidationError', /e-mail/),
    )
    await t.rejects(
      rename('Guest', 'g@test.example', { force: true }, 'User'),
      refusal(403, 'PermissionError'),
    )
    t.equal(await rename(email, 'Anna@test.example', { force: true }, 'User'), 'anna@test.example')
    await admin(async (ctx) => {
      t.match(await ctx.getValue('Place', 'Hers', ['owner', 'modified_by']), {
        owner: 'anna@test.example',
        modified_by: 'anna@test.example',
      })
      t.match((await ctx.getDoc('User', 'anna@test.example')).plain(), {
        email: 'anna@test.example',
        roles: [{ role: 'System Manager' }],
      })
    })
    await t.resolves(
      site.write({ user: 'anna@test.example' }, (ctx) => ctx.insert('Place', { title: 'Hers too' })),
      'with her roles',
    )
  })

  await t.test('delete: what links to a document keeps it, by field; notes about it do not', async (t) => {
    await place('Kept')
    const trip = await admin((ctx) => ctx.insert('Trip', { visits: [{ kind: 'Place', about: 'Kept' }] }))
    const remove = (): Promise<void> => admin(async (ctx) => (await ctx.getDoc('Place', 'Kept')).delete())
    await t.rejects(
      remove(),
      refusal(417, 'LinkExistsError', new RegExp(`Trip ${trip.name} links to it \\(about\\)`)),
    )
    await admin(async (ctx) => (await ctx.getDoc('Trip', trip.name)).delete())
    await admin(async (ctx) => {
      const home = await ctx.getDoc('Home', 'Home')
      Object.assign(home, { place: null, kind: 'Place', about: 'Kept' })
      await home.save()
    })
    await t.rejects(remove(), refusal(417, 'LinkExistsError', /Home links to it/))
    await admin(async (ctx) => {
      await ctx.setValue('Home', 'Home', { about: null })
      const kept = await ctx.getDoc('Place', 'Kept')
      kept.set('near', 'Kept')
      await kept.save()
      await ctx.insert('User Permission', { user: 'Administrator', allow: 'Place', for_value: 'Kept' })
    })
    await remove()
    await admin(async (ctx) => {
      t.equal(await ctx.count('Version', { ref_doctype: 'Place', docname: 'Kept' }), 0)
      t.equal(await ctx.count('User Permission', { for_value: 'Kept' }), 0)
    })
  })
})
