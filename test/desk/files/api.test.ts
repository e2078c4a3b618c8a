import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import tap from 'tap'
import { DeadlockError } from '../../../desk/db/index.ts'
import { checkFiles, clearLeftovers, findOrphans } from '../../../desk/files/upkeep.ts'
import { eachDatabase } from '../../support/databases.ts'
import { refusal } from '../../support/fixtures-app.ts'
import { ANN, fileSite, stored, uploaded } from './support.ts'

await eachDatabase(tap, 'apps save and open files', async (t, db) => {
  const lab = await fileSite(t, db, { max_file_size: 1000 })
  const { site, ann, ben } = lab
  await ann.post('/api/resource/Diary', { title: 'Summer' })
  const doc = await site.write({ user: ANN }, async (ctx) => {
    const file = await ctx.saveFile({
      name: '../letter.txt',
      content: Buffer.from('dear'),
      attachedTo: { doctype: 'Diary', name: 'Summer' },
    })
    t.equal(await text(await ctx.openFile(file)), 'dear', 'it is there before the commit')
    return file.plain()
  })
  t.match(doc, {
    file_url: '/private/files/letter.txt',
    is_private: 1,
    attached_to_name: 'Summer',
    owner: ANN,
  })
  t.match(await ann.get('/private/files/letter.txt'), { status: 200, text: 'dear' })
  t.match(await ben.get('/private/files/letter.txt'), { status: 403 })
  await site.write({ user: ANN }, async (ctx) => {
    const file = await ctx.saveFile({
      name: 'stream.txt',
      content: Readable.from([Buffer.from('a'), Buffer.from('b')]),
      isPrivate: false,
    })
    t.equal(file.get('file_url'), '/files/stream.txt')
  })
  t.match(await ann.get('/files/stream.txt'), { status: 200, text: 'ab' })
  const big = { name: 'big', content: Buffer.alloc(1001) }
  await t.rejects(
    site.write({ user: ANN }, (ctx) => ctx.saveFile(big)),
    refusal(413, 'ValidationError'),
  )
  await t.rejects(
    site.read({ user: ANN }, (ctx) => ctx.saveFile({ name: 'x', content: Buffer.from('x') })),
    refusal(417, 'ValidationError'),
  )
  t.match(stored(lab), { private: ['letter.txt'], public: ['stream.txt'], temporary: [] })
})

await eachDatabase(tap, 'what is rolled back or done again leaves one file or none', async (t, db) => {
  const lab = await fileSite(t, db)
  const save = { name: 'x.txt', content: Buffer.from('x') }
  await t.rejects(
    lab.site.write({ user: ANN }, async (ctx) => {
      await ctx.saveFile(save)
      t.match(stored(lab).private, ['x.txt'])
      throw new Error('no')
    }),
    { message: 'no' },
  )
  t.match(stored(lab), { private: [], temporary: [] })
  let tries = 0
  const doc = await lab.site.write({ user: ANN }, async (ctx) => {
    const file = await ctx.saveFile(save)
    if (++tries < 3) throw new DeadlockError('again')
    return file.plain()
  })
  t.equal(tries, 3)
  t.equal(doc.file_url, '/private/files/x.txt', 'an earlier try has given the name back')
  t.match(stored(lab), { private: ['x.txt'], temporary: [] })
})

await eachDatabase(tap, 'attachments follow a document that is renamed', async (t, db) => {
  const { site, ann } = await fileSite(t, db)
  await ann.post('/api/resource/Diary', { title: 'Summer' })
  const attached = { doctype: 'Diary', docname: 'Summer' }
  const doc = await uploaded(ann, 'a.txt', 'a', { is_private: '1', ...attached })
  await site.write({ user: ANN }, (ctx) => ctx.renameDoc('Diary', 'Summer', 'Autumn'))
  const { body } = await ann.get(`/api/resource/File/${String(doc.name)}`)
  t.match(body.data, { attached_to_name: 'Autumn', file_url: doc.file_url })
  await ann.delete('/api/resource/Diary/Autumn')
  t.match(await ann.get(doc.file_url), { status: 403 })
})

await eachDatabase(tap, 'what has been lost is found', async (t, db) => {
  const lab = await fileSite(t, db)
  t.same(await findOrphans(lab.site), { withoutContent: [], withoutRow: [] })
  t.match(await checkFiles(lab.site), 'every file has its content')
  await uploaded(lab.ann, 'kept.txt', 'k')
  await uploaded(lab.ann, 'lost.txt', 'l', { is_private: '1' })
  await lab.ann.post('/api/method/upload_file', { file_url: 'https://example.com/elsewhere' })
  rmSync(path.join(lab.folder, 'private', 'files', 'lost.txt'))
  writeFileSync(path.join(lab.folder, 'public', 'files', 'stray.txt'), 's')
  t.same(await findOrphans(lab.site), {
    withoutContent: ['/private/files/lost.txt'],
    withoutRow: ['/files/stray.txt'],
  })
  await t.rejects(checkFiles(lab.site), { message: /^1 file.*\/private\/files\/lost\.txt/ })
  t.equal(await clearLeftovers(lab.site), 0)
  t.match(await uploaded(lab.ann, 'lost.txt', 'new', { is_private: '1' }), {
    file_url: /^\/private\/files\/lost-\w{10}\.txt$/,
  })
})
