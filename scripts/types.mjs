// Before `npm pack`: declarations of what apps may import, for their editors. Only what those entries reach is kept.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const desk = path.join(root, 'desk')
const cache = path.join(root, 'node_modules', '.cache', 'f-chat')
const ENTRIES = ['index.d.ts', 'client/index.d.ts']
/** How declarations name other files. */
const RELATIVE = /((?:from |import\()['"])(\.[^'"]*)\.ts(['"])/g

mkdirSync(cache, { recursive: true })
const draft = mkdtempSync(path.join(cache, 'types-'))
try {
  emit(draft)
  const into = path.join(desk, 'dist', 'types')
  rmSync(into, { recursive: true, force: true })
  for (const [file, text] of reachable(draft)) {
    mkdirSync(path.dirname(path.join(into, file)), { recursive: true })
    writeFileSync(path.join(into, file), text)
  }
} finally {
  rmSync(draft, { recursive: true, force: true })
}
mkdirSync(path.join(root, 'dist'), { recursive: true })
writeFileSync(
  path.join(root, 'dist', 'hooks.d.ts'),
  "import type { AppDefinition } from '@f-chat/desk'\ndeclare const app: AppDefinition\nexport default app\n",
)

function emit(outDir) {
  const config = path.join(outDir, 'tsconfig.json')
  const types = path.join(root, 'node_modules', '@types')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: desk,
    outDir,
    typeRoots: [types],
  }
  const include = [path.join(desk, '*', '*.d.ts')]
  const files = [path.join(desk, 'index.ts'), path.join(desk, 'client', 'index.ts')]
  const extending = path.join(root, 'tsconfig.json')
  writeFileSync(config, JSON.stringify({ extends: extending, compilerOptions, include, files, exclude: [] }))
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' })
  if (status === 0) return
  console.error(stdout)
  process.exitCode = 1
}

/** The declarations that the entries need, themselves included, naming each other as JavaScript does. */
function* reachable(folder) {
  const waiting = [...ENTRIES]
  const seen = new Set(waiting)
  for (const file of waiting) {
    const text = readFileSync(path.join(folder, file), 'utf8')
    yield [file, text.replaceAll(RELATIVE, '$1$2.js$3')]
    for (const [, , specifier] of text.matchAll(RELATIVE)) {
      const next = path.join(path.dirname(file), `${specifier}.d.ts`)
      if (seen.has(next) || !existsSync(path.join(folder, next))) continue
      seen.add(next)
      waiting.push(next)
    }
  }
}
