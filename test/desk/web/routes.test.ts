import t from 'tap'
import { breadcrumb } from '../../../desk/web/breadcrumb.ts'
import { initials } from '../../../desk/web/avatar.ts'
import { doctypeOf, newPathOf, parsePath, pathOf, safeRedirect, slugOf } from '../../../desk/web/routes.ts'

const sidebar = [
  { module: 'Selling', doctypes: [{ name: 'Sales Order', route: 'sales-order' }] },
  { module: 'Core', doctypes: [{ name: 'DocType', route: 'doctype' }] },
]

t.test('a path names a place', async (t) => {
  t.same(parsePath('/desk'), { view: 'home' })
  t.same(parsePath('/desk/'), { view: 'home' })
  t.same(parsePath('/desk/sales-order?status=Open#x'), { view: 'list', slug: 'sales-order' })
  t.same(parsePath('/desk/sales-order/new'), { view: 'new', slug: 'sales-order' })
  t.same(parsePath('/desk/sales-order/SO-0042/'), { view: 'form', slug: 'sales-order', name: 'SO-0042' })
  t.equal(parsePath('/login'), null)
  t.equal(parsePath('/desktop'), null)
  t.equal(parsePath('/desk/sales-order/%E0%A4'), null, 'malformed escapes')
})

t.test('any name survives its path', async (t) => {
  for (const name of ['A/B 1', '50% off?', 'ä#ö', 'a\\b', 'newer']) {
    t.same(parsePath(pathOf('Sales Order', name)), { view: 'form', slug: 'sales-order', name })
  }
  t.same(parsePath('/desk/file/Home/Attachments'), { view: 'form', slug: 'file', name: 'Home/Attachments' })
  t.same(parsePath(newPathOf('Sales Order')), { view: 'new', slug: 'sales-order' })
})

t.test("a slug is the DocType's name in lower case, and leads back to it", async (t) => {
  t.equal(slugOf('Sales Order'), 'sales-order')
  t.same(doctypeOf('doctype', sidebar), { doctype: 'DocType', module: 'Core' })
  t.same(doctypeOf('chat-room-member', sidebar), { doctype: 'Chat Room Member', module: null })
})

t.test('the breadcrumb leads from the module to the document', async (t) => {
  t.same(breadcrumb({ view: 'home' }, sidebar), [{ label: 'Home' }])
  t.same(breadcrumb({ view: 'list', slug: 'sales-order' }, sidebar), [
    { label: 'Selling' },
    { label: 'Sales Order' },
  ])
  const form = { view: 'form', slug: 'sales-order', name: 'SO-1' } as const
  t.same(breadcrumb(form, sidebar), [
    { label: 'Selling' },
    { label: 'Sales Order', href: '/desk/sales-order' },
    { label: 'SO-1' },
  ])
  t.same(breadcrumb(form, sidebar, true).at(-1), { label: 'Sales Order' }, 'a Single has no list')
})

t.test('after login only a path of this site is followed', async (t) => {
  for (const path of ['/desk', '/desk/sales-order/SO%201?x=1#y', '/files/a.pdf', '/login-help']) {
    t.equal(safeRedirect(path), path)
  }
  const refused = ['', null, undefined, 'desk', 'https://evil.example', '//evil.example', '/\\evil.example']
  for (const path of [
    ...refused,
    '/a\\b',
    '/\t/evil.example',
    '/api/method/logout',
    '/login?x=1',
    'javascript:alert(1)',
  ]) {
    t.equal(safeRedirect(path), null, String(path))
  }
})

t.test('initials are two letters at most', async (t) => {
  t.equal(initials('Asha Raman'), 'AR')
  t.equal(initials('administrator'), 'AD')
  t.equal(initials('maria del carmen'), 'MC')
  t.equal(initials('😀 face'), '😀F')
  t.equal(initials('  '), '?')
})
