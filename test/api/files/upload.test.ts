import { request } from 'node:http'
import sharp from 'sharp'
import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { fileWire, UPLOAD, uploadForm, type NamedContent } from '../../support/room-files.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'

const KEYS = [
  ...['file_name', 'file_url', 'file_type', 'file_size', 'unique_filename', 'file_doc_name', 'is_audio'],
  ...['thumbnail_url', 'width', 'height', 'duration', 'waveform'],
]
const PROGRAM = Buffer.from('MZ\x90\0'.padEnd(200, '\0'), 'latin1')
const NOTHING = { public: [], private: [], temporary: [] }
const NONE = { files: 0, waiting: 0, attached: 0 }

await eachDatabase(t, 'upload_chat_file', async (t, db) => {
  const chat = await fileWire(t, db)
  const { uploaded, room: makeRoom, counts, settled } = chat

  await t.test('stores what is sent, privately, under a URL that says nothing', async (t) => {
    const room = await makeRoom(ANN, [BEN])
    const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    chat.published()
    const [text, image] = await uploaded(
      BEN,
      room,
      { name: 'Überblick (final).txt', content: 'hello' },
      { name: 'shot.png', content: picture },
    )
    t.same(Object.keys(text ?? {}).sort(), KEYS.toSorted())
    t.match(text, {
      file_name: 'Überblick (final).txt',
      file_url: /^\/private\/files\/[0-9a-f]{32}\.txt$/,
      file_type: 'text/plain',
      file_size: 5,
      is_audio: false,
      thumbnail_url: null,
      width: null,
      height: null,
      duration: null,
      waveform: null,
    })
    t.equal(text?.file_url, `/private/files/${text?.unique_filename ?? ''}`)
    t.match(image, {
      file_type: 'image/png',
      width: 60,
      height: 40,
      thumbnail_url: /^\/private\/files\/[0-9a-f]{32}\.webp$/,
    })
    const file = await chat.site.read({ user: BEN }, (ctx) => ctx.getDoc('File', text?.file_doc_name ?? ''))
    t.match(file, {
      owner: BEN,
      is_private: 1,
      attached_to_doctype: 'Chat Room',
      attached_to_name: room,
      file_url: text?.file_url,
    })
    t.same(await counts(), { files: 3, waiting: 2, attached: 0 })
    t.match(await settled(), { public: [], temporary: [] })
    t.equal((await settled()).private.length, 3)
    t.same(chat.published(), [], 'nobody hears of what is not sent')
  })
})

await eachDatabase(t, 'who may send files where', async (t, db) => {
  const chat = await fileWire(t, db)
  const { upload, room: makeRoom } = chat
  const note = { name: 'note.txt', content: 'x' }
  const set = (table: string, where: Record<string, unknown>, values: Record<string, unknown>) =>
    chat.site.asAdministrator(({ db }) => db(table).where(where).update(values))

  const room = await makeRoom(ANN, [BEN, CLEO])
  await set('tabChat Room Member', { parent: room, user: CLEO }, { is_muted: 1 })
  t.match(await upload(BEN, room, note), { status: 200 })
  t.match(await upload(CLEO, room, note), { status: 403, text: /muted/ })
  const outside = await upload(OUTSIDER, room, note)
  const nowhere = await upload(OUTSIDER, 'CR-9999', note)
  t.match(outside, { status: 404, body: { exc_type: 'DoesNotExistError' } })
  t.equal(outside.text.replaceAll(room, 'CR-9999'), nowhere.text)
  t.match(await upload(ANN, room.toLowerCase(), note), { status: 404 })
  t.match(await upload('Administrator', room, note), { status: 404 })
  const guest = chat.served.client()
  t.match(await guest.request('POST', UPLOAD, { body: uploadForm(room, [note]) }), { status: 403 })

  await set('tabChat Room', { name: room }, { allow_file_sharing: 0 })
  t.match(await upload(BEN, room, note), { status: 403, text: /takes no files/ })
  await set('tabChat Room', { name: room }, { allow_file_sharing: 1, room_status: 'Archived' })
  t.match(await upload(BEN, room, note), { status: 417, text: /archived/ })
  await set('tabChat Room', { name: room }, { room_status: 'Deleted' })
  t.match(await upload(BEN, room, note), { status: 404 })
  const news = await makeRoom(ANN, [BEN], 'Announcement')
  t.match(await upload(BEN, news, note), { status: 403 })
  t.match(await upload(ANN, news, note), { status: 200 })

  const ben = await chat.as(BEN)
  const open = await makeRoom(ANN, [BEN])
  t.match(
    await ben.request('POST', UPLOAD, { body: uploadForm(open, [note], true) }),
    { status: 200 },
    'the room may come after the files',
  )
  t.match(await ben.request('POST', UPLOAD, { body: uploadForm(room, [note], true) }), { status: 404 })
  t.match(await ben.request('POST', UPLOAD, { body: uploadForm(open, []) }), {
    status: 417,
    text: /Choose a file/,
  })
  t.match(await ben.post(UPLOAD, { room_id: open }), { status: 417, text: /Choose a file/ })
  t.match(await ben.get(`${UPLOAD}?room_id=${open}`), { status: 403 })
  const page = await chat.page(BEN)
  t.match(await page.call('f_chat.upload_chat_file', { room_id: open }), { status: 417 })
  const long = '/api/method/f_chat.APIs.notification_chatroom.chat_apis.file_upload.upload_chat_file'
  t.match(await ben.request('POST', long, { body: uploadForm(open, [note]) }), { status: 200 })
  t.same(await chat.counts(), { files: 4, waiting: 4, attached: 0 })
  t.equal(chat.stored().private.length, 4)
  t.same((await chat.settled()).temporary, [])
})

await eachDatabase(t, 'what may be sent', async (t, db) => {
  const chat = await fileWire(t, db)
  const { upload, uploaded, counts, settled, settings } = chat
  const room = await chat.room(ANN, [BEN])
  const docx = Buffer.from('504b0304140000000000', 'hex')
  for (const [name, content, type] of [
    ['a.txt', 'plain', 'text/plain'],
    ['a.csv', 'a,b\n1,2\n', 'text/csv'],
    ['a.docx', docx, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['a.pdf', '%PDF-1.4\n%âãÏÓ\n1 0 obj', 'application/pdf'],
    ['no extension', 'plain text', 'text/plain'],
    ['picture.svg', '<svg xmlns="http://www.w3.org/2000/svg"></svg>', 'image/svg+xml'],
  ] as const)
    t.match(await uploaded(BEN, room, { name, content }), [{ file_type: type, file_name: name }], name)
  const before = [await counts(), await settled()]
  for (const [name, content] of [
    ['setup.exe', PROGRAM],
    ['setup.txt', PROGRAM],
    ['invoice.pdf', PROGRAM],
    ['photo.jpg', '<svg onload="alert(1)"></svg>'],
    ['photo.png', '<!doctype html><script>alert(1)</script>'],
    ['archive.zip', docx],
    [
      'picture.exe',
      await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    ],
    ['run.sh', '#!/bin/sh\n'],
    ['data', Buffer.from([0, 1, 2, 3])],
    ['a.doc', docx],
  ] as const)
    t.match(
      await upload(BEN, room, { name, content }),
      { status: 417, body: { exc_type: 'ValidationError' } },
      name,
    )
  t.same([await counts(), await settled()], before, 'nothing of it is kept')

  await settings({ allowed_file_types: ' .xyzzy, IMAGE/* ,application/x-none' })
  t.match(await upload(BEN, room, { name: 'spell.XYZZY', content: 'plain' }), { status: 200 })
  t.match(await upload(BEN, room, { name: 'spell.xyzzy', content: PROGRAM }), { status: 417 })
  t.match(await upload(BEN, room, { name: 'a.txt', content: 'plain' }), {
    status: 417,
    text: /Allowed are: \.xyzzy, image\/\*/,
  })
  await settings({ allowed_file_types: '' })
  t.match(
    await upload(BEN, room, { name: 'archive.zip', content: docx }),
    { status: 200 },
    'nothing named: anything',
  )
})

await eachDatabase(t, 'all of them, or none', async (t, db) => {
  const chat = await fileWire(t, db, { config: { max_file_size: 100_000 } })
  const room = await chat.room(ANN, [BEN])
  await chat.settings({ max_file_size: 1000 })
  const good = (i: number): NamedContent => ({ name: `${String(i)}.txt`, content: 'x'.repeat(1000) })
  const five = [1, 2, 3, 4, 5].map(good)
  for (const [third, status] of [
    [{ name: '3.exe', content: PROGRAM }, 417],
    [{ name: '3.txt', content: PROGRAM }, 417],
    [{ name: '3.txt', content: 'x'.repeat(1001) }, 413],
    [{ name: '3.txt', content: 'x'.repeat(100_001) }, 413],
  ] satisfies [NamedContent, number][]) {
    t.match(await chat.upload(BEN, room, ...five.toSpliced(2, 1, third)), { status })
    t.same(await chat.counts(), NONE)
    t.same(await chat.settled(), NOTHING)
  }
  const huge = { name: 'huge.txt', content: 'x'.repeat(5_000_000) }
  t.match(await chat.upload(BEN, room, huge), { status: 413 }, 'by its length')
  const eleven = Array.from({ length: 11 }, (_, i) => good(i))
  t.match(await chat.upload(BEN, room, ...eleven), { status: 417, text: /At most 10 files/ })
  t.same(await chat.counts(), NONE)
  t.equal((await chat.uploaded(BEN, room, ...five)).length, 5)
  t.same(await chat.counts(), { files: 5, waiting: 5, attached: 0 })
})

await eachDatabase(t, 'hostile names', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const ben = await chat.as(BEN)
  const raw = async (filename: string) => {
    const body = `--b\r\nContent-Disposition: form-data; name="room_id"\r\n\r\n${room}\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\nx\r\n--b--\r\n`
    const headers = { 'Content-Type': 'multipart/form-data; boundary=b' }
    const answer = await ben.request('POST', UPLOAD, { body, headers })
    t.equal(answer.status, 200, answer.text)
    const [file] = answer.body.message.data.files
    t.match(file.file_url, /^\/private\/files\/[0-9a-f]{32}(\.[a-z0-9]{1,20})?$/, filename.slice(0, 40))
    const served = await ben.get(file.file_url)
    t.equal(served.text, 'x')
    t.notMatch(served.headers.get('content-disposition') ?? '', /[\r\n]/)
    return file.file_name as string
  }
  t.equal(await raw('../../../site_config.txt'), 'site_config.txt')
  t.equal(await raw('..\\..\\boot.txt'), 'boot.txt')
  t.equal(await raw('a\u202egpj.txt'), 'agpj.txt')
  t.equal(await raw('.htaccess'), 'htaccess')
  const long = await raw(`${'語'.repeat(300)}.txt`)
  t.ok(Buffer.byteLength(long) <= 255 && long.endsWith('.txt'))
  t.notMatch(await raw("<img src=x onerror='alert(1)'>.txt"), /[<>"]/)
  t.notMatch(await raw('a%0d%0aSet-Cookie: x=1.txt'), /[\r\n:]/)
  t.equal(await raw('👩‍👩‍👧 семья عائلة.txt'), '👩‍👩‍👧 семья عائلة.txt')
  t.match(await raw("'; drop table `tabFile`; --.txt"), /drop table/)
  t.same(chat.stored().public, [])
})

await eachDatabase(t, 'a sender who goes away in the middle leaves nothing', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const { cookie } = await chat.as(BEN)
  await new Promise<void>((resolve, reject) => {
    const call = request(`${chat.served.url}${UPLOAD}`, {
      method: 'POST',
      headers: { 'Content-Type': 'multipart/form-data; boundary=b', Cookie: cookie },
    })
    call.on('response', () => {
      reject(new Error('an answer to half a form'))
    })
    call.on('error', () => undefined)
    call.write(
      `--b\r\nContent-Disposition: form-data; name="room_id"\r\n\r\n${room}\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="x.txt"\r\n\r\n`,
    )
    call.write('x'.repeat(300_000))
    const look = (): void => {
      if (chat.stored().temporary.length === 0) {
        setImmediate(look)
        return
      }
      call.destroy()
      resolve()
    }
    look()
  })
  t.same(await chat.settled(), NOTHING)
  t.same(await chat.counts(), NONE)
})

await eachDatabase(t, 'what would be refused is not received', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const { cookie } = await chat.as(OUTSIDER)
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const call = request(`${chat.served.url}${UPLOAD}`, {
      method: 'POST',
      headers: { 'Content-Type': 'multipart/form-data; boundary=b', Cookie: cookie },
    })
    call.on('error', reject)
    call.on('response', (response) => {
      response.resume()
      resolve(response.statusCode)
      call.destroy()
    })
    call.write(
      `--b\r\nContent-Disposition: form-data; name="room_id"\r\n\r\n${room}\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="x.txt"\r\n\r\nthe beginning`,
    )
  })
  t.equal(status, 404, 'answered while the file has only begun')
  t.same(await chat.settled(), NOTHING)
})

await eachDatabase(t, 'nobody fills the disk with what they never send', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  await chat.site.asAdministrator(async (ctx) => {
    const at = ctx.now()
    await ctx.db('tabChat Upload').insert(
      Array.from({ length: 199 }, (_, i) => ({
        name: `waiting-${String(i)}`,
        owner: BEN,
        modified_by: BEN,
        creation: at,
        modified: at,
        chat_room: room,
        uploaded_by: BEN,
        file_name: 'x',
        file_url: `/private/files/${String(i)}`,
      })),
    )
  })
  const two = [1, 2].map((i) => ({ name: `${String(i)}.txt`, content: 'x' }))
  t.match(await chat.upload(BEN, room, ...two), { status: 417, text: /wait to be sent/ })
  t.same(await chat.settled(), NOTHING)
  t.match(await chat.upload(BEN, room, ...two.slice(1)), { status: 200 })
})
