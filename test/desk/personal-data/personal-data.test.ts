import t from 'tap'
import type { Site } from '../../../desk/site/site.ts'
import { erasePerson, erasePersonalData } from '../../../desk/personal-data/erase.ts'
import { exportPersonalData } from '../../../desk/personal-data/export.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, field, labSite, PASSWORD, refusal } from '../../support/fixtures-app.ts'
import { openSocket, serve } from '../../support/server.ts'

const ANN = 'ann@test.example'
const BEN = 'ben@test.example'

const app = {
  doctypes: {
    Letter: {
      autoname: 'Prompt',
      fields: [
        field('person', 'Link', { options: 'User' }),
        field('body', 'Text'),
        field('amount', 'Currency'),
        field('read_by', 'Table', { options: 'Reader' }),
      ],
    },
    Reader: { istable: 1, fields: [field('user', 'Link', { options: 'User' }), field('note')] },
    Diary: { autoname: 'Prompt', fields: [field('text')] },
    Invoice: {
      autoname: 'Prompt',
      fields: [field('sold_by', 'Link', { options: 'User' }), field('total', 'Int')],
    },
    Badge: {
      autoname: 'field:holder',
      fields: [field('holder', 'Data', { unique: 1 }), field('photo', 'Attach')],
    },
  },
  user_data_fields: [
    { doctype: 'Letter', filter_by: 'person', redact_fields: ['body', 'amount'], partial: true },
    { doctype: 'Reader', filter_by: 'user' },
    { doctype: 'Diary' },
    { doctype: 'Badge', filter_by: 'holder', redact_fields: ['photo'], rename: true },
  ],
}

async function exported(site: Site, user: string): Promise<Record<string, Record<string, unknown>[]>> {
  const text = await site.read({ user: 'Administrator' }, async (ctx) => {
    let all = ''
    for await (const part of exportPersonalData(ctx, user)) all += part
    return all
  })
  const { documents, profile } = JSON.parse(text) as {
    documents: Record<string, Record<string, unknown>[]>
    profile: Record<string, unknown>
  }
  return { ...documents, profile: [profile] }
}

await eachDatabase(t, 'a person’s data', async (t, db) => {
  const site = await labSite(t, db, app)
  for (const email of [ANN, BEN])
    await addUser(site, email, ['System Manager'], {
      new_password: PASSWORD,
      first_name: 'Annabel',
      last_name: email,
    })
  await site.write({ user: ANN }, async (ctx) => {
    const free = { ignorePermissions: true }
    for (let i = 0; i < 3; i++) await ctx.insert('Diary', { name: `day ${String(i)}`, text: 'dear' }, free)
    await ctx.insert('Invoice', { name: 'I-1', sold_by: ANN, total: 5 }, free)
    await ctx.insert(
      'Letter',
      {
        name: 'L-1',
        person: ANN,
        body: `Annabel ${ANN} (${ANN}) wrote; Annabel agreed`,
        amount: 7,
        read_by: [
          { user: ANN, note: 'a' },
          { user: BEN, note: 'b' },
        ],
      },
      free,
    )
    await ctx.insert('Badge', { holder: ANN, photo: '/files/ann.png' }, free)
  })
  await site.write({ user: BEN }, (ctx) =>
    ctx.insert('Diary', { name: 'of ben', text: 'x' }, { ignorePermissions: true }),
  )
  const served = await serve(t, site)

  await t.test('an export holds what the rules say, and nothing else', async (t) => {
    const documents = await exported(site, ANN)
    t.same(
      documents.Diary?.map(({ name }) => name),
      ['day 0', 'day 1', 'day 2'],
    )
    t.equal(documents.Letter?.[0]?.person, ANN)
    t.same(
      documents.Reader?.map(({ user }) => user),
      [ANN],
    )
    t.equal(documents.Invoice, undefined, 'no rule names it')
    t.equal(documents.profile?.[0]?.email, ANN)
    t.notMatch(JSON.stringify(documents), /scrypt/)
    await t.rejects(exported(site, 'nobody@test.example'), refusal(404, 'DoesNotExistError'))
  })

  await t.test('only System Managers erase, not themselves, and not by a slip', async (t) => {
    await addUser(site, 'clerk@test.example', [], { new_password: PASSWORD })
    const erase = 'desk.personal_data.erase'
    const clerk = await served.login('clerk@test.example', PASSWORD)
    t.equal((await clerk.post(`/api/method/${erase}`, { user: ANN, confirm: ANN })).status, 403)
    t.equal((await served.client().post(`/api/method/${erase}`, { user: ANN, confirm: ANN })).status, 403)
    const ben = await served.login(BEN, PASSWORD)
    t.equal((await ben.post(`/api/method/${erase}`, { user: ANN, confirm: 'Ann' })).status, 417)
    t.equal((await ben.post(`/api/method/${erase}`, { user: BEN, confirm: BEN })).status, 417)
    t.equal(
      (await ben.post(`/api/method/${erase}`, { user: 'Administrator', confirm: 'Administrator' })).status,
      417,
    )
    t.equal(
      (await ben.post(`/api/method/${erase}`, { user: 'x@y.example', confirm: 'x@y.example' })).status,
      404,
    )
    t.ok(await site.database.reader('tabUser').where({ name: ANN }).first('name'))
  })

  await t.test('an erasure that fails in the middle erases nothing', async (t) => {
    await t.rejects(
      site.asAdministrator(async (ctx) => {
        await erasePersonalData(ctx, ANN)
        throw new Error('no')
      }),
      /^no$/,
    )
    t.equal((await exported(site, ANN)).Diary?.length, 3)
  })

  await t.test('an erased person is gone from every table, their work stays', async (t) => {
    const ann = await served.login(ANN, PASSWORD)
    const socket = openSocket(t, served, { cookie: ann.cookie })
    await socket.event('ready')
    const ben = await served.login(BEN, PASSWORD)
    const answer = await ben.post('/api/method/desk.personal_data.erase', { user: ANN, confirm: ANN })
    t.equal(answer.status, 200)
    const { now_called: name } = answer.body.message
    t.match(name, /^deleted-[0-9a-f]{10}@erased\.invalid$/)
    t.equal((await socket.closed).code, 4401)
    t.equal((await ann.get('/api/method/frappe.auth.get_logged_user')).status, 403)
    t.equal((await served.client().post('/api/method/login', { usr: ANN, pwd: PASSWORD })).status, 401)
    const reader = site.database.reader
    t.same(await reader('tabDiary').pluck('name'), ['of ben'])
    t.match(await reader('tabInvoice').first(), { sold_by: name, total: 5, owner: name, modified_by: name })
    const letter = await reader('tabLetter').first()
    t.match(letter, { person: name, amount: 0 })
    t.equal(letter.body, '[deleted] ([deleted]) wrote; [deleted] agreed')
    t.same(await reader('tabReader').pluck('user'), [BEN])
    t.match(await reader('tabBadge').first(), { name: /^deleted-/, holder: /^deleted-/, photo: null })
    t.match(await reader('tabUser').where({ name }).first(), {
      enabled: 0,
      first_name: 'Deleted',
      last_login: null,
    })
    for (const meta of site.registry.metas()) {
      if (meta.isSingle || meta.isVirtual) continue
      const rows: unknown[] = await reader(meta.table).select()
      t.notMatch(JSON.stringify(rows), new RegExp(`${ANN}|Annabel ann`), meta.table)
    }
    t.notMatch(JSON.stringify(await reader('__Auth').select('name')), ANN)
  })

  await t.test('an app exports and erases what its rules cannot say', async (t) => {
    const CLAIRE = 'claire@test.example'
    const told: unknown[] = []
    let fails = true
    const site = await labSite(t, db, {
      ...app,
      export_user: (user, ctx) => ({
        days: (async function* () {
          for (const name of await ctx.db('tabDiary').where({ owner: user }).pluck<string[]>('name'))
            yield { name }
        })(),
      }),
      async erase_user({ user, names }, run) {
        told.push(names)
        const enabled = await run.read((ctx) => ctx.getValue('User', user, 'enabled'))
        told.push(enabled)
        await run.write((ctx) => ctx.db('tabInvoice').where({ sold_by: user }).update({ total: 0 }))
        if (fails) throw new Error('half way')
      },
    })
    await addUser(site, CLAIRE, [], { first_name: 'Claire', last_name: 'Li' })
    await site.write({ user: CLAIRE }, async (ctx) => {
      const free = { ignorePermissions: true }
      await ctx.insert('Diary', { name: 'claire’s', text: 'dear' }, free)
      await ctx.insert('Invoice', { name: 'I-2', sold_by: CLAIRE, total: 5 }, free)
    })
    let text = ''
    await site.read({ user: 'Administrator' }, async (ctx) => {
      for await (const part of exportPersonalData(ctx, CLAIRE)) text += part
    })
    t.same((JSON.parse(text) as { apps: unknown }).apps, { lab: { days: [{ name: 'claire’s' }] } })
    const reader = site.database.reader
    const admin = { user: 'Administrator' }
    await t.rejects(erasePerson(site, admin, CLAIRE), /half way/)
    t.same(told, [[CLAIRE, 'Claire Li', 'Claire'], 0], 'locked out, and still with their name')
    t.match(await reader('tabUser').where({ name: CLAIRE }).first(), { enabled: 0, first_name: 'Claire' })
    t.match(await reader('tabInvoice').first(), { sold_by: CLAIRE, total: 0 }, 'what was done is done')
    t.equal((await reader('tabDiary').select('name')).length, 1, 'the rules come after')
    fails = false
    const name = await erasePerson(site, admin, CLAIRE)
    t.match(await reader('tabInvoice').first(), { sold_by: name, total: 0 })
    t.same(await reader('tabDiary').select(), [])
    await t.rejects(erasePerson(site, admin, 'Administrator'), refusal(417, 'ValidationError'))
    await t.rejects(erasePerson(site, admin, CLAIRE), refusal(404, 'DoesNotExistError'))
  })

  await t.test('what a person had exported goes with them', async (t) => {
    const folder = t.testdir({ private: {}, public: {} })
    const site = await labSite(t, db, {}, { path: folder })
    await addUser(site, ANN)
    await addUser(site, BEN)
    for (const user of [ANN, BEN])
      await site.write({ user }, (ctx) =>
        ctx.saveFile({ name: 'personal-data.json', content: Buffer.from('{"a": 1}') }),
      )
    await erasePerson(site, { user: 'Administrator' }, ANN)
    t.same(await site.database.reader('tabFile').where({ is_folder: 0 }).pluck('owner'), [BEN])
  })

  await t.test('a rule that names nothing says so', async (t) => {
    for (const [rule, message] of [
      [{ doctype: 'Nothing' }, /lab: Nothing is no DocType/],
      [{ doctype: 'Diary', filter_by: 'person' }, /Diary has no column person/],
      [{ doctype: 'Diary', redact_fields: ['x'] }, /Diary has no column x/],
      [{ doctype: 'Diary', partial: true }, /no redact_fields/],
    ] as const) {
      const wrong = await labSite(t, db, { ...app, user_data_fields: [rule] as never })
      await t.rejects(exported(wrong, 'Administrator'), message)
    }
  })
})
