import t from 'tap'
import { AppFolders, docTypeJson, hooksSource } from '../../support/app-folder.ts'
import { buildOnce, line, makeBench } from '../../support/bench-cli.ts'

buildOnce()
const bench = await makeBench(t)
const apps = new AppFolders(t)
t.setTimeout(240_000)

const controller = (type = ''): string =>
  `import { Document } from '@f-chat/desk'\nexport default class extends Document {\n  before_save()${type} { this.title = this.title.trim() }\n}\n`

const method = (name: string): string =>
  `import { defineMethod, Type } from '@f-chat/desk'
export const adopt = defineMethod({
  name: '${name}.adopt', writes: true, input: Type.Object({ title: Type.String() }),
  async handler({ title }, ctx) { return (await ctx.insert('${name === 'js_pets' ? 'Js Pet' : 'Ts Pet'}', { title })).title },
})\n`

const jsApp = apps.write('js_pets', {
  'hooks.js': hooksSource('js_pets', "app_include_js: '/assets/js_pets/pets.js'"),
  'doctypes/js_pet/js_pet.json': docTypeJson('Js Pet'),
  'doctypes/js_pet/js_pet.js': controller(),
  'api/pets.js': method('js_pets'),
  'public/pets.js': "import { deskClient } from '@f-chat/desk/client'\nconsole.log(deskClient)\n",
  'fixtures/role.json': JSON.stringify([{ doctype: 'Role', name: 'Pet Keeper', role_name: 'Pet Keeper' }]),
})
const tsApp = apps.write('ts_pets', {
  'hooks.ts': hooksSource('ts_pets'),
  'doctypes/ts_pet/ts_pet.json': docTypeJson('Ts Pet'),
  'doctypes/ts_pet/ts_pet.ts': controller(': void'),
  'api/pets.ts': method('ts_pets'),
})

t.test('a site', async (t) => {
  await bench.ok(t, ['new-site', 'pets.test', '--admin-password', 'secret', '--set-default'])
})

for (const [name, folder, doctype] of [
  ['js_pets', jsApp, 'Js Pet'],
  ['ts_pets', tsApp, 'Ts Pet'],
] as const) {
  t.test(`get-app and install-app are all that ${name} takes`, async (t) => {
    t.match(await bench.ok(t, ['get-app', folder]), `bench install-app ${name}`)
    t.match(await bench.ok(t, ['install-app', name]), `${name} is installed.`)
    t.match(await bench.ok(t, ['list-apps']), `${name} 2.1.0`)
    const adopted = await bench.ok(t, ['execute', `${name}.adopt`, '--kwargs', '{"title":" Rex "}'])
    t.equal(JSON.parse(adopted), 'Rex', 'method and controller ran')
    await bench.fails(
      t,
      ['execute', `${name}.adopt`, '--kwargs', '{"title":"Rex"}'],
      new RegExp(`${doctype} Rex already exists`),
    )
    t.match(await bench.ok(t, ['install-app', name]), 'installed already')
    t.match(await bench.ok(t, ['get-app', folder]), 'is in the bench', 'again is no harm')
  })
}

t.test('fixtures are there, and a migrate doubles nothing', async (t) => {
  const roles = ['execute', 'frappe.desk.search.search_link', '--kwargs', '{"doctype":"Role","txt":"pet"}']
  await bench.ok(t, ['migrate'])
  t.same((JSON.parse(await bench.ok(t, roles)) as unknown[]).length, 1)
})

t.test('its pages’ scripts are served, with desk’s client inside', async (t) => {
  const child = bench.spawn(['start', '--port', '0'])
  const url = /http\S+/.exec(await line(child, /is served at/))?.[0] ?? ''
  const answer = await fetch(`${url}/assets/js_pets/pets.js`)
  t.equal(answer.status, 200)
  t.match(await answer.text(), /f-chat\.desk/)
  const exit = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  t.equal(await exit, 0)
})
