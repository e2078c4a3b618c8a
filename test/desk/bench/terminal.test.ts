import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { AppFolders, hooksSource } from '../../support/app-folder.ts'
import { buildOnce, makeBench, root } from '../../support/bench-cli.ts'

t.setTimeout(120_000)
const cli = path.join(root, 'desk', 'bin', 'bench.js')
const hasTerminals = String(spawnSync('script', ['--version']).stdout).includes('util-linux')

/** What somebody types, each as soon as the screen shows something. */
type Dialogue = readonly (readonly [shown: string, typed: string])[]

t.test('at a terminal', { skip: !hasTerminals && "util-linux's script is not here" }, async (t) => {
  buildOnce()
  const bench = await makeBench(t)
  const SITE = 'one.test'

  /** Runs a command as a person does, on a pseudo terminal. */
  async function atTerminal(
    command: string,
    dialogue: Dialogue,
  ): Promise<{ code: number | null; screen: string }> {
    const { FRAPPE_SITE: _site, NODE_OPTIONS: _options, ...env } = process.env
    const child = spawn('script', ['-qec', `'${process.execPath}' '${cli}' ${command}`, '/dev/null'], {
      cwd: bench.path,
      env: { ...env, BENCH_PATH: bench.path, TERM: 'xterm' },
    })
    let screen = ''
    let seen = 0
    const waiting = [...dialogue]
    child.stdout.on('data', (chunk: Buffer) => {
      screen += chunk.toString()
      for (;;) {
        const [shown, typed] = waiting[0] ?? []
        const at = shown === undefined ? -1 : screen.indexOf(shown, seen)
        if (shown === undefined || at < 0) return
        seen = at + shown.length
        child.stdin.write(typed ?? '')
        waiting.shift()
      }
    })
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    t.same(waiting, [], `${command}: everything that was waited for was shown`)
    return { code, screen }
  }

  await t.test('a password is asked for, and not shown', async (t) => {
    const { code, screen } = await atTerminal(`new-site ${SITE}`, [
      ['Password for Administrator', 'sesame 42\r'],
    ])
    t.equal(code, 0)
    t.notMatch(screen, 'sesame')
    const given = await atTerminal('new-site two.test', [['Password for Administrator', '\u0003']])
    t.match(given, { code: 1, screen: /No password was given/ })
  })

  await t.test('what cannot be undone is asked for first', async (t) => {
    await bench.ok(t, ['new-site', 'old.test', '--admin-password', 'secret'])
    for (const answer of ['n\r', '\r', '\u0003'])
      t.match(await atTerminal('drop-site old.test', [['[y/N]', answer]]), {
        code: 1,
        screen: /Nothing was done/,
      })
    t.match(await atTerminal('drop-site old.test', [['[y/N]', 'y\r']]), { code: 0, screen: /is gone/ })
  })

  await t.test('the console answers, goes on after a mistake, and remembers', async (t) => {
    const { code, screen } = await atTerminal('console', [
      [`${SITE}> `, '20 + 3\r'],
      ['23', 'await get_doc("User", "nobody")\r'],
      ['nobody not found', '(await get_list("User")).length\r'],
      ['2', '\u0004'],
    ])
    t.equal(code, 0, screen)
    const history = readFileSync(bench.file('sites', SITE, 'logs', 'console.history'), 'utf8')
    t.match(history, '20 + 3')
  })

  await t.test('Ctrl+C while a bar is shown ends the command and gives the cursor back', async (t) => {
    const seed =
      'seed_demo: (site, size, told) => { told(1, 2); return new Promise((end) => setTimeout(end, 60_000)) }'
    const app = new AppFolders(t).write('slow', { 'hooks.js': hooksSource('slow', seed) })
    await bench.ok(t, ['get-app', app])
    await bench.ok(t, ['install-app', 'slow'])
    const { code, screen } = await atTerminal('seed-demo', [['50%', '\u0003']])
    t.equal(code, 130)
    t.match(screen, 'Pets of slow')
    t.ok(screen.lastIndexOf('\u001b[?25h') > screen.lastIndexOf('\u001b[?25l'), 'the cursor is shown')
  })
})
