import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import path from 'node:path'
import tap from 'tap'
import { parseRange } from '../../../desk/http/file-answer.ts'
import { eachDatabase } from '../../support/databases.ts'
import { fileSite, PNG, uploaded } from './support.ts'

tap.test('ranges', (t) => {
  const cases: [string | undefined, number, unknown][] = [
    [undefined, 10, null],
    ['bytes=0-4', 10, { start: 0, end: 4 }],
    ['bytes=5-', 10, { start: 5, end: 9 }],
    ['bytes=-3', 10, { start: 7, end: 9 }],
    ['bytes=-30', 10, { start: 0, end: 9 }],
    ['bytes=0-99', 10, { start: 0, end: 9 }],
    ['bytes=9-9', 10, { start: 9, end: 9 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=5-4', 10, null],
    ['bytes=0-1,3-4', 10, null],
    ['bytes=-', 10, null],
    ['lines=0-4', 10, null],
    ['bytes=99999999999999999999-', 10, 'unsatisfiable'],
  ]
  for (const [header, size, range] of cases) t.same(parseRange(header, size), range, header ?? 'none')
  t.end()
})

await eachDatabase(tap, 'a file is answered whole, in part, or not again', async (t, db) => {
  const { ann } = await fileSite(t, db)
  const { file_url: url } = await uploaded(ann, 'ten.txt', '0123456789', { is_private: '1' })
  const whole = await ann.get(url)
  t.match(whole, { status: 200, text: '0123456789' })
  const header = (name: string): string => whole.headers.get(name) ?? ''
  t.equal(header('content-type'), 'text/plain; charset=utf-8')
  t.equal(header('content-length'), '10')
  t.equal(header('accept-ranges'), 'bytes')
  t.equal(header('x-content-type-options'), 'nosniff')
  t.equal(header('cache-control'), 'private, no-cache')
  t.match(header('content-security-policy'), /sandbox/)
  const etag = header('etag')
  const modified = header('last-modified')

  const part = await ann.get(url, { Range: 'bytes=2-4' })
  t.match(part, { status: 206, text: '234' })
  t.equal(part.headers.get('content-range'), 'bytes 2-4/10')
  t.equal(part.headers.get('content-length'), '3')
  const beyond = await ann.get(url, { Range: 'bytes=10-' })
  t.equal(beyond.status, 416)
  t.equal(beyond.headers.get('content-range'), 'bytes */10')
  t.match(await ann.get(url, { Range: 'bytes=0-1,3-4' }), { status: 200, text: '0123456789' })
  t.match(await ann.get(url, { Range: 'bytes=2-4', 'If-Range': etag }), { status: 206 })
  t.match(await ann.get(url, { Range: 'bytes=2-4', 'If-Range': modified }), { status: 206 })
  t.match(await ann.get(url, { Range: 'bytes=2-4', 'If-Range': '"old"' }), { status: 200 })
  t.match(await ann.get(url, { 'If-None-Match': `"x", W/${etag}` }), { status: 304, text: '' })
  t.match(await ann.get(url, { 'If-None-Match': '"x"', 'If-Modified-Since': modified }), { status: 200 })
  t.match(await ann.get(url, { 'If-Modified-Since': modified }), { status: 304 })
  t.match(await ann.get(url, { 'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' }), { status: 200 })

  const head = await ann.request('HEAD', url)
  t.match(head, { status: 200, text: '' })
  t.equal(head.headers.get('content-length'), '10')
  t.equal(head.headers.get('etag'), etag)
  t.match(await ann.request('HEAD', url, { headers: { Range: 'bytes=0-1' } }), { status: 206, text: '' })
  for (const verb of ['POST', 'PUT', 'DELETE']) t.match(await ann.request(verb, url), { status: 404 }, verb)
})

await eachDatabase(tap, 'what a browser could run is downloaded, in a sandbox', async (t, db) => {
  const { ann, guest } = await fileSite(t, db)
  const disposition = async (name: string, content: string | Uint8Array<ArrayBuffer>): Promise<string> => {
    const doc = await uploaded(ann, name, content)
    const { status, headers } = await guest.get(encodeURI(doc.file_url))
    t.equal(status, 200)
    t.equal(headers.get('x-content-type-options'), 'nosniff')
    t.ok(headers.get('content-security-policy')?.startsWith("default-src 'none'"))
    t.equal(headers.get('cache-control'), 'public, no-cache')
    return headers.get('content-disposition') ?? ''
  }
  t.match(await disposition('a.png', PNG), /^inline; filename="a.png"/)
  t.match(await disposition('a.txt', 'text'), /^inline/)
  t.match(await disposition('Größe.pdf', '%PDF-1.4\n'), /^inline; .*filename\*=UTF-8''Gr%C3%B6%C3%9Fe\.pdf$/)
  for (const [name, content] of [
    ['a.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'],
    ['b.svg', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>'],
    ['a.html', '<p>'],
    ['a.htm', '<p>'],
    ['a.xml', '<?xml version="1.0"?><x/>'],
    ['a.xhtml', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'],
    ['a.js', '1'],
    ['a.bin', new Uint8Array([0, 1, 2])],
  ] as const)
    t.match(await disposition(name, content), /^attachment/, name)
})

/** A request whose path is sent as it is; fetch would tidy it. */
function rawStatus(url: string, rawPath: string, cookie = ''): Promise<number | undefined> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, path: rawPath, headers: { Cookie: cookie } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    call.on('error', reject)
    call.end()
  })
}

await eachDatabase(tap, 'path tricks find nothing', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, served, folder, guest } = lab
  await uploaded(ann, 'x.txt', 'x')
  const own = await uploaded(ann, 'own.txt', 'own', { is_private: '1' })
  writeFileSync(path.join(folder, 'site_config.json'), '{"db_password": "secret"}')
  writeFileSync(path.join(folder, 'public', 'files', 'no-row.txt'), 'nobody said that this is public')
  symlinkSync('../../site_config.json', path.join(folder, 'public', 'files', 'link.json'))
  for (const side of ['/files/', '/private/files/']) {
    for (const trick of [
      '../../site_config.json',
      '..%2f..%2fsite_config.json',
      '%2e%2e/%2e%2e/site_config.json',
      '..%5c..%5csite_config.json',
      '%00',
      'x.txt%00.png',
      '%2fetc%2fpasswd',
      '/etc/passwd',
      '.',
      '..',
      '',
      'a/b',
      '.uploads',
      'x'.repeat(400),
    ]) {
      const status = await rawStatus(served.url, side + trick, ann.cookie)
      t.ok(
        status === 404 || (trick.startsWith('..%2f') && status === 404),
        `${side}${trick}: ${String(status)}`,
      )
    }
  }
  for (const broken of ['/files/%ff', '/files/%', '/private/files/%zz'])
    t.ok([400, 404].includes((await rawStatus(served.url, broken, ann.cookie)) ?? 0), broken)
  t.match(await guest.get('/files/no-row.txt'), { status: 404 })
  t.match(await guest.get('/files/link.json'), { status: 404 })
  t.match(await guest.get('/files/own.txt'), { status: 404 })
  t.match(await guest.get('/private/files/own.txt'), { status: 403 })
  t.match(await guest.get('/private/files/nothing.txt'), { status: 403 })
  t.match(await lab.ben.get('/private/files/nothing.txt'), { status: 403 }, 'missing and hidden are alike')
  t.match(await lab.ben.get('/private/files/own.txt'), { status: 403 })

  rmSync(path.join(folder, 'private', 'files', 'own.txt'))
  t.match(await ann.get(own.file_url), { status: 404 })
  mkdirSync(path.join(folder, 'private', 'files', 'own.txt'))
  t.match(await ann.get(own.file_url), { status: 404 })
  rmSync(path.join(folder, 'private', 'files', 'own.txt'), { recursive: true })
  symlinkSync('../../site_config.json', path.join(folder, 'private', 'files', 'own.txt'))
  t.match(await ann.get(own.file_url), { status: 404 })
  t.same(lab.errors, [])
})

await eachDatabase(tap, '?fid= picks the row, and download_file the file', async (t, db) => {
  const { ann, ben, guest } = await fileSite(t, db)
  const own = await uploaded(ann, 'own.txt', 'own', { is_private: '1' })
  const other = await uploaded(ann, 'other.txt', 'other', { is_private: '1' })
  const open = await uploaded(ann, 'open.txt', 'open')
  t.match(await ann.get(`${String(own.file_url)}?fid=${String(own.name)}`), { status: 200 })
  t.match(await ann.get(`${String(own.file_url)}?fid=${String(other.name)}`), { status: 403 })
  t.match(await ann.get(`${String(own.file_url)}?fid=nothing`), { status: 403 })

  const download = (url: unknown): string =>
    `/api/method/download_file?file_url=${encodeURIComponent(String(url))}`
  const answer = await ann.get(download(own.file_url))
  t.match(answer, { status: 200, text: 'own' })
  t.match(answer.headers.get('content-disposition'), /^attachment; filename="own.txt"/)
  t.match(await ben.get(download(own.file_url)), { status: 403, body: { exc_type: 'PermissionError' } })
  t.match(await guest.get(download(own.file_url)), { status: 403 })
  t.match(await guest.get(download(open.file_url)), { status: 200, text: 'open' })
  for (const url of ['', '/etc/passwd', '/files/../x', 'https://example.com/x', '/private/files/../x'])
    t.match(await ann.get(download(url)), { status: 417 }, url)
  t.match(await ann.get('/api/method/download_file'), { status: 417 })
})
