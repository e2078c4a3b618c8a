// `npm test`: prepares what the tests need, builds, runs the static checks and the whole suite. `--full` adds the long ones.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDependencies } from './dependencies.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const artifacts = path.join(root, '.artifacts')
mkdirSync(artifacts, { recursive: true })

ensureDependencies(root)
const missing = ensureSystemPackages()
const counts = { passed: 0, failed: 0, skipped: 0 }
// Before the build, which writes the types anew.
await check('generated files', 'npm', ['run', '--silent', 'docs', '--', '--check'])
if ((await run('build', process.execPath, ['scripts/build.mjs'])) !== 0) process.exit(1)
await prepareTap()
for (const [name, ...command] of [
  ['typecheck', 'tsc', '--noEmit'],
  ['lint', 'eslint', '--max-warnings=0', '.'],
  ['format', 'prettier', '--check', '.'],
  ['knip', 'knip'],
]) {
  await check(name, path.join(root, 'node_modules', '.bin', command[0]), command.slice(1))
}

const database = missing.includes('MariaDB')
  ? null
  : await (await import('./mariadb-server.mjs')).startMariaDb()
try {
  await runTap()
} finally {
  await database?.stop()
}
if (missing.length > 0) console.log(`Skipped for want of ${missing.join(' and ')}: what needs them.`)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed > 0 ? 1 : 0

/** tap assembles itself from the plugins that .taprc names; once for each installation of the packages. */
async function prepareTap() {
  const stamp = path.join(root, 'node_modules', '.cache', 'f-chat', 'tap')
  const config = readFileSync(path.join(root, '.taprc'), 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === config) return
  if ((await run('tap build', path.join(root, 'node_modules', '.bin', 'tap'), ['build'])) !== 0)
    process.exit(1)
  mkdirSync(path.dirname(stamp), { recursive: true })
  writeFileSync(stamp, config)
}

async function check(name, command, args) {
  if ((await run(name, command, args)) === 0) counts.passed += 1
  else counts.failed += 1
}

async function runTap() {
  const output = path.join(artifacts, 'test.tap')
  const env = {
    F_CHAT_MISSING: missing.join(','),
    ...(database ? { TEST_MARIADB_SOCKET: database.socket } : {}),
  }
  const tap = path.join(root, 'node_modules', '.bin', 'tap')
  const reporter = process.stdout.isTTY ? 'terse' : 'silent'
  const args = ['run', '--jobs=2', `--reporter=${reporter}`, `--output-file=${output}`, ...testFiles()]
  const code = await run('tests', tap, args, env)
  const report = readFileSync(output, 'utf8')
  if (code !== 0 && reporter === 'silent') console.log(failures(report))
  const summary = /^# \{([^}]*)\}\s*$/m.exec(report.split('\n').slice(-6).join('\n'))?.[1] ?? ''
  const count = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary)?.[1] ?? 0)
  counts.passed += count('pass')
  counts.failed += count('fail')
  counts.skipped += count('skip') + count('todo')
  if (code !== 0 && count('fail') === 0) counts.failed += 1
  if (count('pass') === 0) counts.failed += 1
}

/** The suite; the long tests, which only a full run takes, are called `*.long.ts`. */
function testFiles() {
  const ending = process.argv.includes('--full') ? /\.(test|long)\.ts$/ : /\.test\.ts$/
  const names = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => ending.test(name))
    .map((name) => path.join('test', name))
    .sort()
}

/** What went wrong, out of a whole TAP report: each failure with its details. */
function failures(report) {
  const lines = report.split('\n')
  const kept = []
  for (let at = 0; at < lines.length; at += 1) {
    if (!/^\s*not ok /.test(lines[at])) continue
    const end = lines.findIndex((line, i) => i > at && line.trim() === '...')
    kept.push(...lines.slice(at, Math.min(end < 0 ? at + 1 : end + 1, at + 40)))
  }
  return kept.join('\n')
}

function run(name, command, args, env = {}) {
  const started = Date.now()
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${name}: ${error.message}`)
      resolve(1)
    })
    child.once('close', (code) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      console.log(`${code === 0 ? 'ok' : 'NOT OK'} ${name} (${seconds} s)`)
      resolve(code ?? 1)
    })
  })
}
