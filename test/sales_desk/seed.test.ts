import t from 'tap'
import { checkPassword } from '../../desk/site/passwords.ts'
import { createDatabase } from '../../desk/db/index.ts'
import { eachDatabase } from '../support/databases.ts'
import { makeSite } from '../support/site.ts'

const count = async (site: Awaited<ReturnType<typeof makeSite>>, doctype: string) =>
  site.asAdministrator(async (ctx) => (await ctx.getList(doctype, { limit_page_length: 0 })).length)

await eachDatabase(t, 'the demo site', async (t, db) => {
  const database = createDatabase(await db.config())
  const site = await makeSite(database, ['examples/sales_desk', '.'])
  t.teardown(() => site.close())
  const seed = async () => {
    for (const hook of site.registry.hooks((app) => app.seed_demo)) await hook(site, {})
  }
  const counts = async () => ({
    customers: await count(site, 'Customer'),
    orders: await count(site, 'Sales Order'),
    employees: await count(site, 'Employee'),
    teams: await count(site, 'Team Master'),
    users: await count(site, 'User'),
    rooms: await count(site, 'Chat Room'),
  })
  await seed()
  const first = await counts()
  await seed()

  t.same(first, { customers: 31, orders: 64, employees: 8, teams: 2, users: 6, rooms: 3 })
  t.same(await counts(), first, 'seeding again adds nothing')
  t.ok(await checkPassword(database.reader, 'tomas@demo.example', 'demo'))

  await t.test('an order adds up', async (t) => {
    const order = await site.asAdministrator((ctx) => ctx.getDoc('Sales Order', 'SO-0002'))
    const items = order.children('items')
    const sum = items.reduce((total, item) => total + Number(item.get('qty')) * Number(item.get('rate')), 0)
    t.equal(items.length, 2)
    t.equal(Number(order.get('grand_total')), Math.round(sum * 100) / 100)
  })

  await t.test('an order is not delivered before it is made', async (t) => {
    await t.rejects(
      site.asAdministrator((ctx) =>
        ctx.insert('Sales Order', {
          customer: 'Café Jūra',
          order_date: '2026-02-02',
          delivery_date: '2026-02-01',
          items: [{ item_name: 'Cup', qty: 1, rate: 1 }],
        }),
      ),
      { status: 417, message: /before the order date/ },
    )
  })

  await t.test('people have talked, and some of it is unread', async (t) => {
    const user = 'asha@demo.example'
    const answer = (await site.call('f_chat.get_user_chat_rooms', {}, { user })) as {
      data: {
        rooms: {
          name: string
          room_name: string
          unread_count: number
          last_message: string
          last_seq: number
        }[]
      }
    }
    t.match(answer.data.rooms, [
      { room_name: 'Warehouse', unread_count: 2, last_message: /Nordlys at half past/ },
      { room_name: 'Mikael Lindqvist', unread_count: 2 },
      { room_name: 'Company news', unread_count: 0 },
    ])
    const [warehouse] = answer.data.rooms
    const sent = (await site.call(
      'f_chat.send_message',
      { room_id: warehouse?.name, message_content: 'On my way' },
      { user },
    )) as { data: { seq: number } }
    t.equal(sent.data.seq, Number(warehouse?.last_seq) + 1, 'new messages go on from the last')
  })
})
