import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, field, forManagers, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { serve } from '../../support/server.ts'

const doctypes = {
  Line: { istable: 1, fields: [field('item')] },
  Paper: {
    autoname: 'Prompt',
    permissions: forManagers,
    fields: [field('title'), field('lines', 'Table', { options: 'Line' })],
  },
  Copy: {
    permissions: forManagers,
    fields: [
      field('paper', 'Link', { options: 'Paper' }),
      field('paper_name', 'Data', { fetch_from: 'paper.name' }),
      field('paper_title', 'Data', { fetch_from: 'paper.title' }),
    ],
  },
  Shelf: {
    issingle: 1,
    permissions: forManagers,
    fields: [field('count', 'Int'), field('lines', 'Table', { options: 'Line' })],
  },
}

await eachDatabase(t, 'documents over HTTP, in corners', async (t, db) => {
  const site = await labSite(t, db, { doctypes })
  const served = await serve(t, site)
  await addUser(site, 'boss@test.example', ['System Manager'], { new_password: PASSWORD })
  await addUser(site, 'olaf@test.example', ['Clerk'], { new_password: PASSWORD })
  const boss = await served.login('boss@test.example', PASSWORD)
  const olaf = await served.login('olaf@test.example', PASSWORD)

  await t.test(
    'twenty change one at once: without a time they saw, nobody is told of a conflict',
    async (t) => {
      await boss.post('/api/resource/Paper', { name: 'memo', lines: [{ item: 'first' }] })
      const numbers = Array.from({ length: 20 }, (_, i) => String(i))
      const answers = await Promise.all([
        ...numbers.map((item) => boss.put('/api/resource/Paper/memo', { title: item, lines: [{ item }] })),
        ...numbers.map((item) => boss.put('/api/resource/Shelf/Shelf', { count: item, lines: [{ item }] })),
      ])
      t.same(
        answers.filter(({ status }) => status !== 200).map(({ text }) => text),
        [],
      )
      for (const [path, fieldname] of [
        ['Paper/memo', 'title'],
        ['Shelf/Shelf', 'count'],
      ]) {
        const { data } = (await boss.get(`/api/resource/${String(path)}`)).body
        t.equal(String(data[String(fieldname)]), data.lines[0].item, 'of one of them')
        t.equal(data.lines.length, 1)
      }
    },
  )

  await t.test('rows of a Single are listed by those who read it', async (t) => {
    const path = '/api/resource/Line?parent=Shelf&fields=["parent","parenttype","idx"]'
    t.same((await boss.get(path)).body.data, [{ parent: 'Shelf', parenttype: 'Shelf', idx: 1 }])
    t.equal((await olaf.get(path)).status, 403)
    t.equal((await served.client().get(path)).status, 403)
  })

  await t.test('fetch_from takes the name of what is linked', async (t) => {
    await boss.put('/api/resource/Paper/memo', { title: 'Memo' })
    const { status, body } = await boss.post('/api/resource/Copy', { paper: 'memo' })
    t.equal(status, 200)
    t.match(body.data, { paper_name: 'memo', paper_title: 'Memo' })
  })

  await t.test('a name has 140 characters, whatever they are made of', async (t) => {
    for (const [name, status] of [
      ['🦊'.repeat(140), 200],
      ['🦊'.repeat(141), 417],
    ] as const) {
      t.equal((await boss.post('/api/resource/Paper', { name })).status, status)
    }
    t.equal((await boss.get(`/api/resource/Paper/${encodeURIComponent('🦊'.repeat(140))}`)).status, 200)
  })
})
