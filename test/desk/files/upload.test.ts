import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import path from 'node:path'
import tap from 'tap'
import { Type } from 'typebox'
import { defineMethod } from '../../../desk/method.ts'
import { eachDatabase } from '../../support/databases.ts'
import type { Body } from '../../support/server.ts'
import { ANN, fileSite, form, PNG, stored, upload, uploaded, UPLOAD, type FileSite } from './support.ts'

/** How many rows there are besides the two folders. */
async function rowCount({ site }: FileSite): Promise<number> {
  const [row] = await site.database.reader('tabFile').where({ is_folder: 0 }).count({ n: '*' })
  return Number(row?.n)
}

await eachDatabase(tap, 'an upload becomes a File with a URL', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, guest, ben } = lab
  const doc = await uploaded(ann, 'Plan of 2026.txt', 'plan', { is_private: '1' })
  t.match(doc, {
    doctype: 'File',
    owner: ANN,
    file_name: 'Plan of 2026.txt',
    file_url: '/private/files/Plan of 2026.txt',
    is_private: 1,
    file_size: 4,
    content_type: 'text/plain',
    file_type: 'TXT',
    folder: 'Home',
  })
  t.match(stored(lab), { private: ['Plan of 2026.txt'], public: [], temporary: [] })
  t.match(await ann.get(encodeURI(doc.file_url)), { status: 200, text: 'plan' })
  t.match(await guest.get(encodeURI(doc.file_url)), { status: 403 })
  t.match(await ben.get(encodeURI(doc.file_url)), { status: 403 })

  const open = await uploaded(ann, 'logo.png', PNG)
  t.match(open, { file_url: '/files/logo.png', is_private: 0, content_type: 'image/png' })
  t.match(await guest.get('/files/logo.png'), { status: 200 })
  t.same(lab.errors, [])
})

await eachDatabase(tap, 'fields come before or after the file, and an empty file is one', async (t, db) => {
  const { ann } = await fileSite(t, db)
  const body = form({
    folder: 'Home/Attachments',
    file: { name: 'a.txt', content: '' },
    is_private: '1',
    file_name: 'b.txt',
    optimize: '1',
  })
  const { body: answer } = await ann.request('POST', UPLOAD, { body })
  t.match(answer.message, {
    file_url: '/private/files/b.txt',
    file_size: 0,
    folder: 'Home/Attachments',
  })
  t.match(await ann.get('/private/files/b.txt'), { status: 200, text: '' })
})

await eachDatabase(tap, 'a file for a document needs the right to write it', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, ben, admin } = lab
  await ann.post('/api/resource/Diary', { title: 'Summer' })
  await admin.post('/api/resource/Page', { title: 'News' })
  const summer = { doctype: 'Diary', docname: 'Summer', is_private: '1' }
  const doc = await uploaded(ann, 'sea.png', PNG, { ...summer, fieldname: 'photo' })
  t.match(doc, {
    attached_to_doctype: 'Diary',
    attached_to_name: 'Summer',
    attached_to_field: 'photo',
    folder: 'Home/Attachments',
  })
  const before = await rowCount(lab)
  const hidden = await upload(ben, 'x.txt', 'x', summer)
  const missing = await upload(ben, 'x.txt', 'x', { ...summer, docname: 'Winter' })
  t.match(hidden, { status: 404 })
  t.equal(hidden.text.replaceAll('Summer', 'Winter'), missing.text, 'hidden and missing look alike')
  const page = await upload(ben, 'x.txt', 'x', { doctype: 'Page', docname: 'News' })
  t.match(page, { status: 403 }, 'read alone is not enough')
  t.match(await upload(ben, 'x.txt', 'x', { doctype: 'Nothing', docname: 'x' }), { status: 404 })
  t.match(await upload(ann, 'x.txt', 'x', { ...summer, fieldname: 'nope' }), { status: 417 })
  t.match(await upload(ann, 'x.txt', 'x', { docname: 'x' }), { status: 417 })
  t.match(await upload(ann, 'x.txt', 'x', { folder: 'Home/Elsewhere' }), { status: 404 })
  t.equal(await rowCount(lab), before)
  t.match(stored(lab), { private: ['sea.png'], public: [], temporary: [] }, 'nothing of the refused stays')
})

await eachDatabase(tap, 'guests upload only where the site allows it', async (t, db) => {
  const lab = await fileSite(t, db)
  t.match(await upload(lab.guest, 'a.txt', 'a'), { status: 403 })
  t.match(await lab.guest.post(UPLOAD, { file_url: 'https://x.example/a' }), { status: 403 })
  t.match(stored(lab), { public: [], temporary: [] })
  t.match(
    await lab.admin.put('/api/resource/System Settings/System Settings', { allow_guests_to_upload_files: 1 }),
    { status: 200 },
  )
  const doc = await uploaded(lab.guest, 'a.txt', 'a', { is_private: '1' })
  t.match(doc, { owner: 'Guest', file_url: '/private/files/a.txt' })
  t.match(await lab.guest.get(doc.file_url), { status: 403 }, 'what one guest sent no other guest reads')
  t.match(await lab.ann.get(doc.file_url), { status: 403 })
  t.match(await lab.admin.get(doc.file_url), { status: 200 })
  t.match(await upload(lab.guest, 'a.zip', new Uint8Array([0x50, 0x4b, 3, 4])), { status: 417 })
})

await eachDatabase(tap, 'content decides about the type, not the name', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, web } = lab
  t.match(await uploaded(ann, 'photo.jpg', PNG), { content_type: 'image/png' })
  t.match(await uploaded(ann, 'photo2.png', 'hello'), { content_type: 'text/plain' })
  t.match(await uploaded(ann, 'data.json', '{}'), { content_type: 'application/json' })
  t.match(await uploaded(ann, 'page.html', '<html><script>1</script>'), { content_type: 'text/html' })
  t.match(await uploaded(ann, 'noise.png', new Uint8Array([0, 1, 2, 3])), {
    content_type: 'application/octet-stream',
  })
  t.match(await upload(ann, 'photo.png', '<svg onload="alert(1)"></svg>'), {
    status: 417,
    body: { exc_type: 'ValidationError' },
  })
  t.match(await upload(ann, 'bill.pdf', '\n <!DOCTYPE html><script>1</script>'), { status: 417 })
  const program = new Uint8Array(Buffer.from('MZ\x90\0'.padEnd(200, '\0'), 'latin1'))
  t.match(await upload(ann, 'bill.pdf', program), { status: 417 })
  t.match(await uploaded(ann, 'setup.exe', program), { content_type: 'application/x-msdownload' })
  t.match(await upload(ann, 'x.bin', program, { file_name: 'bill.pdf' }), { status: 417 }, 'by another name')
  t.match(await upload(web, 'x.txt', 'hello', { file_name: 'x.html' }), { status: 417 })

  t.match(await uploaded(web, 'mine.png', PNG), { content_type: 'image/png' })
  t.match(await uploaded(web, 'mine.csv', 'a,b\n1,2'), { content_type: 'text/csv' })
  for (const [name, content] of [
    ['x.html', '<html></html>'],
    ['x.svg', '<svg xmlns="http://www.w3.org/2000/svg"></svg>'],
    ['x.js', 'alert(1)'],
    ['x.exe', program],
    ['png.bin', new Uint8Array([0, 1, 2, 3])],
  ] as const)
    t.match(await upload(web, name, content), { status: 417 }, name)
  t.match(stored(lab).temporary, [])
})

await eachDatabase(tap, 'too large a file is refused while it comes', async (t, db) => {
  const lab = await fileSite(t, db, { max_file_size: 100_000 })
  t.match(await uploaded(lab.ann, 'just.bin', new Uint8Array(100_000)), { file_size: 100_000 })
  const refused = { status: 413, body: { exc_type: 'ValidationError' } }
  t.match(await upload(lab.ann, 'big.bin', new Uint8Array(100_001)), refused)
  t.match(await upload(lab.ann, 'big.bin', new Uint8Array(5_000_000)), refused, 'by its length')
  const chunks = new ReadableStream<Uint8Array>({
    start(controller) {
      const open = '--b\r\nContent-Disposition: form-data; name="file"; filename="c.bin"\r\n\r\n'
      controller.enqueue(new TextEncoder().encode(open))
      for (let i = 0; i < 40; i++) controller.enqueue(new Uint8Array(10_000))
      controller.enqueue(new TextEncoder().encode('\r\n--b--\r\n'))
      controller.close()
    },
  })
  const streamed: RequestInit & { duplex: 'half' } = {
    body: chunks,
    duplex: 'half',
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
  }
  t.match(await lab.ann.request('POST', UPLOAD, streamed), refused, 'without a length')
  t.match(stored(lab), { public: ['just.bin'], private: [], temporary: [] })
  t.equal(await rowCount(lab), 1)
  t.match(await lab.ann.get('/api/method/ping'), { status: 200 }, 'the connection is still good')
})

await eachDatabase(tap, 'forms that are wrong are refused', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann } = lab
  const raw = (body: string): Promise<Body> =>
    ann.request('POST', UPLOAD, { body, headers: { 'Content-Type': 'multipart/form-data; boundary=b' } })
  t.match(await ann.request('POST', UPLOAD, { body: form({ is_private: '1' }) }), { status: 417 })
  t.match(await ann.post(UPLOAD, {}), { status: 417 })
  t.match(await ann.get(UPLOAD), { status: 403 })
  t.match(await ann.request('PUT', UPLOAD, { body: form({ file: { name: 'a', content: 'a' } }) }), {
    status: 403,
  })
  for (const body of [
    '',
    'nonsense',
    '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhalf',
    '--b\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\nx\r\n--b--\r\n',
  ]) {
    const { status } = await raw(body)
    t.ok(status >= 400 && status < 500, `${String(status)} for ${JSON.stringify(body)}`)
  }
  const noBoundary = { body: 'x', headers: { 'Content-Type': 'multipart/form-data' } }
  const { status } = await ann.request('POST', UPLOAD, noBoundary)
  t.ok(status >= 400 && status < 500)
  const two = new FormData()
  two.append('file', new Blob(['a']), 'a.txt')
  two.append('file', new Blob(['b']), 'b.txt')
  t.match(await ann.request('POST', UPLOAD, { body: two }), { status: 417 })
  t.match(await ann.request('POST', '/api/method/ping', { body: form({ a: 'b' }) }), { status: 200 })
  t.match(
    await ann.request('POST', '/api/method/ping', { body: form({ file: { name: 'a', content: 'a' } }) }),
    { status: 417 },
  )
  t.match(stored(lab), { public: [], private: [], temporary: [] })
  t.same(lab.errors, [])
})

await eachDatabase(tap, 'malicious names end in the folder, cleaned', async (t, db) => {
  const lab = await fileSite(t, db)
  const raw = async (filename: string, fields = ''): Promise<Body> => {
    const body = `${fields}--b\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\nx\r\n--b--\r\n`
    const headers = { 'Content-Type': 'multipart/form-data; boundary=b' }
    return (await lab.ann.request('POST', UPLOAD, { body, headers })).body.message
  }
  const renamed = (name: string): string =>
    `--b\r\nContent-Disposition: form-data; name="file_name"\r\n\r\n${name}\r\n`
  t.match(await raw('../../../site_config.json'), { file_url: '/files/site_config.json' })
  t.match(await raw('x', renamed('../../private/files/y.txt')), { file_url: '/files/y.txt' })
  t.match(await raw('x', renamed('..\\..\\z.txt')), { file_url: '/files/z.txt' })
  t.match(await raw('.htaccess'), { file_url: '/files/htaccess' })
  t.match(await raw('a\u202egpj.txt'), { file_url: '/files/agpj.txt' })
  const long = await raw(`${'語'.repeat(120)}.txt`)
  t.ok(Buffer.byteLength(path.basename(long.file_url)) <= 255)
  t.match(await lab.guest.get(encodeURI(long.file_url)), { status: 200, text: 'x' })
  const script = await raw("<img src=x onerror='alert(1)'>.txt")
  t.notMatch(script.file_name, /[<>]/)
  t.equal(stored(lab).public.length, 7)
  t.same(lab.errors, [])
})

await eachDatabase(tap, 'many uploads of one name and content at once', async (t, db) => {
  const lab = await fileSite(t, db)
  const docs = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      uploaded(i % 2 ? lab.ann : lab.ben, 'same.txt', i < 6 ? 'same' : `other ${String(i)}`, {
        is_private: '1',
      }),
    ),
  )
  const urls = docs.map((doc) => doc.file_url)
  t.equal(new Set(urls).size, 12, 'every upload has its own URL')
  t.ok(urls.includes('/private/files/same.txt'))
  for (const [i, url] of urls.entries()) {
    const owner = i % 2 ? lab.ann : lab.ben
    t.match(await owner.get(url), { status: 200, text: i < 6 ? 'same' : `other ${String(i)}` })
    t.match(await (i % 2 ? lab.ben : lab.ann).get(url), { status: 403 })
  }
  t.equal(stored(lab).private.length, 12)
})

await eachDatabase(tap, 'the same content is stored once, and nobody learns of it', async (t, db) => {
  const lab = await fileSite(t, db)
  const one = await uploaded(lab.ann, 'secret plan.txt', 'the plan', { is_private: '1' })
  const two = await uploaded(lab.ben, 'mine.txt', 'the plan', { is_private: '1' })
  const three = await uploaded(lab.ben, 'open.txt', 'the plan')
  const inode = (url: string): number =>
    statSync(path.join(lab.folder, url.replace(/^\/files/, '/public/files'))).ino
  t.equal(inode(one.file_url), inode(two.file_url))
  t.not(inode(one.file_url), inode(three.file_url), 'once for each side')
  t.notMatch(JSON.stringify(two), /secret/)
  const answer = await lab.ben.get(two.file_url)
  t.equal(
    Date.parse(answer.headers.get('last-modified') ?? ''),
    Math.floor(Date.parse(`${String(two.creation).replace(' ', 'T').slice(0, 19)}Z`) / 1000) * 1000,
    'the time is that of the own upload',
  )
  await lab.ann.delete(`/api/resource/File/${String(one.name)}`)
  t.match(await lab.ben.get(two.file_url), { status: 200, text: 'the plan' })
})

await eachDatabase(tap, 'a client that goes away in the middle leaves nothing', async (t, db) => {
  const lab = await fileSite(t, db)
  const arrived = new Promise<void>((resolve, reject) => {
    const call = request(
      `${lab.served.url}${UPLOAD}`,
      {
        method: 'POST',
        headers: { 'Content-Type': 'multipart/form-data; boundary=b', Cookie: lab.ann.cookie },
      },
      () => {
        reject(new Error('an answer to half a form'))
      },
    )
    call.on('error', () => undefined)
    call.write('--b\r\nContent-Disposition: form-data; name="file"; filename="x.bin"\r\n\r\n')
    call.write(Buffer.alloc(300_000))
    const look = setInterval(() => {
      if (stored(lab).temporary.length === 0) return
      clearInterval(look)
      call.destroy()
      resolve()
    }, 5)
  })
  await arrived
  await until(() => stored(lab).temporary.length === 0)
  t.match(stored(lab), { public: [], private: [], temporary: [] })
  t.equal(await rowCount(lab), 0)
  t.same(lab.errors, [])
})

/** Waits for a condition; tap's own time limit ends it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

await eachDatabase(tap, 'a disk that refuses is an error, and leaves no row', async (t, db) => {
  const lab = await fileSite(t, db)
  mkdirSync(path.join(lab.folder, 'public'))
  writeFileSync(path.join(lab.folder, 'public', 'files'), 'in the way')
  t.match(await upload(lab.ann, 'a.txt', 'a'), { status: 500, body: { exc_type: 'InternalError' } })
  t.equal(await rowCount(lab), 0)
  t.match(stored({ folder: path.join(lab.folder) }).temporary, [])
  t.match(await uploaded(lab.ann, 'a.txt', 'a', { is_private: '1' }), { file_url: '/private/files/a.txt' })
  rmSync(path.join(lab.folder, 'private'), { recursive: true })
  writeFileSync(path.join(lab.folder, 'private'), 'in the way')
  t.match(await upload(lab.ann, 'b.txt', 'b', { is_private: '1' }), { status: 500 })
  t.equal(await rowCount(lab), 1)
  t.equal(lab.errors.length, 2)
})

await eachDatabase(tap, 'links, and files that exist already', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, ben } = lab
  const link = await ann.post(UPLOAD, { file_url: 'https://example.com/a%20b.pdf?x=1' })
  t.match(link.body.message, {
    file_url: 'https://example.com/a%20b.pdf?x=1',
    file_name: 'a b.pdf',
    is_private: 0,
  })
  for (const file_url of [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://x/y',
    'file:///etc/passwd',
    '/etc/passwd',
    '/files/../site_config.json',
    'https://',
  ])
    t.match(await ann.post(UPLOAD, { file_url }), { status: 417 }, file_url)

  const own = await uploaded(ann, 'own.txt', 'own', { is_private: '1' })
  const again = await ann.post(UPLOAD, { file_url: own.file_url, is_private: '0' })
  t.match(again.body.message, { file_url: own.file_url, is_private: 1, content_hash: own.content_hash })
  const library = await ann.request('POST', UPLOAD, { body: form({ library_file_name: own.name }) })
  t.match(library.body.message, { file_url: own.file_url })
  const stolen = await ben.post(UPLOAD, { file_url: own.file_url })
  const nothing = await ben.post(UPLOAD, { file_url: '/private/files/not.txt' })
  t.match(stolen, { status: 404 })
  t.equal(stolen.text.replaceAll('own.txt', 'not.txt'), nothing.text)
  t.match(await ben.post(UPLOAD, { library_file_name: own.name }), { status: 404 })
  t.match(await ben.get(own.file_url), { status: 403 })
})

await eachDatabase(tap, 'CSRF covers uploads, as header or as field after the file', async (t, db) => {
  const { ann } = await fileSite(t, db)
  const page = await ann.page('/desk')
  const token = /csrf_token"?:\s?"([^"]+)"/.exec(page.text)?.[1] ?? ''
  t.not(token, '')
  t.match(await upload(ann, 'a.txt', 'a'), { status: 400, body: { exc_type: 'CSRFTokenError' } })
  const body = form({ file: { name: 'b.txt', content: 'b' }, csrf_token: token })
  t.match(await ann.request('POST', UPLOAD, { body }), { status: 200 })
  ann.csrf = token
  t.match(await upload(ann, 'c.txt', 'c'), { status: 200 })
})

const receiveBoth = defineMethod({
  name: 'lab.receive',
  writes: true,
  files: 2,
  input: Type.Object({ note: Type.String() }),
  async handler({ note }, ctx) {
    const docs = await Promise.all(
      ctx.uploads.map((one) => ctx.saveFile({ name: `${note}-${one.name}`, content: one })),
    )
    return docs.map((doc) => doc.get('file_url'))
  },
})

await eachDatabase(tap, 'methods of apps take files, by upload_file too', async (t, db) => {
  const lab = await fileSite(t, db, {}, { methods: [receiveBoth] })
  const two = new FormData()
  two.append('file', new Blob(['a']), 'a.txt')
  two.append('file', new Blob(['b']), 'b.txt')
  two.append('note', 'n')
  const answer = await lab.ann.request('POST', '/api/method/lab.receive', { body: two })
  t.same(answer.body.message, ['/private/files/n-a.txt', '/private/files/n-b.txt'])
  const by = await lab.ann.request('POST', UPLOAD, {
    body: form({ file: { name: 'c.txt', content: 'c' }, method: 'lab.receive', note: 'm' }),
  })
  t.same(by.body.message, ['/private/files/m-c.txt'])
  const refused = form({ file: { name: 'c.txt', content: 'c' }, method: 'lab.receive', note: 'm' })
  t.match(await lab.guest.request('POST', UPLOAD, { body: refused }), { status: 403 })
  t.match(await lab.guest.request('POST', '/api/method/lab.receive', { body: refused }), { status: 403 })
  const unknown = form({ file: { name: 'c.txt', content: 'c' }, method: 'lab.nowhere' })
  t.match(await lab.ann.request('POST', UPLOAD, { body: unknown }), { status: 417 })
  t.match(await lab.ann.post(UPLOAD, { method: 'lab.receive', note: 'm' }), { status: 417 })
  t.match(stored(lab), { temporary: [] })
})
