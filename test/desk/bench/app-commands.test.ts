import t from 'tap'
import { AppFolders, hooksSource } from '../../support/app-folder.ts'
import { buildOnce, makeBench } from '../../support/bench-cli.ts'

t.setTimeout(240_000)
buildOnce()

const COMMANDS = `bench_commands: [
  {
    name: 'feed',
    summary: 'Feed a pet',
    args: [{ name: 'PET' }],
    options: [
      { flag: 'secret', value: 'WORD', help: 'The word', env: 'FEED_SECRET' },
      { flag: 'fail', help: 'Fail' },
    ],
    exclusive: true,
    async run(site, input, io) {
      if (input.has('fail')) throw new Error('The pet\\nis not hungry.')
      const secret = input.text('secret') ?? (await io.askSecret('The word: ', '--secret'))
      for (let i = 1; i <= 3; i += 1) io.progress('Bites', i, 3)
      io.print(input.arg() + ' of ' + site.name + ' ate ' + secret)
    },
  },
  { name: 'migrate', summary: 'Not this one', run: async (site, input, io) => io.print('the app took over') },
]`

t.test('a command of an app', async (t) => {
  const bench = await makeBench(t)
  const folder = new AppFolders(t).write('zoo', { 'hooks.js': hooksSource('zoo', COMMANDS) })
  await bench.ok(t, ['get-app', folder])
  for (const site of ['with.test', 'without.test'])
    await bench.ok(t, [
      'new-site',
      site,
      '--admin-password',
      'secret',
      ...(site === 'with.test' ? ['--install-app', 'zoo'] : []),
    ])
  const feed = ['--site', 'with.test', 'feed']

  t.equal(await bench.ok(t, [...feed, 'Rex', '--secret', 'ham']), 'Bites: 3 of 3\nRex of with.test ate ham\n')
  t.match(await bench.ok(t, [...feed, 'Rex'], { env: { FEED_SECRET: 'tofu' } }), 'ate tofu')
  t.match(await bench.ok(t, [...feed, 'Rex'], { input: 'asked\n' }), 'ate asked')
  t.match(
    await bench.ok(t, ['feed', 'Rex', '--secret', 'x'], { env: { FRAPPE_SITE: 'with.test' } }),
    'of with.test',
  )
  await bench.fails(t, [...feed, 'Rex', '--fail'], /^The pet is not hungry\.$/m)
  await bench.fails(t, feed, /feed needs PET/)
  await bench.fails(t, [...feed, 'Rex', '--secrte', 'x'], /Did you mean --secret/)
  await bench.fails(t, ['--site', 'without.test', 'feed', 'Rex'], /no command "feed"/)
  await bench.fails(t, ['feed', 'Rex'], /no command "feed".*Say which site/)

  t.match(
    await bench.ok(t, ['--site', 'with.test', '--help']),
    /From the site's apps\n +feed PET +Feed a pet/,
  )
  t.match(await bench.ok(t, [...feed, '--help']), /--secret WORD .*FEED_SECRET/s)
  t.match(await bench.ok(t, ['--site', 'with.test', 'help', 'feed']), 'bench feed PET')
  t.notMatch(await bench.ok(t, ['--site', 'without.test', '--help']), 'feed')
  t.match(await bench.ok(t, ['--help']), 'new-site', 'without a site there is still help')
  t.equal(await bench.ok(t, ['__complete', '--site', 'with.test', 'fee']), 'feed\n')
  t.equal(await bench.ok(t, ['__complete', '--site', 'with.test', 'feed', '--sec']), '--secret\n')
  t.notMatch(
    await bench.ok(t, ['--site', 'with.test', 'migrate']),
    'took over',
    "desk's own keep their names",
  )
})
