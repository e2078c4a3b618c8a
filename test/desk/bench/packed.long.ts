import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t, { type Test } from 'tap'
import { buildOnce, line, root } from '../../support/bench-cli.ts'
import { mariaDbSocket, needsMariaDb } from '../../support/databases.ts'
import { Client } from '../../support/server.ts'

t.setTimeout(240_000)
buildOnce()
const folder = mkdtempSync(path.join(tmpdir(), 'f-chat-packed-'))
t.teardown(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Like a new user's shell: nothing of the clone or of another bench is in it. */
const { BENCH_PATH: _bench, FRAPPE_SITE: _site, NODE_OPTIONS: _options, ...env } = process.env

function run(t: Test, cwd: string, command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  t.equal(status, 0, `${command} ${args.join(' ')}${status === 0 ? '' : `: ${stderr}`}`)
  return stdout + stderr
}

/** What desk looks for in the folder of an app that is installed: methods, jobs and DocTypes. */
function loadedFrom(app: string): string[] {
  const modules = ['api', 'jobs'].flatMap((folder) =>
    readdirSync(path.join(app, folder))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `dist/${folder}/${name.replace(/\.ts$/, '.js')}`),
  )
  const doctypes = readdirSync(path.join(app, 'doctypes'))
    .map((name) => `doctypes/${name}/${name}.json`)
    .filter((file) => existsSync(path.join(app, file)))
  return [...modules, ...doctypes]
}

t.test('both packages are packed, and hold what is built and no sources', async (t) => {
  for (const at of [root, path.join(root, 'desk')]) run(t, at, 'npm', ['pack', '--pack-destination', folder])
  const packs = readdirSync(folder).sort()
  t.same(packs, ['f-chat-0.1.0.tgz', 'f-chat-desk-0.1.0.tgz'])
  for (const pack of packs) {
    const names = run(t, folder, 'tar', ['tzf', pack]).trim().split('\n')
    t.ok(names.includes('package/dist/hooks.js'))
    t.same(
      names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')),
      [],
      `${pack} has no sources`,
    )
    const app = pack.startsWith('f-chat-desk') ? path.join(root, 'desk') : root
    const missing = loadedFrom(app).filter((file) => !names.includes(`package/${file}`))
    t.same(missing, [], `${pack} has every module that is loaded by its place, and every DocType`)
  }
})

t.test('they go into an empty folder without complaint', async (t) => {
  mkdirSync(path.join(folder, 'empty'))
  const packs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  const said = run(t, path.join(folder, 'empty'), 'npm', [
    'install',
    '--no-audit',
    '--no-fund',
    ...packs.map((name) => `../${name}`),
  ])
  t.notMatch(said, /EBADENGINE|deprecated|ERESOLVE/)
})

t.test('a new app is type-checked against the package, in an editor as by tsc', async (t) => {
  const home = path.join(folder, 'empty')
  const shop = path.join(home, 'typed')
  run(t, home, 'npx', ['bench', 'init', 'typed'])
  run(t, shop, 'npx', ['bench', 'new-app', 'tea_room'])
  run(t, shop, 'npx', ['bench', 'get-app', 'apps/tea_room'])
  const app = path.join(shop, 'apps', 'tea_room')
  const check = (file: string, text: string): string => {
    writeFileSync(path.join(app, file), text)
    const { stdout } = spawnSync(
      process.execPath,
      [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', app],
      {
        cwd: app,
        encoding: 'utf8',
      },
    )
    rmSync(path.join(app, file))
    return stdout
  }
  const uses = `import desk, { defineJob, defineMethod, Document, Type, type Context } from '@f-chat/desk'
import { deskClient } from '@f-chat/desk/client'
import fChat from 'f-chat/hooks'
export const title: string = fChat.title
export const plugin = desk
export const job = defineJob({ name: 'tea_room.brew', input: Type.Object({ cups: Type.Integer() }), handler: async ({ cups }) => { cups.toFixed() } })
export const brew = defineMethod({
  name: 'tea_room.brew', writes: true, input: Type.Object({ cups: Type.Integer() }),
  handler: async ({ cups }, ctx: Context) => { await ctx.enqueue(job, { cups }); return cups * 2 },
})
export class Cup extends Document { override validate(): void { this.set('title', 'x') } }
export const ask = () => deskClient().call('tea_room.brew', { cups: 1 })
`
  t.equal(check('api/uses.ts', uses), '')
  const wrong =
    "import { defineApp } from '@f-chat/desk'\nexport default defineApp({ name: 1, title: 'x' })\n"
  t.match(check('api/wrong.ts', wrong), /wrong\.ts\(2,.*number.*string/, 'and mistakes are seen')
  const wrongArgument = uses.replace('{ cups })', "{ cups: 'two' })")
  t.match(check('api/wrong.ts', wrongArgument), /wrong\.ts\(/)
})

for (const kind of ['sqlite', 'mariadb'] as const)
  t.test(`from nothing to a message on ${kind}`, kind === 'mariadb' ? needsMariaDb : {}, async (t) => {
    const home = path.join(folder, 'empty')
    const shop = path.join(home, `shop-${kind}`)
    const bench = (...args: string[]): string => run(t, shop, 'npx', ['bench', ...args])
    run(t, home, 'npx', ['bench', 'init', path.basename(shop)])
    const where = kind === 'mariadb' ? ['--db-type', kind, '--db-socket', await mariaDbSocket()] : []
    bench('new-site', 'shop.localhost', '--admin-password', 'secret', '--set-default', ...where)
    t.teardown(() => {
      if (existsSync(shop))
        spawnSync('npx', ['bench', 'drop-site', 'shop.localhost', ...where.slice(2)], { cwd: shop, env })
    })
    bench('get-app', 'f-chat')
    bench('install-app', 'f_chat')
    for (const user of ['ann@test.example', 'ben@test.example'])
      bench('add-user', user, '--password', 'long enough 42', '--add-role', 'Chat User')
    t.match(bench('doctor'), /^ok {4}tables: up to date$/m)
    const child = spawn('npx', ['bench', 'start', '--port', '0'], { cwd: shop, env, detached: true })
    t.teardown(() => stop(child))
    await chat(t, /http\S+/.exec(await line(child, /served at/))?.[0] ?? '')
    t.equal(await stop(child), true)
  })

/** Logs in, opens the desk, loads the chat and sends a message, as a browser would. */
async function chat(t: Test, url: string): Promise<void> {
  const client = new Client(url)
  const login = await client.post('/api/method/login', { usr: 'ann@test.example', pwd: 'long enough 42' })
  t.equal(login.status, 200)
  const desk = await client.page('/desk')
  t.equal(desk.status, 200)
  const script = /\/assets\/f_chat\/f-chat\.js[^"']*/.exec(desk.text)?.[0]
  t.equal((await client.get(script ?? '/nosuch')).status, 200)
  client.csrf = /"?csrf_token"?\s*[:=]\s*"(\w+)"/.exec(desk.text)?.[1]
  const room = await client.post('/api/method/f_chat.create_chat_room', {
    room_name: 'First',
    room_type: 'Group Chat',
    members: ['ben@test.example'],
  })
  const { room_id } = room.body.message.data
  const sent = await client.post('/api/method/f_chat.send_message', { room_id, message_content: 'Hello 🙂' })
  t.match(sent.body.message, { success: true })
}

/** npx and what it runs. @returns whether it ended */
async function stop(child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return true
  const ended = new Promise<boolean>((resolve) => child.once('close', () => resolve(true)))
  process.kill(-child.pid, 'SIGTERM')
  return await ended
}
