import t from 'tap'
import type { ShellBoot } from '../../../desk/web/desk.ts'
import { renderDesk, renderError, renderLogin } from '../../../desk/web/index.ts'

const assets = (file: string) => `/assets/desk/${file}`
const evil = `"><script>alert(1)</script>'`

const boot: ShellBoot & { secret: string } = {
  user: { name: 'asha@example.com', full_name: evil, user_image: '' },
  sitename: evil,
  lang: 'en',
  sidebar: [
    { module: evil, doctypes: [{ name: evil, route: evil }] },
    {
      module: 'Selling',
      doctypes: [
        { name: 'Customer', route: 'customer' },
        { name: 'Sales Order', route: 'sales-order' },
      ],
    },
  ],
  secret: '</script>',
}

/** What a strict Content-Security-Policy refuses. */
function inlineCode(page: string): string[] {
  const scripts = [...page.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)]
    .filter(
      ([, attributes = '', code = '']) => code.trim() !== '' && !attributes.includes('application/json'),
    )
    .map(([tag]) => tag)
  return [...scripts, ...(page.match(/<style|\sstyle=|\son[a-z]+=|javascript:/g) ?? [])]
}

t.test('every page is free of inline code and of what users wrote as markup', async (t) => {
  const pages = [
    renderDesk({
      boot,
      appScripts: ['/assets/f_chat/f-chat.js'],
      appStyles: [],
      assets,
      path: '/desk/customer/"><b>',
    }),
    renderLogin({
      siteTitle: evil,
      error: evil,
      redirectTo: `/desk/${evil}`,
      demoLogins: [{ email: evil, password: evil, name: evil }],
      assets,
    }),
    renderError({
      status: 404,
      title: evil,
      message: evil,
      actions: [{ label: evil, href: `/${evil}` }],
      assets,
    }),
  ]
  for (const page of pages) {
    t.same(inlineCode(page), [])
    t.notMatch(page, /<script>alert/)
    t.match(page, /^<!doctype html>/)
  }
})

t.test('the desk carries boot as JSON, and its scripts after its own', async (t) => {
  const page = renderDesk({ boot, appScripts: ['/a.js', '/b.js'], appStyles: ['/a.css'], assets })
  const json = /<script type="application\/json" id="boot">\s*([\s\S]*?)\s*<\/script>/.exec(page)?.[1] ?? ''
  t.same(JSON.parse(json), boot)
  const modules = [...page.matchAll(/<script type="module" src="([^"]*)"/g)].map(([, src]) => src)
  t.same(modules, ['/assets/desk/desk.js', '/a.js', '/b.js'])
  t.match(page, /<link rel="stylesheet" href="\/a\.css"/)
})

t.test("the navbar nests as Frappe's does, with the user menu in its list", async (t) => {
  const page = renderDesk({ boot, appScripts: [], appStyles: [], assets })
  const order = [
    '<header class="navbar">',
    'class="container"',
    'class="navbar-collapse"',
    'class="navbar-nav"',
    'dropdown-navbar-user',
  ]
  const places = order.map((part) => page.indexOf(part))
  t.ok(
    places.every((place, index) => place > (places[index - 1] ?? -1)),
    places.join(),
  )
})

t.test('title, breadcrumb and sidebar are right before any script ran', async (t) => {
  const page = renderDesk({ boot, appScripts: [], appStyles: [], assets, path: '/desk/sales-order/SO-0042' })
  t.match(page, /<title>SO-0042 · /)
  t.match(page, /<li aria-current="page">SO-0042<\/li>/)
  t.match(page, /<a href="\/desk\/sales-order"\s+aria-current="page"\s*>Sales Order<\/a>/)
  t.match(page, /<div id="desk-home"\s+hidden/)
  t.notMatch(renderDesk({ boot, appScripts: [], appStyles: [], assets }), /<div id="desk-home"\s+hidden/)
})

t.test('a login page shows an error only when there is one, and keeps only paths of this site', async (t) => {
  const plain = renderLogin({ siteTitle: 'Demo', assets, redirectTo: '//evil.example' })
  t.match(plain, /role="alert"\s+hidden/)
  t.notMatch(plain, /redirect-to|evil|demo-login/)
  const page = renderLogin({
    siteTitle: 'Demo',
    assets,
    error: 'Your session has ended.',
    redirectTo: '/desk/customer',
  })
  t.match(page, /role="alert"\s*>\s*Your session has ended\./)
  t.match(page, /data-redirect-to="\/desk\/customer"/)
})

t.test('a theme that the server fixes is in the markup', async (t) => {
  t.match(
    renderLogin({ siteTitle: 'Demo', assets, theme: 'dark' }),
    /<html lang="en"\s+data-theme="dark"\s*>/,
  )
  t.notMatch(renderLogin({ siteTitle: 'Demo', assets }), /data-theme/)
})
