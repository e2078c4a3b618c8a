import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { ADMIN_PASSWORD, addUser, field, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { serve, type Answer, type Client } from '../../support/server.ts'

const ANN = 'ann@test.example'
const path = 'frappe.core.page.permission_manager.permission_manager'

await eachDatabase(t, 'rules that an administrator changes', async (t, db) => {
  const site = await labSite(t, db, {
    doctypes: {
      Paper: {
        autoname: 'Prompt',
        fields: [field('text'), field('price', 'Int', { permlevel: 1 })],
        permissions: [
          { role: 'Reader', read: 1 },
          { role: 'Author', read: 1, write: 1, create: 1, delete: 1 },
        ],
      },
      Row: { istable: 1, fields: [field('text')] },
    },
  })
  await addUser(site, ANN, ['Reader'], { new_password: PASSWORD })
  await site.asAdministrator((ctx) => ctx.insert('Paper', { name: 'p', price: 5 }))
  const served = await serve(t, site)
  const admin = await served.login('Administrator', ADMIN_PASSWORD)
  const ann = await served.login(ANN, PASSWORD)
  const manage = (who: Client, method: string, args: object): Promise<Answer> =>
    who.post(`/api/method/${path}.${method}`, args)
  const reads = async (): Promise<number> => (await ann.get('/api/resource/Paper/p')).status
  const writes = async (): Promise<number> => (await ann.put('/api/resource/Paper/p', { text: 'x' })).status

  await t.test('only System Managers look and change', async (t) => {
    const args = { doctype: 'Paper', parent: 'Paper', role: 'Reader', permlevel: 0, ptype: 'write', value: 1 }
    for (const method of ['get_permissions', 'add', 'update', 'remove', 'reset']) {
      t.equal((await manage(ann, method, args)).status, 403, method)
      t.equal((await manage(served.client(), method, args)).status, 403, `${method} as Guest`)
    }
    t.equal(
      (await ann.post('/api/resource/Custom DocPerm', { parent_doctype: 'Paper', role: 'All' })).status,
      403,
    )
  })

  await t.test('a change holds at once, and the other rules of the JSON with it', async (t) => {
    t.same([await reads(), await writes()], [200, 403])
    t.equal(
      (await manage(admin, 'update', { doctype: 'Paper', role: 'Reader', ptype: 'write', value: 1 })).status,
      200,
    )
    t.same([await reads(), await writes()], [200, 200])
    const rules = (await manage(admin, 'get_permissions', { doctype: 'Paper' })).body.message
    t.same(
      rules.map(({ role, write, delete: remove }: Record<string, unknown>) => [role, write, remove]),
      [
        ['Reader', 1, 0],
        ['Author', 1, 1],
      ],
    )
    t.equal(
      (await manage(admin, 'update', { doctype: 'Paper', role: 'Reader', ptype: 'write', value: 0 })).status,
      200,
    )
    t.equal(await writes(), 403)
  })

  await t.test('a rule for a level opens its fields', async (t) => {
    t.equal((await ann.get('/api/resource/Paper/p')).body.data.price, undefined)
    t.equal((await manage(admin, 'add', { parent: 'Paper', role: 'Reader', permlevel: 1 })).status, 200)
    t.equal((await ann.get('/api/resource/Paper/p')).body.data.price, 5)
    t.equal(
      (await manage(admin, 'add', { parent: 'Paper', role: 'Reader', permlevel: 1 })).status,
      417,
      'twice',
    )
    t.equal((await manage(admin, 'remove', { doctype: 'Paper', role: 'Reader', permlevel: 1 })).status, 200)
    t.equal((await ann.get('/api/resource/Paper/p')).body.data.price, undefined)
  })

  await t.test('what makes no sense is refused, and changes nothing', async (t) => {
    for (const [method, args, status] of [
      ['add', { parent: 'No Such', role: 'Reader' }, 404],
      ['add', { parent: 'Row', role: 'Reader' }, 417],
      ['add', { parent: 'Paper', role: 'No Such Role' }, 417],
      ['add', { parent: 'Paper', role: 'Reader', permlevel: 10 }, 417],
      ['update', { doctype: 'Paper', role: 'Reader', ptype: 'fly', value: 1 }, 417],
      ['update', { doctype: 'Paper', role: 'Nobody', ptype: 'read', value: 1 }, 404],
      ['remove', { doctype: 'Paper', role: 'Nobody' }, 404],
    ] as const)
      t.equal((await manage(admin, method, args)).status, status, `${method} ${JSON.stringify(args)}`)
    t.equal((await manage(admin, 'remove', { doctype: 'Paper', role: 'Author' })).status, 200)
    t.equal(
      (await manage(admin, 'remove', { doctype: 'Paper', role: 'Reader' })).status,
      417,
      'the last that reads',
    )
    t.equal(await reads(), 200)
  })

  await t.test('reset brings the rules of the JSON back', async (t) => {
    t.equal((await manage(admin, 'reset', { doctype: 'Paper' })).status, 200)
    t.same(await site.database.reader('tabCustom DocPerm').select('name'), [])
    t.same([await reads(), await writes()], [200, 403])
  })
})
