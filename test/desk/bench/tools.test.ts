import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { commands } from '../../../desk/bench/commands.ts'
import { explain } from '../../../desk/bench/explain.ts'
import { overview, explainCommand } from '../../../desk/bench/help.ts'
import { masked } from '../../../desk/bench/mask.ts'
import { parse } from '../../../desk/bench/parse.ts'
import { AppFolders, docTypeJson } from '../../support/app-folder.ts'
import { buildOnce, makeBench, root } from '../../support/bench-cli.ts'

t.setTimeout(240_000)
const cli = path.join(root, 'desk', 'bin', 'bench.js')

t.test('the command line', async (t) => {
  const input = (line: string) => {
    const request = parse(line.split(' '), commands)
    if (request.do !== 'run') throw new Error(request.do)
    return request
  }
  t.equal(input('--site a.test migrate').input.site, 'a.test')
  t.equal(input('migrate --site=a.test').input.site, 'a.test')
  t.equal(input('add-user a@b.example --password 0123').input.text('password'), '0123')
  t.equal(input('add-user a@b.example --password=-x').input.text('password'), '-x')
  t.same(input('new-site a --install-app x --install-app y').input.list('install-app'), ['x', 'y'])
  t.equal(input('set-config -g -p key 1').input.has('parse'), true)
  t.equal(parse(['help', 'migrate'], commands).do, 'help')
  const refused: [string, RegExp][] = [
    ['bakup', /no command "bakup"\. Did you mean "backup"\?/],
    ['backup --with-file', /no option --with-file\. Did you mean --with-files\?/],
    ['backup --xyzzy', /no option --xyzzy\. "bench backup --help"/],
    ['backup extra', /does not know what to do with "extra"/],
    ['restore', /restore needs FILE/],
    ['backup --with-files=yes', /takes no value/],
    ['add-user a@b.example --password --add-role', /--password needs a value/],
    ['--nonsense', /no option --nonsense/],
  ]
  for (const [line, message] of refused) t.throws(() => parse(line.split(' '), commands), { message }, line)
})

t.test('help: every command, grouped; nothing wider than a page', async (t) => {
  const text = overview(commands)
  for (const { name } of commands) t.match(text, new RegExp(`^  ${name}\\b`, 'm'), name)
  for (const page of [text, ...commands.map(explainCommand)])
    t.same(
      page.split('\n').filter((line) => line.length > 80),
      [],
    )
  t.equal(new Set(commands.map(({ name }) => name)).size, commands.length)
})

t.test('secrets are masked wherever they stand', async (t) => {
  const config = {
    db_password: 'x1',
    encryption_key: 'x2',
    metrics_token: 'x3',
    redis_url: 'redis://me:x4@cache:6379/0',
    mail: { host: 'smtp', password: 'x5' },
    livekit: { url: 'wss://live', api_key: 'x6', api_secret: 'x7' },
    ice_servers: [{ urls: 'turn:a', username: 'u', credential: 'x8' }],
    turn: { secret: 'x9' },
  }
  const text = JSON.stringify(masked(config))
  t.notMatch(text, /x\d/)
  for (const shown of ['smtp', 'wss://live', 'turn:a', 'cache:6379']) t.match(text, shown)
})

t.test('what the system refuses is explained', (t) => {
  const refusal = (code: string, path?: string): Error =>
    Object.assign(new Error(`${code}: no`), { code, path })
  t.match(explain(refusal('ENOSPC')), /^The disk is full\. Make room/)
  t.match(explain(refusal('ENOSPC', '/backups/x')), /full at \/backups\/x/)
  t.match(explain(refusal('EROFS', '/backups')), /^\/backups cannot be written/)
  t.equal(explain(new Error('one\n  two')), 'one two')
  t.end()
})

t.test('in a bench', async (t) => {
  buildOnce()
  const bench = await makeBench(t)
  await bench.ok(t, ['new-site', 'one.test', '--set-default'], {
    env: { ADMIN_PASSWORD: 'from the environment' },
  })

  await t.test('bash completes commands, options, sites, apps and files', async (t) => {
    const bin = t.testdir({})
    writeFileSync(path.join(bin, 'bench'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`, {
      mode: 0o755,
    })
    const complete = (...words: string[]): string[] => {
      const script = `source <(bench completion bash)
        COMP_WORDS=(bench ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${String(words.length)}
        compopt() { :; }
        _bench; printf '%s\\n' "\${COMPREPLY[@]}"`
      const { stdout } = spawnSync('bash', ['-c', script], {
        cwd: bench.path,
        env: { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}`, BENCH_PATH: bench.path },
        encoding: 'utf8',
      })
      return stdout.split('\n').filter(Boolean).sort()
    }
    t.same(complete('inst'), ['install-app'])
    t.same(complete('backup', '--with'), ['--with-files'])
    t.same(complete('--site', ''), ['one.test'])
    t.same(complete('--site', 'one.test', 'mig'), ['migrate'])
    t.same(complete('drop-site', 'o'), ['one.test'])
    t.same(complete('new-site', 'x', '--db-type', 'm'), ['mariadb'])
    t.same(complete('completion', ''), ['bash', 'fish', 'zsh'])
    t.same(complete('restore', 'package'), ['package.json'])
  })

  await t.test('console runs what is piped in, and fails as it does', async (t) => {
    const console_ = (input: string) => bench.run(['console'], { input })
    const script = `const made = await insert('Role', { role_name: 'Diver' })
const names = (await get_list('Role', { fields: ['name'], limit_page_length: 0 })).map(({ name }) => name)
console.log(made.name, names.includes('Diver'), await call('ping'))
console.log(await write(async (ctx) => (await ctx.getDoc('Role', 'Diver')).name))`
    t.same(await console_(script), { code: 0, stderr: '', stdout: 'Diver true pong\nDiver\n' })
    const failed = await console_("throw new Error('my fault')")
    t.match(failed, { code: 1, stderr: 'my fault\n' })
    t.equal((await console_('const =')).code, 1)
  })

  await t.test('backup, restore and who is in the way', async (t) => {
    await bench.ok(t, ['backup', '--with-files'])
    const folder = bench.file('sites', 'one.test', 'private', 'backups')
    const file = path.join(
      folder,
      readdirSync(folder).find((name) => name.endsWith('-database.sqlite.gz')) ?? '',
    )
    await bench.ok(t, ['add-user', 'late@test.example'], { env: { USER_PASSWORD: 'long enough 42' } })
    t.match(await bench.ok(t, ['restore', file, '--admin-password', 'secret']), /one\.test is restored/)
    await bench.fails(t, ['execute', 'ping', '--user', 'late@test.example'], /no user late/)
    await bench.fails(t, ['restore', path.join(folder, 'none.gz')], /There is no file/)
    const locks = bench.file('sites', 'one.test', 'locks')
    mkdirSync(locks, { recursive: true })
    const { hostname } = await import('node:os')
    const holder = { pid: process.pid, started: '', host: hostname(), command: 'restore' }
    writeFileSync(path.join(locks, 'bench.lock'), JSON.stringify(holder))
    await bench.fails(t, ['backup'], /"bench restore" \(process \d+.*is at work/)
    writeFileSync(path.join(locks, 'bench.lock'), JSON.stringify({ ...holder, started: 'another start' }))
    await bench.ok(t, ['backup'])
    writeFileSync(path.join(locks, 'serve-1.json'), JSON.stringify(holder))
    await bench.fails(t, ['restore', file], /is being served.*Stop it/)
    writeFileSync(path.join(locks, 'serve-1.json'), JSON.stringify({ ...holder, started: 'long gone' }))
    t.match(await bench.ok(t, ['clear-cache']), /1 stale/)
    await bench.fails(t, ['reinstall', '--admin-password', 'secret'], /--yes/)
    await bench.ok(t, ['reinstall', '--yes', '--admin-password', 'secret'])
  })

  await t.test('a new app builds, installs, passes its own test, and goes', async (t) => {
    await bench.ok(t, ['new-app', 'tea_room'], { cwd: bench.path })
    await bench.fails(t, ['new-app', 'Tea Room'], /small letters/)
    await bench.ok(t, ['get-app', 'apps/tea_room'])
    await bench.ok(t, ['install-app', 'tea_room'])
    t.same(JSON.parse(await bench.ok(t, ['execute', 'tea_room.open_notes'])), [])
    const { status, stdout } = spawnSync('npm', ['test'], {
      cwd: bench.file('apps', 'tea_room'),
      encoding: 'utf8',
    })
    t.equal(status, 0, stdout)
    await bench.fails(t, ['uninstall-app', 'tea_room'], /--yes/)
    t.match(await bench.ok(t, ['uninstall-app', 'tea_room', '--dry-run']), /tabTea Room Note, 0 rows/)
    await bench.ok(t, ['uninstall-app', 'tea_room', '--yes'])
    t.notMatch(await bench.ok(t, ['list-apps']), /tea_room/)
  })

  await t.test('fixtures are exported, the same every time, and come back with migrate', async (t) => {
    const app = new AppFolders(t).write('chart', {
      'hooks.js': `import { defineApp } from '@f-chat/desk'
export default defineApp({ name: 'chart', title: 'Chart', fixtures: ['Chart Bar', { dt: 'Role', filters: [['name', 'like', 'Chart%']] }] })`,
      'doctypes/chart_bar/chart_bar.json': docTypeJson('Chart Bar', {
        fields: [
          { fieldname: 'title', fieldtype: 'Data', label: 'Title' },
          { fieldname: 'parts', fieldtype: 'Table', options: 'Chart Part', label: 'Parts' },
        ],
      }),
      'doctypes/chart_part/chart_part.json': docTypeJson('Chart Part', {
        istable: 1,
        autoname: 'hash',
        permissions: [],
      }),
    })
    await bench.ok(t, ['get-app', app])
    await bench.ok(t, ['install-app', 'chart'])
    await bench.ok(t, ['console'], {
      input: `await insert('Role', { role_name: 'Chart User' })
await insert('Chart Bar', { title: 'b', parts: [{ title: 'two' }, { title: 'one' }] })
await insert('Chart Bar', { title: 'a' })`,
    })
    await bench.ok(t, ['export-fixtures', '--app', 'chart'])
    const file = path.join(app, 'fixtures', 'chart_bar.json')
    const first = readFileSync(file, 'utf8')
    const docs = JSON.parse(first) as Record<string, unknown>[]
    t.same(
      docs.map(({ name }) => name),
      ['a', 'b'],
    )
    for (const doc of docs)
      for (const key of ['creation', 'owner', 'modified_by', 'idx']) t.notOk(key in doc, key)
    t.same(docs[1]?.parts, [{ title: 'two' }, { title: 'one' }])
    await bench.ok(t, ['export-fixtures'])
    t.equal(readFileSync(file, 'utf8'), first)
    await bench.ok(t, ['console'], { input: "await delete_doc('Chart Bar', 'b')" })
    await bench.ok(t, ['migrate'])
    await bench.ok(t, ['migrate'])
    const rows = await bench.ok(t, ['console'], {
      input: "console.log(JSON.stringify((await get_doc('Chart Bar', 'b')).parts.map(({ title }) => title)))",
    })
    t.same(JSON.parse(rows), ['two', 'one'])
    await bench.fails(t, ['export-fixtures', '--app', 'nosuch'], /not installed/)
  })
})
