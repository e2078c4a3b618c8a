import t from 'tap'
import type { Site } from '../../../desk/site/site.ts'
import { erasePersonalData } from '../../../desk/personal-data/erase.ts'
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
