import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { Document } from '../../../desk/document/document.ts'
import { loadApp } from '../../../desk/site/apps.ts'
import { AppFolders, docTypeJson, hooksSource } from '../../support/app-folder.ts'
import { eachDatabase } from '../../support/databases.ts'
import { field, forManagers, labSite } from '../../support/fixtures-app.ts'

/** Everything that documents can do, and the events, as names of fields. */
const names = [
  ...Object.getOwnPropertyNames(Document.prototype).filter(
    (name) => !['constructor', 'doctype', 'children'].includes(name),
  ),
  'autoname',
  'validate',
  'on_update',
  'after_delete',
]

await eachDatabase(t, 'fields may be called like what documents can do', async (t, db) => {
  const site = await labSite(t, db, {
    doctypes: {
      Twig: { istable: 1, fields: [field('text'), field('save', 'Int')] },
      Tree: {
        autoname: 'Prompt',
        permissions: forManagers,
        track_changes: 1,
        fields: [...names.map((name) => field(name)), field('children', 'Table', { options: 'Twig' })],
      },
    },
  })
  const values = Object.fromEntries(names.map((name) => [name, `the ${name}`]))
  await site.asAdministrator(async (ctx) => {
    const doc = await ctx.insert('Tree', { name: 'oak', ...values, children: [{ text: 'a', save: 1 }] })
    t.match(doc.plain(), { ...values, children: [{ text: 'a', save: 1 }] })
  })
  await site.asAdministrator(async (ctx) => {
    const doc = await ctx.getDoc('Tree', 'oak')
    t.match(doc.plain(), { ...values, children: [{ text: 'a', save: 1 }] }, 'read back')
    doc.append('children', { text: 'b' })
    doc.set('delete', 'another')
    t.ok(doc.hasValueChanged('delete'))
    t.notOk(doc.hasValueChanged('ctx'))
    await doc.save()
    await doc.dbSet({ meta: 'set at once' })
    t.equal(doc.get('meta'), 'set at once')
    t.equal(doc.text('delete'), 'another')
  })
  await site.asAdministrator(async (ctx) => {
    const doc = await ctx.getDoc('Tree', 'oak')
    t.match(doc.plain(), { delete: 'another', meta: 'set at once', stored: 'the stored' })
    t.same(
      doc.children('children').map((row) => row.text('text')),
      ['a', 'b'],
    )
    const [version] = await ctx.getAll('Version', { fields: ['data'] })
    t.match(version?.data, '"delete","the delete","another"')
    t.equal(ctx.copyDoc(doc).get('rename'), 'the rename')
    await doc.rename('elm', { force: true })
    t.equal(doc.get('rename'), 'the rename')
    await doc.delete()
    t.notOk(await ctx.exists('Tree', 'elm'))
  })
})

await t.test('but not like a method of their own controller, as in Frappe', async (t) => {
  const folder = new AppFolders(t).write('pets', {
    'hooks.js': hooksSource('pets'),
    'doctypes/cat/cat.json': docTypeJson('Cat', { fields: [field('title'), field('purr', 'Int')] }),
  })
  mkdirSync(path.join(folder, 'doctypes/cat'), { recursive: true })
  writeFileSync(
    path.join(folder, 'doctypes/cat/cat.js'),
    `import { documentOf } from '@f-chat/desk'\nexport default class Cat extends documentOf() { purr() {} }\n`,
  )
  await t.rejects(loadApp(folder), /cat\.json: the field "purr" and a method of its controller/)
})
