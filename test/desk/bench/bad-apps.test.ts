import { readFileSync } from 'node:fs'
import t from 'tap'
import { AppFolders, docTypeJson, hooksSource } from '../../support/app-folder.ts'
import { buildOnce, makeBench } from '../../support/bench-cli.ts'

buildOnce()
const bench = await makeBench(t)
const apps = new AppFolders(t)
t.setTimeout(240_000)

t.test('a site', async (t) => {
  await bench.ok(t, ['new-site', 'pets.test', '--admin-password', 'secret', '--set-default'])
})

t.test('an app that is wrong is named with what is wrong, and does not come in', async (t) => {
  const before = readFileSync(bench.file('sites', 'apps.json'), 'utf8')
  const field = (keys: object): object => ({ fields: [{ fieldname: 'a', fieldtype: 'Data', ...keys }] })
  const wrong: [string, Record<string, string>, RegExp][] = [
    ['no_hooks', {}, /not an app: it has no hooks/],
    ['no_define', { 'hooks.js': 'export default 7' }, /defineApp/],
    ['bad_name', { 'hooks.js': hooksSource('Bad Name') }, /snake_case/],
    ['throws', { 'hooks.js': 'throw new Error("my own fault")' }, /hooks\.js cannot be loaded: my own fault/],
    ['missing', { 'hooks.js': "import 'no-such-package'" }, /hooks\.js cannot be loaded: .*no-such-package/],
    ['syntax', { 'hooks.ts': 'export default {' }, /hooks\.ts:1: /],
    [
      'no_json',
      { 'hooks.js': hooksSource('no_json'), 'doctypes/pet/pet.json': '{' },
      /pet\.json is not valid JSON/,
    ],
    [
      'kind',
      {
        'hooks.js': hooksSource('kind'),
        'doctypes/pet/pet.json': docTypeJson('Pet', field({ fieldtype: 'Colour' })),
      },
      /pet\.json.*Colour/,
    ],
    [
      'twice',
      {
        'hooks.js': hooksSource('twice'),
        'doctypes/pet/pet.json': docTypeJson('Pet', {
          autoname: 'hash',
          fields: ['a', 'b', 'A'].map((fieldname) => ({ fieldname, fieldtype: 'Data' })),
        }),
      },
      /pet\.json.*"a": used 2 times/,
    ],
    [
      'hiding',
      {
        'hooks.js': hooksSource('hiding'),
        'doctypes/pet/pet.json': docTypeJson('Pet', { autoname: 'hash', ...field({ fieldname: 'purr' }) }),
        'doctypes/pet/pet.js':
          "import { documentOf } from '@f-chat/desk'\nexport default class Pet extends documentOf() { purr() {} }",
      },
      /pet\.json: the field "purr" and a method of its controller have the same name/,
    ],
    [
      'place',
      { 'hooks.js': hooksSource('place'), 'doctypes/cat/cat.json': docTypeJson('Dog') },
      /belongs in a folder and file called dog/,
    ],
  ]
  for (const [name, files, advice] of wrong)
    await bench.fails(t, ['get-app', apps.write(name, files)], advice)
  await bench.fails(t, ['get-app', apps.path], /no package\.json/)
  t.equal(readFileSync(bench.file('sites', 'apps.json'), 'utf8'), before)
  await bench.fails(t, ['install-app', 'nosuch'], /bench get-app/)
})

t.test('an app whose after_install fails is not installed', async (t) => {
  const folder = apps.write('sulky', {
    'hooks.js': hooksSource('sulky', "after_install: () => { throw new Error('not today') }"),
    'doctypes/sulk/sulk.json': docTypeJson('Sulk'),
  })
  await bench.ok(t, ['get-app', folder])
  await bench.fails(t, ['install-app', 'sulky'], /not today/)
  t.notMatch(await bench.ok(t, ['list-apps']), 'sulky')
  await bench.fails(
    t,
    ['new-site', 'sulk.test', '--admin-password', 'secret', '--install-app', 'sulky'],
    /not today/,
  )
  await bench.fails(t, ['--site', 'sulk.test', 'list-apps'], /no site sulk\.test/)
  apps.write('sulky', { 'hooks.js': hooksSource('sulky') })
  await bench.ok(t, ['install-app', 'sulky'])
})

t.test('two apps with the same DocType', async (t) => {
  const pets = apps.write('js_pets', {
    'hooks.js': hooksSource('js_pets'),
    'doctypes/js_pet/js_pet.json': docTypeJson('Js Pet'),
  })
  await bench.ok(t, ['get-app', pets])
  await bench.ok(t, ['install-app', 'js_pets'])
  const twin = apps.write('twin', {
    'hooks.js': hooksSource('twin'),
    'doctypes/js_pet/js_pet.json': docTypeJson('Js Pet'),
  })
  await bench.ok(t, ['get-app', twin])
  await bench.fails(t, ['install-app', 'twin'], /Js Pet comes from both js_pets and twin/)
})
