import tap from 'tap'
import {
  cleanFileName,
  contentDisposition,
  extensionOf,
  placeOf,
  urlOf,
  withSuffix,
} from '../../../desk/files/names.ts'

tap.test('names are cleaned of what no system should meet', (t) => {
  const cases: [string, string][] = [
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['/etc/passwd', 'passwd'],
    ['..', 'file'],
    ['.', 'file'],
    ['', 'file'],
    ['.htaccess', 'htaccess'],
    ['...hidden..', 'hidden'],
    ['a\0b\r\n.txt', 'ab .txt'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['\u2066x\u2069.png', 'x.png'],
    ['100% <b>"sure"?#.txt', '100_ _b__sure___.txt'],
    ['  two   words .txt ', 'two words .txt'],
    ['e\u0301te\u0301.txt', 'été.txt'],
    ['\ud800.txt', '\ufffd.txt'],
    ['日本語.txt', '日本語.txt'],
    ['CON|PRN:1.txt', 'CON_PRN_1.txt'],
  ]
  for (const [given, clean] of cases) t.equal(cleanFileName(given), clean, JSON.stringify(given))
  t.end()
})

tap.test('names have at most 255 bytes and keep their extension', (t) => {
  for (const stem of ['x'.repeat(400), '語'.repeat(200), '😀'.repeat(100)]) {
    const name = cleanFileName(`${stem}.tar`)
    t.ok(Buffer.byteLength(name) <= 255, name)
    t.ok(name.endsWith('.tar'))
    t.equal(name, name.toWellFormed())
    const other = withSuffix(name)
    t.ok(Buffer.byteLength(other) <= 255)
    t.match(other, /-[0-9a-z]{10}\.tar$/)
  }
  t.ok(Buffer.byteLength(cleanFileName(`a.${'b'.repeat(400)}`)) <= 255)
  t.equal(extensionOf('a.b.c'), '.c')
  t.equal(extensionOf('none'), '')
  t.end()
})

tap.test('URLs and places', (t) => {
  t.same(placeOf('/files/a b.txt'), { isPrivate: false, name: 'a b.txt' })
  t.same(placeOf('/private/files/x'), { isPrivate: true, name: 'x' })
  t.equal(urlOf({ isPrivate: true, name: 'x' }), '/private/files/x')
  for (const url of [
    '/files/',
    '/files/../x',
    '/files/a/b',
    '/files/.env',
    '/files/a\\b',
    '/files/a\0',
    '/private/x',
    'x/files/y',
    'javascript:alert(1)',
    '/files/a\n/../b',
    `/files/${'x'.repeat(256)}`,
  ])
    t.equal(placeOf(url), null, JSON.stringify(url))
  t.end()
})

tap.test('names in a header', (t) => {
  t.equal(
    contentDisposition('attachment', 'Größe "1"\r\nX: y.txt'),
    `attachment; filename="Gro_e _1___X: y.txt"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22%0D%0AX%3A%20y.txt`,
  )
  t.equal(
    contentDisposition('inline', "it's.png"),
    `inline; filename="it's.png"; filename*=UTF-8''it%27s.png`,
  )
  t.end()
})
