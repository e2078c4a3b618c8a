import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { fileWire } from '../../support/room-files.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'

const MANAGER = 'mana@test.example'
const ADMIN = 'Administrator'
const NEVER = '/private/files/0123456789abcdef0123456789abcdef.png'
const SQUARE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

await eachDatabase(t, 'a file of a room by every road', async (t, db) => {
  const chat = await fileWire(t, db)
  await chat.person(MANAGER, { roles: [{ role: 'System Manager' }, { role: 'Chat User' }] })
  const room = await chat.room(ANN, [BEN, CLEO])
  const [file] = await chat.uploaded(BEN, room, { name: 'secret plan.png', content: SQUARE })
  if (!file?.thumbnail_url) throw new Error('no picture')
  const { file_url: url, thumbnail_url: thumbnail, file_doc_name: name } = file
  const thumbnailName = await chat.site.database
    .reader('tabFile')
    .where({ file_url: thumbnail })
    .first<{ name: string }>('name')

  const reads = async (user: string): Promise<Record<string, unknown>> => {
    const client = await chat.as(user)
    const list = async (path: string): Promise<boolean> => (await client.get(path)).text.includes(name)
    const filters = encodeURIComponent(JSON.stringify([['File', 'file_url', '=', url]]))
    const roads: Record<string, string> = {
      url,
      fid: `${url}?fid=${name}`,
      download: `/api/method/download_file?file_url=${url}`,
      thumbnail,
      resource: `/api/resource/File/${name}`,
      'thumbnail resource': `/api/resource/File/${thumbnailName.name}`,
      client: `/api/method/frappe.client.get?doctype=File&name=${name}`,
      preview: `/api/method/f_chat.get_chat_file_preview?file_url=${url}`,
    }
    const statuses = await Promise.all(
      Object.entries(roads).map(async ([road, path]) => [road, (await client.get(path)).status] as const),
    )
    return {
      ...Object.fromEntries(statuses),
      list: await list(`/api/resource/File?filters=${filters}`),
      getList: await list(`/api/method/frappe.client.get_list?doctype=File&filters=${filters}`),
      count: Number(
        (await client.get(`/api/method/frappe.client.get_count?doctype=File&filters=${filters}`)).body
          .message,
      ),
      value: (
        await client.get(
          `/api/method/frappe.client.get_value?doctype=File&fieldname=file_name&filters=${encodeURIComponent(JSON.stringify({ file_url: url }))}`,
        )
      ).text.includes('secret plan'),
    }
  }
  const ROADS = ['url', 'fid', 'download', 'thumbnail', 'resource', 'thumbnail resource', 'client', 'preview']
  const every = (status: number, seen: boolean): Record<string, unknown> => ({
    ...Object.fromEntries(ROADS.map((road) => [road, status])),
    list: seen,
    getList: seen,
    count: seen ? 1 : 0,
    value: seen,
  })

  t.same(await reads(BEN), every(200, true), 'before it is sent, its sender reads it')
  for (const user of [ANN, OUTSIDER, MANAGER, ADMIN])
    t.same(await reads(user), every(404, false), `not yet ${user}`)

  const message = await chat.sendFiles(BEN, room, [file], { message_type: 'Image' })
  for (const user of [ANN, BEN, CLEO]) t.same(await reads(user), every(200, true), `${user} is a member`)
  for (const user of [OUTSIDER, MANAGER, ADMIN])
    t.same(await reads(user), every(404, false), `${user} is none`)

  const outsider = await chat.as(OUTSIDER)
  for (const path of [
    (which: string) => which,
    (which: string) => `/api/method/download_file?file_url=${which}`,
    (which: string) => `/api/method/f_chat.get_chat_file_preview?file_url=${which}`,
  ]) {
    const [hidden, missing] = [await outsider.get(path(url)), await outsider.get(path(NEVER))]
    t.equal(hidden.status, 404)
    t.equal(hidden.text.replaceAll(url, NEVER), missing.text, 'hidden is missing')
  }
  t.match(await chat.served.client().get(url), { status: 403 })

  await t.test('nobody changes it, copies it, or lays another beside it', async (t) => {
    const ann = await chat.as(BEN)
    const before = await chat.counts()
    t.match(await ann.put(`/api/resource/File/${name}`, { is_private: 0 }), { status: 403 })
    t.match(await ann.put(`/api/resource/File/${name}`, { attached_to_name: 'CR-9999' }), { status: 403 })
    t.match(await ann.delete(`/api/resource/File/${name}`), { status: 403 })
    t.match(await outsider.delete(`/api/resource/File/${name}`), { status: 404 })
    t.match(await (await chat.as(MANAGER)).delete(`/api/resource/File/${name}`), { status: 404 })
    t.match(await ann.post('/api/resource/File', { file_url: url }), { status: 403 })
    t.match(await ann.post('/api/method/frappe.client.insert', { doc: { doctype: 'File', file_url: url } }), {
      status: 403,
    })
    t.match(await ann.post('/api/method/upload_file', { file_url: url }), { status: 403 })
    t.match(await ann.post('/api/method/upload_file', { library_file_name: name }), { status: 403 })
    const stolen = await outsider.post('/api/method/upload_file', { file_url: url })
    const nothing = await outsider.post('/api/method/upload_file', { file_url: NEVER })
    t.equal(stolen.status, 404)
    t.equal(stolen.text.replaceAll(url, NEVER), nothing.text)
    t.match(await outsider.post('/api/method/upload_file', { library_file_name: name }), { status: 404 })
    for (const [doctype, docname] of [
      ['Chat Room', room],
      ['Chat Message', message],
    ] as const)
      for (const user of [ANN, BEN, OUTSIDER, MANAGER]) {
        const form = new FormData()
        form.append('file', new Blob(['x']), 'x.txt')
        for (const [key, value] of Object.entries({ doctype, docname, is_private: '1' }))
          form.append(key, value)
        const { status } = await (
          await chat.as(user)
        ).request('POST', '/api/method/upload_file', { body: form })
        t.ok(status === 403 || status === 404, `${user} to ${doctype}: ${String(status)}`)
      }
    const form = new FormData()
    form.append('file', new Blob(['mine']), 'mine.txt')
    form.append('is_private', '1')
    const mine = (await ann.request('POST', '/api/method/upload_file', { body: form })).body.message
    t.match(
      await ann.put(`/api/resource/File/${String(mine.name)}`, {
        attached_to_doctype: 'Chat Room',
        attached_to_name: room,
      }),
      { status: 403 },
    )
    t.match(await ann.get(mine.file_url), { status: 200 }, 'other files are as they were')
    t.match(await ann.delete(`/api/resource/File/${String(mine.name)}`), { status: 202 })
    t.same(await chat.counts(), before)
  })

  await t.test('who leaves reads it no longer, though they sent it', async (t) => {
    const set = (values: object) =>
      chat.site.asAdministrator(({ db }) => db('tabChat Room').where({ name: room }).update(values))
    await set({ room_status: 'Archived' })
    t.match(await reads(CLEO), { url: 200 }, 'an archived room is read')
    await set({ room_status: 'Deleted' })
    t.same(await reads(CLEO), every(404, false), 'a deleted one is not')
    await set({ room_status: 'Active' })
    await chat.site.asAdministrator(({ db }) =>
      db('tabChat Room Member').where({ parent: room, user: BEN }).delete(),
    )
    t.same(await reads(BEN), every(404, false))
    t.match(await reads(ANN), { url: 200 })
  })

  await t.test('waiting uploads are in no list', async (t) => {
    await chat.uploaded(ANN, room, { name: 'x.txt', content: 'x' })
    for (const user of [ANN, CLEO, MANAGER]) {
      t.match(await (await chat.as(user)).get('/api/resource/Chat Upload'), { status: 403 }, user)
    }
    t.same((await (await chat.as(ADMIN)).get('/api/resource/Chat Upload')).body, { data: [] })
  })
})

await eachDatabase(t, 'get_chat_file_preview', async (t, db) => {
  const chat = await fileWire(t, db)
  const room = await chat.room(ANN, [BEN])
  const files = await chat.uploaded(
    BEN,
    room,
    { name: 'dot.png', content: SQUARE },
    { name: 'note.txt', content: 'x'.repeat(1536) },
    { name: 'x.svg', content: '<svg xmlns="http://www.w3.org/2000/svg"></svg>' },
  )
  await chat.sendFiles(BEN, room, files)
  const preview = async (url = '') =>
    (await chat.post(ANN, 'f_chat.get_chat_file_preview', { file_url: url })).body.message.data
  t.match(await preview(files[0]?.file_url), {
    file_name: 'dot.png',
    file_size: SQUARE.length,
    file_size_formatted: `${String(SQUARE.length)} B`,
    file_type: 'image/png',
    is_image: true,
    can_preview: true,
    upload_date: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/,
    preview_url: files[0]?.file_url,
    thumbnail_url: files[0]?.thumbnail_url,
  })
  t.match(await preview(files[1]?.file_url), {
    file_size_formatted: '1.5 KB',
    is_image: false,
    can_preview: true,
  })
  t.match(await preview(files[2]?.file_url), { is_image: true, can_preview: false, preview_url: null })
  const counted = await chat.statements(() => preview(files[0]?.file_url))
  t.ok(counted.length <= 5, `${String(counted.length)} statements`)
  const refused = await chat.post(ANN, 'f_chat.get_chat_file_preview', { file_url: files[0]?.thumbnail_url })
  t.match(refused, { status: 404 }, 'a thumbnail is no file of its own')
})
