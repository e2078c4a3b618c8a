import tap from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import type { Body } from '../../support/server.ts'
import { ANN, BEN, fileSite, form, PNG, stored, uploaded, UPLOAD, type FileSite } from './support.ts'

const FILE = '/api/resource/File'

await eachDatabase(tap, 'a row of one’s own gives no right to what it names', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, ben } = lab
  const secret = await uploaded(ann, 'secret.txt', 'secret', { is_private: '1' })
  const own = await uploaded(ben, 'own.txt', 'own', { is_private: '1' })
  const tries: [string, unknown][] = [
    ['insert', await ben.post(FILE, { file_name: 'x', file_url: secret.file_url, is_private: 1 })],
    ['as public', await ben.post(FILE, { file_name: 'x', file_url: secret.file_url, is_private: 0 })],
    ['as a folder', await ben.post(FILE, { file_name: 'x', is_folder: 1, file_url: secret.file_url })],
    ['the other case', await ben.post(FILE, { file_url: '/private/files/SECRET.txt' })],
    ['with spaces', await ben.post(FILE, { file_url: `${String(secret.file_url)} ` })],
    ['no URL', await ben.post(FILE, { file_name: 'secret.txt', content_hash: secret.content_hash })],
    ['by the other side', await ben.post(FILE, { file_url: '/files/secret.txt' })],
    ['update', await ben.put(`${FILE}/${String(own.name)}`, { file_url: secret.file_url })],
    ['upload', await ben.request('POST', UPLOAD, { body: form({ file_url: secret.file_url }) })],
  ]
  for (const [how, answer] of tries) t.ok([404, 417].includes((answer as { status: number }).status), how)
  const changed = await ben.put(`${FILE}/${String(own.name)}`, {
    content_hash: secret.content_hash,
    content_type: 'text/html',
    file_size: 1,
    is_folder: 1,
  })
  t.match(changed.body.data, { content_hash: own.content_hash, content_type: 'text/plain', file_size: 3 })
  t.match(await ben.get(secret.file_url), { status: 403 })
  t.match(await ben.get(`${FILE}/${String(secret.name)}`), { status: 404 })
  t.match(await ben.put(`${FILE}/${String(secret.name)}`, { is_private: 0 }), { status: 404 })
  t.match(await ben.delete(`${FILE}/${String(secret.name)}`), { status: 404 })
  t.match(await ben.get(own.file_url), { status: 200, text: 'own' })
  t.match(stored(lab), { private: ['own.txt', 'secret.txt'], public: [] })
})

await eachDatabase(tap, 'an attached file is read by those who read its document', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, ben, admin } = lab
  await ann.post('/api/resource/Diary', { title: 'Summer' })
  await admin.post('/api/resource/Page', { title: 'News' })
  const diary = await uploaded(ann, 'diary.txt', 'd', {
    is_private: '1',
    doctype: 'Diary',
    docname: 'Summer',
  })
  const page = await uploaded(admin, 'page.txt', 'p', { is_private: '1', doctype: 'Page', docname: 'News' })
  t.match(await ben.get(page.file_url), { status: 200 })
  t.match(await ben.get(diary.file_url), { status: 403 })
  t.match(await admin.get(diary.file_url), { status: 200 }, 'Administrator may read every Diary')
  t.match(await ben.put(`${FILE}/${String(page.name)}`, { is_private: 0 }), { status: 403 }, 'reading only')
  t.match(await ben.delete(`${FILE}/${String(page.name)}`), { status: 403 })

  const own = await uploaded(ben, 'own.txt', 'o', { is_private: '1' })
  const attach = (doctype: string, docname: string): Promise<Body> =>
    ben.put(`${FILE}/${String(own.name)}`, { attached_to_doctype: doctype, attached_to_name: docname })
  t.match(await attach('Diary', 'Summer'), { status: 403 }, 'what one cannot see')
  t.match(await attach('Page', 'News'), { status: 403 }, 'what one cannot write')
  t.match(await attach('File', String(page.name)), { status: 403 })
  t.match(
    await ben.post(FILE, { file_url: own.file_url, attached_to_doctype: 'Page', attached_to_name: 'News' }),
    { status: 403 },
  )
  await ben.post('/api/resource/Diary', { title: 'Mine' })
  t.match(await attach('Diary', 'Mine'), { status: 200 })
})

await eachDatabase(tap, 'lists show what may be read', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, ben, web, guest, admin } = lab
  await ann.post('/api/resource/Diary', { title: 'Summer' })
  await admin.post('/api/resource/Page', { title: 'News' })
  const summer = { is_private: '1', doctype: 'Diary', docname: 'Summer' }
  await uploaded(ann, 'diary.txt', 'd', summer)
  await uploaded(admin, 'page.txt', 'p', { is_private: '1', doctype: 'Page', docname: 'News' })
  await uploaded(ann, 'ann.txt', 'a', { is_private: '1' })
  await uploaded(ben, 'open.txt', 'o')
  const names = async (client: FileSite['ann']): Promise<string[]> => {
    const fields = encodeURIComponent('["file_name"]')
    const { body } = await client.get(`${FILE}?fields=${fields}&limit=0&filters={"is_folder":0}`)
    return (body.data as { file_name: string }[]).map((row) => row.file_name).sort()
  }
  t.same(await names(ann), ['ann.txt', 'diary.txt', 'open.txt', 'page.txt'])
  t.same(await names(ben), ['open.txt', 'page.txt'])
  t.same(await names(web), ['open.txt', 'page.txt'])
  t.same(await names(admin), ['ann.txt', 'diary.txt', 'open.txt', 'page.txt'])
  t.match(await guest.get(FILE), { status: 403 })
})

await eachDatabase(tap, 'Administrator passes no hook of an app', async (t, db) => {
  const { ann, admin, ben } = await fileSite(
    t,
    db,
    {},
    {
      has_permission: { Diary: (doc, _ptype, ctx) => doc.owner === ctx.user },
      permission_query_conditions: { Diary: (query, ctx) => void query.where('tabDiary.owner', ctx.user) },
    },
  )
  await ann.post('/api/resource/Diary', { title: 'Summer' })
  const doc = await uploaded(ann, 'd.txt', 'd', { is_private: '1', doctype: 'Diary', docname: 'Summer' })
  t.match(await admin.get(doc.file_url), { status: 403 })
  t.match(await ben.get(doc.file_url), { status: 403 })
  t.match(await ann.get(doc.file_url), { status: 200 })
  const { body } = await admin.get(`${FILE}?filters={"is_folder":0}`)
  t.same(body.data, [])
})

await eachDatabase(tap, 'the content goes with the last row that names it', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, ben, site } = lab
  const one = await uploaded(ann, 'a.txt', 'a')
  const two = (await ben.post(FILE, { file_url: one.file_url })).body.data
  t.match(two, { file_url: '/files/a.txt', owner: BEN, file_size: 1, file_name: 'a.txt' })
  t.match(await ann.delete(`${FILE}/${String(one.name)}`), { status: 202 })
  t.match(await ben.get('/files/a.txt'), { status: 200, text: 'a' })

  await t.rejects(
    site.write({ user: BEN }, async (ctx) => {
      await (await ctx.getDoc('File', two.name)).delete()
      throw new Error('after all not')
    }),
    { message: 'after all not' },
  )
  t.match(stored(lab).public, ['a.txt'], 'a deletion that is rolled back keeps it')
  t.match(await ben.delete(`${FILE}/${String(two.name)}`), { status: 202 })
  t.match(stored(lab), { public: [], private: [] })
  t.match(await ben.get('/files/a.txt'), { status: 404 })
})

await eachDatabase(tap, 'rows of one content that go at the same time', async (t, db) => {
  const lab = await fileSite(t, db)
  for (let round = 0; round < 5; round++) {
    const one = await uploaded(lab.ann, 'race.txt', 'r')
    const more = await Promise.all(
      Array.from({ length: 3 }, async () => (await lab.ann.post(FILE, { file_url: one.file_url })).body.data),
    )
    const [last] = await Promise.all([
      lab.ben.post(FILE, { file_url: one.file_url }),
      ...[one, ...more].map((row) => lab.ann.delete(`${FILE}/${String(row.name)}`)),
    ])
    if (last.status === 200) {
      t.match(
        await lab.ben.get('/files/race.txt'),
        { status: 200, text: 'r' },
        'a row that was made has its content',
      )
      t.match(await lab.ben.delete(`${FILE}/${String(last.body.data.name)}`), { status: 202 })
    } else t.equal(last.status, 404)
    t.same(stored(lab).public, [], 'and none stays without a row')
  }
})

await eachDatabase(tap, 'a file that changes sides takes its content along', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann, guest, site } = lab
  await ann.post('/api/resource/Diary', { title: 'Summer' })
  const target = { doctype: 'Diary', docname: 'Summer', fieldname: 'photo' }
  const doc = await uploaded(ann, 'sea.png', PNG, target)
  await ann.put('/api/resource/Diary/Summer', { photo: doc.file_url })
  const shared = (await ann.post(FILE, { file_url: doc.file_url })).body.data
  const put = async (name: string, values: object): Promise<Body> =>
    (await ann.put(`${FILE}/${name}`, values)).body.data
  t.match(await put(doc.name, { is_private: '1' }), { file_url: '/private/files/sea.png', is_private: 1 })
  t.match(
    stored(lab),
    { public: ['sea.png'], private: ['sea.png'] },
    'another row still names the public one',
  )
  t.match((await ann.get('/api/resource/Diary/Summer')).body.data, { photo: '/private/files/sea.png' })
  t.match(await put(shared.name, { is_private: 1 }), { file_url: /^\/private\/files\/sea-\w{10}\.png$/ })
  t.match(stored(lab).public, [])
  t.match(await guest.get('/files/sea.png'), { status: 404 })
  t.match(await guest.get('/private/files/sea.png'), { status: 403 })

  await t.rejects(
    site.write({ user: ANN }, async (ctx) => {
      const file = await ctx.getDoc('File', doc.name)
      file.set('is_private', 0)
      await file.save()
      throw new Error('after all not')
    }),
    { message: 'after all not' },
  )
  t.same(stored(lab).public, [], 'what is rolled back is not published')
  t.match(await put(doc.name, { is_private: 0 }), { file_url: '/files/sea.png' })
  t.match(await guest.get('/files/sea.png'), { status: 200 })
})

await eachDatabase(tap, 'attachments go with their document', async (t, db) => {
  const lab = await fileSite(t, db)
  const { ann } = lab
  await ann.post('/api/resource/Diary', { title: 'Summer' })
  await ann.post('/api/resource/Diary', { title: 'Winter' })
  for (const docname of ['Summer', 'Winter'])
    await uploaded(ann, `${docname}.txt`, docname, { is_private: '1', doctype: 'Diary', docname })
  t.match(await ann.delete('/api/resource/Diary/Summer'), { status: 202 })
  t.match(stored(lab).private, ['Winter.txt'])
  const { body } = await ann.get(`${FILE}?fields=["file_name"]&filters={"is_folder":0}`)
  t.same(body.data, [{ file_name: 'Winter.txt' }])
})

await eachDatabase(tap, 'folders', async (t, db) => {
  const { ann, ben, admin } = await fileSite(t, db)
  t.match((await ann.get(`${FILE}/Home`)).body.data, { is_folder: 1, is_home_folder: 1 })
  t.match((await ann.get(`${FILE}/Home%2FAttachments`)).body.data, { folder: 'Home' })
  for (const name of ['Home', 'Home/Attachments'])
    t.match(await admin.delete(`${FILE}/${name}`), { status: 403 }, name)
  const made = await ann.post(FILE, { file_name: 'Trips', is_folder: 1, is_home_folder: 1 })
  t.match(made.body.data, { name: 'Home/Trips', folder: 'Home', is_home_folder: 0 })
  t.match(await uploaded(ann, 'a.txt', 'a', { folder: 'Home/Trips' }), { folder: 'Home/Trips' })
  t.match(await ben.delete(`${FILE}/Home/Trips`), { status: 403 })
  t.match(await ann.delete(`${FILE}/Home/Trips`), { status: 417 }, 'not while something is in it')
  t.match(await ann.post(FILE, { file_name: 'Trips', is_folder: 1 }), { status: 409 })
})
