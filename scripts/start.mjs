// `npm start`: installs, builds, makes a demo site where there is none, and serves it.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDependencies } from './dependencies.mjs'

const SITE = 'demo.localhost'
const ADMIN_PASSWORD = 'admin'
const DEMO_PASSWORD = 'demo'
const PEOPLE = [
  ['asha@demo.example', 'Asha'],
  ['mikael@demo.example', 'Mikael'],
  ['rania@demo.example', 'Rania'],
  ['tomas@demo.example', 'Tomas'],
]

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`F-Chat needs Node 20.19 or newer; this is ${process.version}.`)
  process.exit(1)
}

const root = fileURLToPath(new URL('..', import.meta.url))
const bench = path.resolve(process.env.BENCH_PATH ?? path.join(root, '.bench'))
process.env.BENCH_PATH = bench

ensureDependencies(root)
run('scripts/build.mjs', '--if-changed')
if (!isComplete()) createDemo()
// A newer clone may bring DocTypes that the site does not have yet.
else cli('--site', SITE, 'migrate')

const siteConfig = JSON.parse(readFileSync(siteConfigFile(), 'utf8'))
console.log(`
  F-Chat's demo desk. Open the address below and log in as
${siteConfig.demo_logins.map(({ name, email, password }) => `    ${name.padEnd(14)} ${email.padEnd(20)} password ${password}`).join('\n')}
`)
if (!['127.0.0.1', 'localhost', '::1', undefined].includes(process.env.HOST)) {
  console.log('  These logins are known to everyone: do not leave this site open to others.\n')
}
process.argv.splice(2, process.argv.length, '--site', SITE, 'start')
await import('../desk/dist/bench/bench.js')

function siteConfigFile() {
  return path.join(bench, 'sites', SITE, 'site_config.json')
}

/** The logins are written last: without them the site was never finished. */
function isComplete() {
  if (!existsSync(siteConfigFile())) return false
  return 'demo_logins' in JSON.parse(readFileSync(siteConfigFile(), 'utf8'))
}

function createDemo() {
  console.log('Making a demo site …')
  cli('init', bench)
  cli('get-app', root)
  cli('get-app', path.join(root, 'examples', 'sales_desk'))
  const apps = ['--install-app', 'sales_desk', '--install-app', 'f_chat']
  cli('new-site', SITE, '--admin-password', ADMIN_PASSWORD, ...apps, '--set-default', '--force')
  cli('--site', SITE, 'seed-demo')
  const logins = [
    ...PEOPLE.map(([email, name]) => ({ email, password: DEMO_PASSWORD, name })),
    { email: 'Administrator', password: ADMIN_PASSWORD, name: 'Administrator' },
  ]
  cli('--site', SITE, 'set-config', '-p', 'demo_logins', JSON.stringify(logins))
}

function cli(...args) {
  run('desk/bin/bench.js', ...args)
}

function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [path.join(root, script), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) process.exit(status ?? 1)
}
