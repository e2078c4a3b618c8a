import path from 'node:path'
import t from 'tap'
import { createDatabase } from '../../../desk/db/index.ts'
import { DoesNotExistError } from '../../../desk/errors.ts'
import { ADMIN_PASSWORD, addUser, labSiteOn, PASSWORD } from '../../support/fixtures-app.ts'
import { wireApp } from '../../support/lab.ts'
import { serve, type Answer } from '../../support/server.ts'

const database = createDatabase({ db_type: 'sqlite', db_name: path.join(t.testdir({}), 'site.db') })
const site = await labSiteOn(t, database, {
  ...wireApp,
  pages: {
    call: {
      title: 'Call <b>',
      scripts: ['/assets/lab/call.js'],
      styles: ['/assets/lab/call.css'],
      context({ name }, ctx) {
        if (name === 'none') throw new DoesNotExistError('There is no such call.')
        return { name, user: ctx.user }
      },
    },
    board: {
      title: 'Board',
      scripts: ['/assets/lab/board.js'],
      allowGuest: true,
      context: (params) => params,
    },
  },
  website_route_rules: [
    { from_route: '/call/<name>', to_route: 'call' },
    { from_route: '/board/<path:rest>', to_route: 'board' },
  ],
  web_include_js: '/assets/lab/web.js',
  web_include_css: ['/assets/lab/web.css'],
  boot_session: (boot) => {
    boot.session_said = 1
  },
  extend_bootinfo: (boot, ctx) => {
    boot.extended = ctx.user
  },
  add_to_apps_screen: [
    { name: 'evil', title: 'Evil', route: 'javascript:alert(1)' },
    { name: 'away', title: 'Away', route: '//evil.example' },
    { name: 'lab', title: 'Lab <i>', route: '/desk/ticket', logo: '/assets/lab/logo.svg' },
    {
      name: 'tools',
      title: 'Tools',
      route: '/tools',
      has_permission: (ctx) => ctx.user === 'Administrator',
    },
  ],
})
await addUser(site, 'ann@test.example', [], { new_password: PASSWORD })
await addUser(site, 'web@test.example', [], { new_password: PASSWORD, user_type: 'Website User' })
const served = await serve(t, site)
const admin = await served.login('Administrator', ADMIN_PASSWORD)
const ann = await served.login('ann@test.example', PASSWORD)
const web = await served.login('web@test.example', PASSWORD)
const guest = served.client()

const bootOf = ({ text }: Answer): Record<string, unknown> => {
  const json = /<script type="application\/json" id="boot">(.*?)<\/script>/s.exec(text)?.[1] ?? '{}'
  return JSON.parse(json) as Record<string, unknown>
}

t.test('an app’s page: a shell with the boot data and its scripts, for whoever is logged in', async (t) => {
  for (const client of [ann, web]) {
    const answer = await client.page('/call/C%2F1?video=1')
    t.equal(answer.status, 200)
    t.match(answer.text, /<title>Call &lt;b&gt; · Lab<\/title>/)
    for (const file of ['call.js', 'web.js', 'call.css', 'web.css'])
      t.match(answer.text, `"/assets/lab/${file}"`)
    for (const [tag] of answer.text.matchAll(/<script[^>]*>/g))
      t.match(tag, /src="\/assets\/|type="application\/json"/, 'nothing inline')
    t.match(bootOf(answer), { page: { name: 'C/1' }, csrf_token: /^[0-9a-f]{56}$/, session_said: 1 })
    t.equal(answer.headers.get('cache-control'), 'no-store')
  }
  t.match(bootOf(await ann.page('/call/C-1')), { page: { user: 'ann@test.example' } })
})

t.test('a guest logs in first, unless the page is for everybody', async (t) => {
  const away = await guest.page('/call/C-1?video=1')
  t.equal(away.headers.get('location'), '/login?redirect-to=%2Fcall%2FC-1%3Fvideo%3D1')
  const board = await guest.page('/board/a/b')
  t.equal(board.status, 200)
  t.match(bootOf(board), { page: { rest: 'a/b' }, user: { name: 'Guest' } })
  t.notOk('csrf_token' in bootOf(board))
  t.notOk('sidebar' in bootOf(board))
})

t.test('what the page’s context refuses is an error page', async (t) => {
  const missing = await ann.page('/call/none')
  t.match([missing.status, missing.text], [404, /There is no such call/])
  t.equal((await ann.page('/call')).status, 404)
})

t.test('apps on the home page: those that one may open, by addresses of the site', async (t) => {
  const cards = async (client: typeof ann): Promise<unknown[]> => {
    const answer = await client.page('/desk')
    t.notMatch(answer.text, /javascript:|<i>/)
    return (bootOf(answer).apps_screen as { name: string }[]).map(({ name }) => name)
  }
  t.same(await cards(admin), ['lab', 'tools'])
  t.same(await cards(ann), ['lab'])
  t.match((await ann.page('/desk')).text, /class="app-card" href="\/desk\/ticket"[\s\S]*Lab &lt;i&gt;/)
  t.match(bootOf(await ann.page('/desk')), { session_said: 1, extended: 'ann@test.example' })
})

t.test('a rule that leads nowhere stops the start, and says so', async (t) => {
  const other = createDatabase({ db_type: 'sqlite', db_name: path.join(t.testdir({}), 'site.db') })
  const wrong = await labSiteOn(t, other, { website_route_rules: [{ from_route: '/x', to_route: 'gone' }] })
  await t.rejects(serve(t, wrong), /\/x leads to "gone", but no app has a page/)
})
