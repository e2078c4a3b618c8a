import t from 'tap'
import type { Context } from '../../../desk/context.ts'
import { eachDatabase } from '../../support/databases.ts'
import { addUser, field, forManagers, labSite, PASSWORD } from '../../support/fixtures-app.ts'
import { serve, type Client } from '../../support/server.ts'

const ANN = 'ann@test.example'
const BEN = 'ben@test.example'
const COUNT = '/api/method/frappe.client.get_count?doctype=Vault'

/** What is remembered between requests: who has which role, and how documents are named. */
await eachDatabase(t, 'nobody is answered from what never was, or is no more', async (t, db) => {
  const site = await labSite(t, db, {
    doctypes: {
      Vault: {
        autoname: 'V-.####',
        fields: [field('label')],
        permissions: [{ role: 'Keeper', read: 1, create: 1 }, ...forManagers],
      },
    },
  })
  await addUser(site, ANN, ['Keeper'], { new_password: PASSWORD })
  await addUser(site, BEN, [], { new_password: PASSWORD })
  const served = await serve(t, site)
  const [ann, ben] = [await served.login(ANN, PASSWORD), await served.login(BEN, PASSWORD)]
  const may = async (client: Client): Promise<number> => (await client.get(COUNT)).status
  const give = async (ctx: Context, user: string, roles: string[]): Promise<void> => {
    const doc = await ctx.getDoc('User', user)
    doc.set('roles', [])
    for (const role of roles) doc.append('roles', { role })
    await doc.save()
  }
  /** Many requests of both, while something else goes on. */
  const storm = async (during: () => Promise<unknown>): Promise<[Set<number>, Set<number>]> => {
    let over = false
    const ask = async (client: Client): Promise<Set<number>> => {
      const seen = new Set<number>()
      do seen.add(await may(client))
      while (!over)
      return seen
    }
    const asking = Promise.all([ask(ann), ask(ben), ask(ann), ask(ben)])
    await during()
    over = true
    const [one, two, three, four] = await asking
    return [new Set([...one, ...three]), new Set([...two, ...four])]
  }

  await t.test('a role that a transaction gave, and took back when it failed', async (t) => {
    const [anns, bens] = await storm(async () => {
      for (let round = 0; round < 5; round++) {
        await t.rejects(
          site.asAdministrator(async (ctx) => {
            await give(ctx, BEN, ['Keeper'])
            await give(ctx, ANN, [])
            t.ok((await ctx.asUser(BEN).roles()).has('Keeper'), 'it sees its own change')
            throw new Error('and fails')
          }),
          /and fails/,
        )
      }
    })
    t.same([[...anns], [...bens]], [[200], [403]])
    t.same([await may(ann), await may(ben)], [200, 403])
  })

  await t.test('a role that is given and taken counts from the next request on', async (t) => {
    await storm(async () => {
      for (let round = 0; round < 5; round++) {
        await site.asAdministrator((ctx) => give(ctx, BEN, ['Keeper']))
        t.equal(await may(ben), 200)
        await site.asAdministrator((ctx) => give(ctx, BEN, []))
        t.equal(await may(ben), 403)
      }
    })
    t.equal(await may(ann), 200, 'nobody else’s rights have moved')
  })

  await t.test('a naming rule of a transaction that failed names nothing', async (t) => {
    const rule = { document_type: 'Vault', prefix: 'RULE-', prefix_digits: 3, priority: 1 }
    const created = async (): Promise<string> =>
      String((await ann.post('/api/resource/Vault', { label: 'x' })).body.data.name)
    await t.rejects(
      site.asAdministrator(async (ctx) => {
        await ctx.insert('Document Naming Rule', rule)
        t.match((await ctx.insert('Vault', { label: 'mine' })).name, /^RULE-/)
        throw new Error('and fails')
      }),
      /and fails/,
    )
    t.match(await created(), /^V-/)
    const made = await site.asAdministrator((ctx) => ctx.insert('Document Naming Rule', rule))
    t.match(await created(), /^RULE-/)
    await site.asAdministrator(async (ctx) => {
      await (await ctx.getDoc('Document Naming Rule', made.name)).delete()
    })
    t.match(await created(), /^V-/)
  })
})
