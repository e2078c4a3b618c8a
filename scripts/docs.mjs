// `npm run docs`: writes what is generated and committed: the reference of desk and F-Chat, and the DocTypes' types.
// `--check` only says whether it is up to date.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { staleTypes, writeDocTypeTypes } from '../desk/build/app.ts'
import { renderReference } from '../desk/build/reference.ts'
import { loadApp } from '../desk/site/apps.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = path.join(root, 'docs', 'reference')
const stale = []
for (const app of ['desk', '.', 'examples/sales_desk'].map((name) => path.join(root, name))) {
  stale.push(...(await staleTypes(app)).map(({ file }) => path.relative(root, file)))
  if (!process.argv.includes('--check')) await writeDocTypeTypes(app)
}
await mkdir(folder, { recursive: true })
for (const [name, app] of Object.entries({ desk: path.join(root, 'desk'), f_chat: root })) {
  const file = path.join(folder, `${name}.md`)
  const options = { ...(await resolveConfig(file)), parser: 'markdown' }
  const text = await format(renderReference(await loadApp(app)), options)
  if ((await readFile(file, 'utf8').catch(() => '')) === text) continue
  if (process.argv.includes('--check')) stale.push(path.relative(root, file))
  else await writeFile(file, text)
}
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`Not up to date: ${stale.join(', ')}. Run "npm run docs".`)
  process.exitCode = 1
}
