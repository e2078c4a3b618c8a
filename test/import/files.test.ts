import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { FrappeDatabase } from '../support/frappe-source.ts'
import { eachTarget } from '../support/import-lab.ts'
import { ANN, at, BEN, message, soundWorld } from './world.ts'

t.setTimeout(300_000)
const SITE = 'new.test'
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

await eachTarget(t, 'files come into their room, and what is missing can follow', async (t, lab) => {
  const source = await FrappeDatabase.create(t)
  await soundWorld(source)
  const folder = t.testdir({})
  for (const side of ['public', 'private']) mkdirSync(path.join(folder, side, 'files'), { recursive: true })
  const write = (file: string, content: string | Buffer): void => {
    writeFileSync(path.join(folder, file), content)
  }
  write('secret.txt', 'not to be reached')
  write('public/files/plan.png', PNG)
  write('public/files/ann.png', PNG)
  write('private/files/own note.txt', 'a note of Ann')
  write('private/files/salary.txt', 'salaries')
  symlinkSync(path.join(folder, 'secret.txt'), path.join(folder, 'public/files/link.txt'))
  await source.insert('File', [
    { name: 'f1', file_url: '/files/plan.png', file_name: 'plan.png', owner: ANN },
    { name: 'f2', file_url: '/private/files/own note.txt', is_private: 1, owner: ANN },
    {
      name: 'f3',
      file_url: '/private/files/salary.txt',
      is_private: 1,
      owner: 'Administrator',
      attached_to_doctype: 'Salary Slip',
      attached_to_name: 'S-1',
    },
  ])
  await source.insert('Chat Message', [
    message('MSG-0020', 'CR-0001', ANN, 95, 'files', { message_type: 'File' }),
  ])
  const urls = [
    '/files/plan.png',
    '/private/files/own note.txt',
    '/private/files/salary.txt',
    '/files/../secret.txt',
    '/files/link.txt',
    'javascript:alert(1)',
    '/files/late.txt',
  ]
  await source.children(
    'Chat Message Attachment',
    'MSG-0020',
    'file_attachments',
    urls.map((file_url, i) => ({
      file_url,
      file_name: `file ${String(i)}.${file_url.endsWith('png') ? 'png' : 'txt'}`,
      file_size: 7,
      uploaded_timestamp: at(94),
    })),
  )
  await lab.newSite(SITE)
  const run = ['--site', SITE, 'import-from-frappe', ...source.args]
  const columns = ['file_name', 'file_url', 'file_size', 'file_type']
  await lab.bench.fails(
    t,
    [...run, '--files', path.join(folder, 'nowhere')],
    /no folder .*nowhere.*--files/,
    { env: source.env },
  )

  await t.test('without --files: rows, and no files', async (t) => {
    await lab.bench.ok(t, run, { env: source.env })
    const rows = await lab.rows(SITE, 'Chat Message Attachment', columns, 'idx')
    t.equal(rows.length, 7)
    for (const { file_url } of rows) t.match(file_url, /^\/private\/files\/missing\//)
    t.match((await lab.rows(SITE, 'Chat Message', ['name', 'change_seq'])).at(-1), {
      name: 'MSG-0020',
      change_seq: 6,
    })
  })

  await t.test('with --files', async (t) => {
    const said = await lab.bench.ok(t, [...run, '--files', folder], { env: source.env })
    t.match(said, /File +3 /)
    t.match(said, /Chat Message +0 +7 +1 /)
    const report = readFileSync(/listed in (.*)$/m.exec(said)?.[1] ?? '', 'utf8')
    for (const reason of [
      /salary\.txt is not its sender's, nor the room's/,
      /"\/files\/\.\.\/secret\.txt" is no file of the site/,
      /link\.txt is not under --files/,
      /"javascript:alert\(1\)" is no file of the site/,
      /late\.txt is not under --files/,
    ])
      t.match(report, reason)
    const rows = await lab.rows(SITE, 'Chat Message Attachment', columns, 'idx')
    t.same(
      rows.map(({ file_url }) => String(file_url).startsWith('/private/files/missing/')),
      [false, false, true, true, true, true, true],
    )
    t.match(rows[0], { file_name: 'file 0.png', file_type: 'image/png', file_size: PNG.length })
    const files = await lab.rows(SITE, 'File', [
      'file_url',
      'is_private',
      'attached_to_doctype',
      'attached_to_name',
      'owner',
    ])
    for (const row of rows.slice(0, 2))
      t.match(
        files.find(({ file_url }) => file_url === row.file_url),
        { is_private: 1, attached_to_doctype: 'Chat Room', attached_to_name: 'CR-0001', owner: ANN },
      )
    t.match(
      (await lab.rows(SITE, 'User', ['name', 'user_image'])).find(({ name }) => name === ANN),
      { user_image: /^\/files\/ann/ },
    )
    await lab.on(SITE, async (site) => {
      const read = await site.read({ user: BEN }, async (ctx) => {
        const name = await ctx
          .db('tabFile')
          .where({ file_url: rows[1]?.file_url })
          .first<{ name: string }>('name')
        const chunks: Buffer[] = []
        for await (const chunk of await ctx.openFile(await ctx.getDoc('File', name.name)))
          chunks.push(chunk as Buffer)
        return Buffer.concat(chunks).toString()
      })
      t.equal(read, 'a note of Ann')
    })
    t.match((await lab.rows(SITE, 'Chat Message', ['name', 'change_seq'])).at(-1), {
      name: 'MSG-0020',
      change_seq: 7,
    })
  })

  await t.test('what is found later follows; nothing else moves', async (t) => {
    const again = await lab.bench.ok(t, [...run, '--files', folder], { env: source.env })
    t.match(again, /Chat Message +0 +8 +0 /)
    t.match((await lab.rows(SITE, 'Chat Message', ['name', 'change_seq'])).at(-1), {
      name: 'MSG-0020',
      change_seq: 7,
    })
    write('public/files/late.txt', 'at last')
    const said = await lab.bench.ok(t, [...run, '--files', folder], { env: source.env })
    t.match(said, /File +1 /)
    t.match((await lab.rows(SITE, 'Chat Message', ['name', 'change_seq'])).at(-1), {
      name: 'MSG-0020',
      change_seq: 8,
    })
  })
})
