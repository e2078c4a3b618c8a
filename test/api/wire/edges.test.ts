import t from 'tap'
import { presenceOf } from '../../../realtime/presence.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO } from '../../support/site.ts'
import { overSocket, roads, wireSite } from '../../support/wire.ts'

const LEAVER = 'leaver@test.example'

await eachDatabase(t, 'edges', async (t, db) => {
  const wire = await wireSite(t, db)
  const { site } = wire
  const room = await wire.room(ANN, [BEN])
  const ann = await wire.browser(ANN)

  await t.test('a user who is removed is out at once and leaves nothing behind', async (t) => {
    await wire.person(LEAVER, { roles: [{ role: 'Chat User' }] })
    const [page, browser] = [await wire.page(LEAVER), await wire.browser(LEAVER)]
    t.equal((await overSocket(page, 'f_chat.heartbeat', {})).status, 200)
    await presenceOf(site).flush()
    const activity = () => site.database.reader('tabChat User Activity').where({ user: LEAVER }).pluck('name')
    t.same(await activity(), [LEAVER])
    t.equal((await overSocket(page, 'f_chat.heartbeat', {})).status, 200)
    await site.asAdministrator(async (ctx) => (await ctx.getDoc('User', LEAVER)).delete())
    t.equal((await page.closed).code, 4401)
    t.equal((await roads.query(browser, 'f_chat.heartbeat', {})).status, 403)
    await presenceOf(site).flush()
    t.same(await activity(), [], 'a beat that came just before is not written')
    const add = { room_name: 'x', room_type: 'Group Chat', members: [LEAVER] }
    t.match(await roads.json(ann, 'f_chat.create_chat_room', add), { status: 417 })
  })

  await t.test('people are found by any spelling of their address, and stored by their own', async (t) => {
    const members = [
      ` ${BEN.toUpperCase()} `,
      { user: 'CLEO@test.example' },
      ANN.toUpperCase(),
      'administrator',
    ]
    const made = await roads.json(ann, 'f_chat.create_chat_room', {
      ...{ room_name: 'Spelled', room_type: 'Group Chat', members },
    })
    t.equal(made.status, 200, JSON.stringify(made))
    const stored = await site.database
      .reader('tabChat Room Member')
      .where({ parent: made.message.data.room_id })
      .orderBy('idx')
      .pluck('user')
    t.same(stored, [ANN, BEN, CLEO, 'Administrator'])
    const open = (other: string) =>
      roads.json(ann, 'f_chat.create_chat_room', { room_type: 'Direct Message', members: [other] })
    const first = await open(BEN.toUpperCase())
    t.equal((await open(` ${BEN}`)).message.data.room_id, first.message.data.room_id)
    t.match(await roads.json(ann, 'f_chat.send_message', { room_id: room, message_content: 'x' }), {
      status: 200,
    })
  })

  await t.test('input as deep and as long as a request can be', async (t) => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    for (const [method, body] of [
      ['f_chat.send_message', `{"room_id":"${room}","message_content":"x","attachments":${deep}}`],
      ['f_chat.send_message', `{"room_id":${deep},"message_content":"x"}`],
      ['f_chat.create_chat_room', `{"room_name":"x","room_type":"Group Chat","members":${deep}}`],
      ['f_chat.sync', `{"rooms":{"x":${deep}}}`],
      ['f_chat.sync', `{"rooms":${deep}}`],
    ] as const) {
      const answer = await ann.request('POST', `/api/method/${method}`, {
        headers: { 'Content-Type': 'application/json' },
        body,
      })
      t.equal(answer.status, 417, `${method}: ${answer.text.slice(0, 100)}`)
      t.ok(answer.text.length < 2000)
    }
    const document = await ann.request('POST', '/api/resource/Chat%20Room', {
      headers: { 'Content-Type': 'application/json' },
      body: `{"room_name":${deep},"room_type":"Group Chat","members":${deep}}`,
    })
    t.equal(document.status, 417)
    for (const filters of [
      deep.slice(0, 2000) + deep.slice(-2000),
      `[["name","in",${JSON.stringify(Array(1000).fill('x'))}]]`,
    ]) {
      const listed = await ann.get(`/api/resource/Chat%20Room?filters=${encodeURIComponent(filters)}`)
      t.ok([200, 417].includes(listed.status), String(listed.status))
    }
    for (const name of [
      'x'.repeat(499),
      'x'.repeat(600),
      'x'.repeat(9000),
      '%2e%2e',
      '%00',
      '%F0%9F%91%8B',
    ]) {
      const { status, body } = await ann.get(`/api/resource/Chat%20Room/${name}`)
      t.match([status, body.exc_type], [404, /DoesNotExist/], name.slice(0, 20))
    }
    for (const doctype of [
      '__proto__',
      'constructor',
      'x'.repeat(600),
      'tabUser',
      'Chat%20Room%20',
      'chat%20room',
    ]) {
      const { status } = await ann.get(`/api/resource/${doctype}`)
      t.ok([403, 404, 414].includes(status), `${doctype.slice(0, 20)}: ${String(status)}`)
    }
    const long = await ann.request('POST', '/api/method/f_chat.send_message', {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ room_id: room, message_content: 'x'.repeat(2_000_000) }),
    })
    t.match([long.status, long.body.exc_type], [413, 'ValidationError'])
  })

  await t.test('a socket answers calls side by side, each with its own id', async (t) => {
    const page = await wire.page(BEN)
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        overSocket(page, 'f_chat.send_message', {
          room_id: i % 3 ? room : 'CR-9999',
          message_content: String(i),
        }),
      ),
    )
    t.same(
      answers.map(({ status, message }) => (status === 200 ? Number(message.data.message_content) : status)),
      answers.map((_, i) => (i % 3 ? i : 404)),
    )
  })

  await t.test('nothing of this was unexpected', async (t) => {
    const errors = await site.database.reader('tabError Log').select('error')
    t.same(errors, [])
  })
})
