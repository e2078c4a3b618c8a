import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Runs one of test/benchmarks: `npm run bench -- <name> [--json]`. */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const folder = resolve(root, 'test/benchmarks')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))

const [name, ...options] = process.argv.slice(2)
if (name === undefined || !names.includes(name)) {
  console.error(`Usage: npm run bench -- <${names.join('|')}> [--json]`)
  process.exit(2)
}

const child = spawn(
  process.execPath,
  ['--import=tsx', '--conditions=f-chat-source', resolve(folder, `${name}.bench.ts`), ...options],
  { cwd: root, stdio: 'inherit' },
)
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
