import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { buildApp, needsBuild, staleTypes } from '../../../desk/build/app.ts'
import { AppFolders, docTypeJson, hooksSource } from '../../support/app-folder.ts'

const apps = new AppFolders(t)
const shared = 'export const shared = { made: Math.random() }\n'

t.test(
  'server code: a module for each that desk loads, what they share once, packages outside',
  async (t) => {
    const folder = apps.write('built', {
      'hooks.ts': `import { shared } from './lib/shared.ts'\nvoid shared\n${hooksSource('built')}`,
      'lib/shared.ts': shared,
      'api/one.ts': "import { shared } from '../lib/shared.ts'\nexport const one = shared\n",
      'api/two.ts': "import { shared } from '../lib/shared.ts'\nexport const two = shared\n",
      'doctypes/pet/pet.json': docTypeJson('Pet'),
      'doctypes/pet/pet.ts':
        "import { Document } from '@f-chat/desk'\nexport default class Pet extends Document {}\n",
      'doctypes/pet/helper.ts': 'export const helper: number = 1\n',
    })
    t.equal(needsBuild(folder), true)
    await buildApp(folder)
    const dist = path.join(folder, 'dist')
    for (const file of ['hooks.js', 'api/one.js', 'api/two.js', 'doctypes/pet/pet.js'])
      t.ok(existsSync(path.join(dist, file)), file)
    const { one } = (await import(path.join(dist, 'api/one.js'))) as { one: unknown }
    const { two } = (await import(path.join(dist, 'api/two.js'))) as { two: unknown }
    t.equal(one, two, 'one shared module, not a copy in each')
    t.match(readFileSync(path.join(dist, 'doctypes/pet/pet.js'), 'utf8'), /from "@f-chat\/desk"/)
    t.match(readFileSync(path.join(folder, 'doctypes/pet/pet.types.ts'), 'utf8'), 'title: string | null')
    t.same(await staleTypes(folder), [], 'what was written is fresh')
  },
)

t.test('browser code: minified entries with shared chunks, styles as text or files', async (t) => {
  const folder = apps.write('pages', {
    'hooks.js': hooksSource('pages'),
    'public/a.ts': "import css from './look.css'\nimport('./later.ts')\nconsole.log(css)\n",
    'public/later.ts': 'console.log("later")\n',
    'public/look.css': '.pet { color: red; }\n',
  })
  t.equal(needsBuild(folder), true)
  await buildApp(folder)
  const files = readdirSync(path.join(folder, 'public', 'dist')).sort()
  for (const file of ['a.js', 'later.js', 'look.css']) t.ok(files.includes(file), file)
  t.match(readFileSync(path.join(folder, 'public/dist/look.css'), 'utf8'), '.pet{color:red}')
  t.match(readFileSync(path.join(folder, 'public/dist/a.js'), 'utf8'), /\.pet \{ color: red/)
  t.notOk(existsSync(path.join(folder, 'dist')), 'server code in JavaScript is used as it is')
})

t.test('a mistake is named with file and line; plain JavaScript needs nothing', async (t) => {
  const wrong = apps.write('wrong', { 'hooks.ts': '\nexport default {\n' })
  await t.rejects(buildApp(wrong), { message: /hooks\.ts:3: / })
  t.equal(needsBuild(apps.write('plain', { 'hooks.js': hooksSource('plain') })), false)
})

t.test('what is built stays whole while it is built anew, and what has no source goes', async (t) => {
  const folder = apps.write('rebuilt', {
    'hooks.ts': hooksSource('rebuilt'),
    'api/here.ts': "import { later } from '../lib/later.ts'\nexport const here = later\n",
    'api/gone.ts': "import { later } from '../lib/later.ts'\nexport const gone = later\n",
    'lib/later.ts': `export const later = '${'x'.repeat(300_000)}'\n`,
    'public/page.ts': 'console.log(1)\n',
  })
  await buildApp(folder)
  const watched = ['dist/hooks.js', 'dist/api/here.js', 'public/dist/page.js'].map((name) =>
    path.join(folder, name),
  )
  const texts = watched.map((file) => readFileSync(file, 'utf8'))
  rmSync(path.join(folder, 'api/gone.ts'))
  const over = new AbortController()
  let looks = 0
  const builds = (async () => {
    for (let round = 0; round < 5; round += 1) await buildApp(folder)
    over.abort()
  })()
  while (!over.signal.aborted) {
    for (const [at, file] of watched.entries())
      if (at !== 1 && readFileSync(file, 'utf8') !== texts[at]) t.fail(`${file} was seen half written`)
    if (readFileSync(watched[1] ?? '', 'utf8').length === 0) t.fail('seen empty')
    looks += 1
    await nextTurn()
  }
  await builds
  t.ok(looks > 10, `${String(looks)} looks`)
  t.notOk(existsSync(path.join(folder, 'dist/api/gone.js')))
  t.same(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.new')),
    [],
  )
})
