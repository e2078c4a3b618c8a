import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { isBuilt } from '../desk/build/freshness.ts'
import { FOLDERS, newestSource } from '../scripts/sources.mjs'

const root = path.resolve(import.meta.dirname, '..')
/** Code that is no part of what is built. */
const OTHERS = ['docs', 'node_modules', 'scripts', 'test', 'dist']

const hasCode = (folder: string): boolean =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).some((file) =>
    /(?<!\.d)\.(ts|json|css)$/.test(file),
  )

t.test('every folder with sources is looked at', async (t) => {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !OTHERS.includes(entry.name))
    .map(({ name }) => name)
  t.same(folders.filter(hasCode).sort(), [...FOLDERS].sort())
})

t.test('a change in any of them leads to a new build', async (t) => {
  const app = t.testdir({ dist: { 'hooks.js': '' }, 'hooks.ts': '', 'package.json': '', 'tsconfig.json': '' })
  const at = (file: string, seconds: number): void => {
    utimesSync(path.join(app, file), seconds, seconds)
  }
  for (const folder of FOLDERS) {
    mkdirSync(path.join(app, folder, 'deep'), { recursive: true })
    writeFileSync(path.join(app, folder, 'deep', 'one.ts'), '')
  }
  const files = ['hooks.ts', 'package.json', 'tsconfig.json', ...FOLDERS.map((name) => `${name}/deep/one.ts`)]
  const reset = (): void => {
    for (const file of files) at(file, 1000)
    at('dist/hooks.js', 2000)
  }
  reset()
  const before = newestSource(app)
  t.equal(isBuilt(app), true)
  for (const file of files) {
    at(file, 3000)
    t.not(newestSource(app).newest, before.newest, file)
    if (file.endsWith('.ts')) t.equal(isBuilt(app), false, `${file}, for get-app`)
    reset()
  }
  for (const folder of FOLDERS) {
    const added = path.join(folder, 'two.ts')
    writeFileSync(path.join(app, added), '')
    at(added, 500)
    t.not(newestSource(app).files, before.files, `${added}, which is older than the others`)
  }
})
