import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { buildBrowserCode } from '../desk/build/browser-code.ts'

const root = path.resolve(import.meta.dirname, '..')
const LIMIT = 35 * 1000

/** The modules that a page loads with an entry, static imports of static imports; not what is imported later. */
function initialModules(entry: string, found = new Set<string>()): Set<string> {
  if (found.has(entry)) return found
  found.add(entry)
  const code = readFileSync(entry, 'utf8')
  for (const [, specifier = ''] of code.matchAll(/(?:\bfrom|\bimport)\s*"(\.[^"]+)"/g))
    initialModules(path.resolve(path.dirname(entry), specifier), found)
  return found
}

t.test('what a page loads for the chat button stays small', async (t) => {
  const outdir = t.testdir()
  await buildBrowserCode({ root, entries: ['public/f-chat.ts'], outdir })
  const modules = [...initialModules(path.join(outdir, 'f-chat.js'))]
  const total = modules.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0)
  t.comment(`${String(total)} bytes gzip in ${String(modules.length)} modules`)
  t.ok(modules.length > 1 && modules.every(existsSync), 'the entry and what it shares')
  t.ok(total <= LIMIT, `${String(total)} bytes of at most ${String(LIMIT)}, gzip, Lit included`)
  const code = modules.map((file) => readFileSync(file, 'utf8')).join('\n')
  t.notMatch(code, 'f-chat-composer', 'the drop-down is loaded later')
})
