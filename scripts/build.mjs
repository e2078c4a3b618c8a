// Builds desk and the apps of this repo. `--if-changed` does nothing where the sources are as at the last build.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { newestSource } from './sources.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = path.join(root, 'node_modules', '.cache', 'f-chat', 'build.json')

const sources = JSON.stringify(newestSource(root))
const built = await readFile(stamp, 'utf8').catch(() => '')
const whole = existsSync(path.join(root, 'desk', 'dist', 'bench', 'bench.js'))
if (!process.argv.includes('--if-changed') || !whole || built !== sources) {
  const { register } = await import('tsx/esm/api')
  register()
  const { buildDesk } = await import('../desk/build/desk.ts')
  const { buildApp } = await import('../desk/build/app.ts')
  await buildDesk()
  await Promise.all([buildApp(root), buildApp(path.join(root, 'examples', 'sales_desk'))])
  await mkdir(path.dirname(stamp), { recursive: true })
  await writeFile(stamp, JSON.stringify(newestSource(root)))
}
