import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { cleanupStaleUsers } from '../../jobs/cleanup-stale-users.ts'
import { MemoryPresence } from '../../realtime/presence/store.ts'
import { Presence, presenceOf } from '../../realtime/presence.ts'
import { eachDatabase, type TestDatabase } from '../support/databases.ts'
import { openSocket, type Body, type TestSocket } from '../support/server.ts'
import { ANN, BEN, CLEO, OUTSIDER, refusal } from '../support/site.ts'
import { overSocket, roads, wireSite, type Outcome, type Wire } from '../support/wire.ts'

interface Lively extends Wire {
  presence: Presence
  /** A page with a device of its own. */
  device: (user: string, device?: string) => Promise<TestSocket>
  /** Goes away without a word, and has been missed. */
  drop: (page: TestSocket, user: string) => Promise<void>
  /** So many seconds pass. */
  later: (seconds: number) => Promise<void>
  status: (asker: string, user: string) => Promise<Body>
  /** What is stored of a user, once presence has written. */
  row: (user: string) => Promise<Body>
}

/** A site whose presence has a clock of its own, and is looked after by the test. */
async function lively(t: Test, db: TestDatabase): Promise<Lively> {
  const wire = await wireSite(t, db)
  const store = new MemoryPresence()
  let now = Date.now()
  const presence = presenceOf(wire.site, { store, now: () => now })
  const sockets = async (user: string): Promise<number> => {
    const state = (await store.get([user])).get(user)
    return Object.values(state?.devices ?? {}).flatMap((device) => device.sockets).length
  }
  return {
    ...wire,
    presence,
    async device(user, device = randomUUID()) {
      const { cookie } = await wire.browser(user)
      const socket = openSocket(t, wire.served, { cookie, query: `?device=${device}` })
      await socket.event('ready')
      return socket
    },
    async drop(page, user) {
      const before = await sockets(user)
      page.ws.terminate()
      while ((await sockets(user)) === before) await new Promise(setImmediate)
    },
    async later(seconds) {
      now += seconds * 1000
      await presence.tick()
    },
    status: async (asker, user) => await wire.site.call('f_chat.get_user_status', { user }, { user: asker }),
    async row(user) {
      await presence.flush()
      return await wire.site.database.reader('tabChat User Activity').where({ user }).first()
    },
  }
}

/** The statuses of a user that a socket has heard of, in order. */
const heard = (socket: TestSocket, user: string): string[] =>
  socket.frames
    .filter(({ event, message }) => event === 'user_status_changed' && message.user === user)
    .map(({ message }) => message.status)

/** All that was sent to the page so far has arrived. */
const arrived = (page: TestSocket): Promise<Outcome> => overSocket(page, 'f_chat.get_user_status', {})

await eachDatabase(t, 'who is there', async (t, db) => {
  const site = await lively(t, db)
  const { later, drop, row, presence } = site
  const room = await site.room(ANN, [BEN])
  for (let i = 0; i < 5; i++) await site.room(ANN, [BEN])
  await site.room(CLEO, [OUTSIDER])
  const ben = await site.device(BEN)
  const cleo = await site.device(CLEO)
  /** What Ben was told of Ann, and nobody else was, since the last time. */
  let known = 0
  const told = async (): Promise<string[]> => {
    await arrived(ben)
    await arrived(cleo)
    t.same(heard(cleo, ANN), [], 'who shares no room hears nothing')
    const all = heard(ben, ANN)
    return all.slice(known, (known = all.length))
  }

  await t.test('nobody, at first', async (t) => {
    t.same(await site.status(BEN, ANN), {
      ...{ success: true, user: ANN, status: 'offline', is_online: 0 },
      ...{ last_seen: null, last_activity: null, full_name: 'Ann' },
    })
  })

  await t.test('several devices; those who share a room hear of it once', async (t) => {
    const desk = await site.device(ANN)
    await later(1)
    const event = await ben.event('user_status_changed')
    t.match(event, { room: /^chat_room_/, message: { user: BEN, status: 'online', timestamp: /^\d{4}-/ } })
    t.same(await told(), ['online'], 'once, though they share six rooms')
    const phone = await site.device(ANN)
    await drop(desk, ANN)
    await later(60)
    t.same(await told(), [])
    t.match(await row(ANN), { chat_status: 'online', is_online: 1, full_name: 'Ann' })
    await drop(phone, ANN)
    const gone = (await site.status(BEN, ANN)).last_seen
    await later(19)
    t.equal((await site.status(BEN, ANN)).status, 'online', 'within the grace')
    await later(1)
    t.same(await told(), ['offline'])
    const status = await site.status(BEN, ANN)
    t.match(status, { status: 'offline', is_online: 0, last_seen: gone })
    const stored = await row(ANN)
    t.match(stored, { chat_status: 'offline', is_online: 0 })
    t.same(
      await site.status(BEN, ANN),
      { ...status, last_seen: stored.last_seen },
      'what is stored is the same',
    )
  })

  const id = randomUUID()
  let page = await site.device(ANN, id)
  await later(1)
  t.same(await told(), ['online'])

  await t.test('a page that is loaded again never blinks', async (t) => {
    for (let i = 0; i < 4; i++) {
      await drop(page, ANN)
      await later(15)
      page = await site.device(ANN, id)
      await overSocket(page, 'f_chat.heartbeat', {})
      await later(15)
    }
    t.same(await told(), [])
  })

  await t.test('a hidden tab is away, not offline; somebody who comes back is online', async (t) => {
    await later(300)
    t.same(await told(), ['away'])
    await later(86_400)
    t.same(await told(), [])
    t.match(await row(ANN), { chat_status: 'away', is_online: 1 })
    await overSocket(page, 'f_chat.heartbeat', {})
    await later(1)
    t.same(await told(), ['online'])
  })

  await t.test('busy during a call', async (t) => {
    await presence.inCall(ANN, true)
    t.same(await told(), [], 'but not twice a second')
    await later(1)
    t.same(await told(), ['busy'])
    await later(2)
    await presence.inCall(ANN, false)
    t.same(await told(), ['online'])
  })

  await t.test('a status set by hand: stored and told at once', async (t) => {
    await later(2)
    const answer = await overSocket(page, 'f_chat.update_user_status', { status: 'busy' })
    t.same(answer.message, { success: true, message: 'Your status is busy', status: 'busy', user: ANN })
    const [stored] = await site.site.database.reader('tabChat User Activity').where({ user: ANN })
    t.match(stored, { chat_status: 'busy', chosen_status: 'busy', is_online: 1 })
    t.same(await told(), ['busy'])
    for (const status of ['away', 'online', 'offline', 'away'] as const)
      t.equal((await overSocket(page, 'f_chat.update_user_status', { status })).status, 200)
    t.same(await told(), [])
    await later(1)
    t.same(await told(), ['away'], 'of many within the second the last is told')
    await arrived(page)
    t.same(heard(page, ANN).at(-1), 'away', 'to the user’s own pages, too')
    await later(2)
    await overSocket(page, 'f_chat.update_user_status', { status: 'offline' })
    t.same(await told(), ['offline'])
    const hidden = await site.status(BEN, ANN)
    await later(30)
    await overSocket(page, 'f_chat.heartbeat', {})
    await later(30)
    t.same(await site.status(BEN, ANN), hidden, 'who looks offline gives nothing away')
    t.match(hidden, { status: 'offline', is_online: 0 })
    t.equal((await overSocket(page, 'f_chat.update_user_status', {})).message.status, 'online')
    t.same(await told(), ['online'])
    t.equal((await roads.query(await site.browser(ANN), 'f_chat.update_user_status', {})).status, 403)
    const odd = ['', 'Online', 'x', 0, {}, [], '\0']
    for (const status of odd) {
      const refused = await overSocket(page, 'f_chat.update_user_status', { status })
      if (status !== '') t.equal(refused.status, 417, JSON.stringify(status))
    }
  })

  await t.test('over HTTP alone: there by one’s beats', async (t) => {
    const client = await site.browser(OUTSIDER)
    t.same((await roads.query(client, 'f_chat.heartbeat', {})).status, 200)
    t.equal((await site.status(CLEO, OUTSIDER)).status, 'online')
    await later(181)
    t.equal((await site.status(CLEO, OUTSIDER)).status, 'away')
    await later(420)
    t.equal((await site.status(CLEO, OUTSIDER)).status, 'offline')
    await overSocket(page, 'f_chat.heartbeat', {})
  })

  await t.test('who is there', async (t) => {
    const call = async (user: string, args: Record<string, unknown> = {}): Promise<Body> =>
      await site.site.call('f_chat.get_online_users', args, { user })
    const around = await call(BEN)
    t.same(Object.keys(around), ['success', 'users', 'count'])
    t.match(around, {
      users: [
        { user: ANN, full_name: 'Ann', chat_status: 'online', last_activity: /^\d/ },
        { user: BEN, full_name: 'Ben', chat_status: 'away' },
      ],
      count: 2,
    })
    t.equal(Object.keys(around.users[0]).length, 4)
    const others = (await call(CLEO)).users.map(({ user }: Body) => user)
    t.same(others, [CLEO], 'those who share no room are not listed')
    t.match(await call(ANN, { room_id: room }), {
      data: { online_users: [{ user: ANN }, { user: BEN }], total_members: 2 },
    })
    await t.rejects(call(CLEO, { room_id: room }), refusal(404))
    const people = await site.site.call(
      'f_chat.search_users_for_chat_room',
      { search_term: 'ann' },
      { user: CLEO },
    )
    t.match(people, { data: [{ name: ANN, chat_status: 'online' }] })
  })
})

await eachDatabase(t, 'who may know of whom', async (t, db) => {
  const site = await lively(t, db)
  await site.room(ANN, [BEN, OUTSIDER])
  const guest = await site.person('customer@x.example', { user_type: 'Website User' })
  const gone = await site.person('gone@x.example', { enabled: 0 })
  await site.room(ANN, [guest])
  const ask = async (asker: string, user: unknown): Promise<Outcome> =>
    await roads.query(await site.browser(asker), 'f_chat.get_user_status', { user })

  t.match(
    await ask(CLEO, ANN),
    { status: 200, message: { user: ANN, status: 'offline' } },
    'as people search does',
  )
  t.match(await ask(CLEO, ANN.toUpperCase()), { status: 200, message: { user: ANN } })
  t.equal((await ask(guest, ANN)).status, 200, 'a companion')
  t.equal((await ask(guest, guest)).status, 200)
  const nobody = await ask(guest, 'nobody@x.example')
  t.match(nobody, { status: 404, message: { error: { message: 'User nobody@x.example not found.' } } })
  t.match(await ask(guest, BEN), { status: 404, message: { error: { message: `User ${BEN} not found.` } } })
  t.equal((await ask(CLEO, gone)).status, 404, 'nor is somebody disabled found')
  t.equal((await ask(CLEO, 'Guest')).status, 404)
  for (const user of [0, {}, ['x'], '%', '\0', '\ud800', `${ANN}\u200b`, 'x'.repeat(141)])
    t.match((await ask(CLEO, user)).status, /^4(04|17)$/, JSON.stringify(user))

  await t.test('a page watches those whom it shows', async (t) => {
    const { later, drop } = site
    const customer = await site.device(guest)
    const cleo = await site.device(CLEO)
    const seen = async (page: TestSocket, ...users: string[]): Promise<string[]> => {
      const { message } = await overSocket(page, 'f_chat.watch_users', { users })
      return message.data.users.map(({ user }: Body) => user).toSorted()
    }
    const statusOf = (page: TestSocket, user: string, status: string): Promise<Body> =>
      page.frame(
        ({ event, message }) =>
          event === 'user_status_changed' && message.user === user && message.status === status,
      )
    t.same(await seen(cleo, ANN, BEN, 'nobody@x.example', gone), [ANN, BEN])
    t.same(await seen(customer, ANN, BEN, guest), [ANN, guest])
    const ben = await site.device(BEN)
    await later(2)
    t.equal((await statusOf(cleo, BEN, 'online')).room, `status:${BEN}`)
    t.same(await seen(cleo, ANN), [ANN], 'others are watched no more')
    const ann = await site.device(ANN)
    await later(2)
    await Promise.all([cleo, ben, customer].map((page) => statusOf(page, ANN, 'online')))
    await drop(ben, BEN)
    await later(20)
    await statusOf(ann, BEN, 'offline')
    await Promise.all([cleo, customer].map(arrived))
    t.same([heard(cleo, BEN), heard(customer, BEN)], [['online'], []])
    t.same(heard(customer, ANN), ['online'], 'once, by the room and by watching')
    t.same(await seen(cleo, ANN, BEN), [ANN, BEN])
    await site.site.asAdministrator(async (ctx) => {
      await ctx.db('tabHas Role').where({ parent: CLEO }).delete()
      ctx.invalidate('roles')
    })
    t.equal((await ask(CLEO, BEN)).status, 404)
    await site.device(BEN)
    await later(2)
    await statusOf(ann, BEN, 'online')
    await overSocket(cleo, 'f_chat.update_user_status', { status: 'busy' })
    await statusOf(cleo, CLEO, 'busy')
    t.same(heard(cleo, BEN), ['online'], 'and who may not know of them any more hears nothing')
    const many = Array.from({ length: 201 }, (_, i) => `u${String(i)}`)
    t.equal((await overSocket(ann, 'f_chat.watch_users', { users: many })).status, 417)
  })
})

await eachDatabase(t, 'typing', async (t, db) => {
  const site = await lively(t, db)
  const room = await site.room(ANN, [BEN, CLEO])
  const [ann, twin, ben, cleo] = [
    await site.device(ANN),
    await site.device(ANN),
    await site.device(BEN),
    await site.device(CLEO),
  ]
  const type = (page: TestSocket, args: Record<string, unknown> = {}): Promise<Outcome> =>
    overSocket(page, 'f_chat.user_typing', { room_id: room, ...args })
  const typed = (page: TestSocket): boolean[] =>
    page.frames.filter(({ event }) => event === 'user_typing').map(({ message }) => message.is_typing)
  const nth = (page: TestSocket, count: number): Promise<Body> => {
    return page.frame((frame) => {
      const all = page.frames.filter(({ event }) => event === 'user_typing')
      return all.length >= count && frame === all[count - 1]
    })
  }

  await t.test('the other members hear it, now and then', async (t) => {
    t.same((await type(ann)).message, { success: true, is_typing: true })
    for (let i = 0; i < 20; i++) await type(ann, { is_typing: true })
    const { message, room: channel } = await nth(ben, 1)
    t.match(message, { user: ANN, user_name: 'Ann', room_id: room, is_typing: true, timestamp: /^\d{4}/ })
    t.equal(channel, `chat_room_${room}`)
    t.equal((await site.row(ANN)).typing_in_room, room)
    const stopped = await overSocket(ann, 'f_chat.send_typing_indicator', { room_id: room, is_typing: 0 })
    t.same(stopped.message, { success: true, message: 'Stopped typing' })
    await type(ann, { is_typing: false })
    await nth(ben, 2)
    t.same(
      [typed(ben), typed(cleo)],
      [
        [true, false],
        [true, false],
      ],
    )
    t.same([typed(ann), typed(twin)], [[], []], 'never the one who types, on any page')
    t.equal((await site.row(ANN)).typing_in_room, null)
  })

  await t.test('a message ends it', async (t) => {
    await type(cleo)
    await nth(ben, 3)
    await overSocket(cleo, 'f_chat.send_message', { room_id: room, message_content: 'done' })
    await nth(ben, 4)
    t.same(typed(ben).slice(2), [true, false])
  })

  await t.test('it ends by itself', async (t) => {
    await type(ben)
    await nth(ann, 3)
    await site.drop(ben, BEN)
    await site.later(7.9)
    await arrived(ann)
    t.equal(typed(ann).length, 3)
    await site.later(0.1)
    t.match((await nth(ann, 4)).message, { user: BEN, is_typing: false })
  })

  await t.test('who may not write does not type; nobody does where it is switched off', async (t) => {
    const count = typed(ann).length
    const change = (table: string, where: object, values: object): Promise<unknown> =>
      site.site.asAdministrator(async ({ db }) => await db(table).where(where).update(values))
    await change('tabChat Room Member', { parent: room, user: CLEO }, { is_muted: 1 })
    t.match(await type(cleo), { status: 403, message: { error: { message: /muted/ } } })
    t.equal((await type(cleo, { is_typing: false })).status, 200)
    await change('tabChat Room Member', { parent: room, user: CLEO }, { is_muted: 0 })
    await change('tabChat Room', { name: room }, { room_status: 'Archived' })
    t.match(await type(cleo), { status: 417, message: { error: { message: /archived/ } } })
    await change('tabChat Room', { name: room }, { room_status: 'Active' })
    const outsider = await site.device(OUTSIDER)
    t.equal((await type(outsider)).status, 404)
    await site.site.asAdministrator(async (ctx) => {
      const settings = await ctx.getDoc('Chat Settings', 'Chat Settings')
      settings.set('enable_typing_indicators', 0)
      await settings.save()
    })
    t.same((await type(cleo)).message, { success: true, is_typing: true })
    await arrived(ann)
    t.equal(typed(ann).length, count)
    t.equal((await roads.query(await site.browser(ANN), 'f_chat.user_typing', { room_id: room })).status, 403)
  })
})

await eachDatabase(t, 'rooms that are looked at', async (t, db) => {
  const site = await lively(t, db)
  const room = await site.room(ANN, [BEN])
  const other = await site.room(ANN, [BEN])
  const page = await site.device(BEN)
  const call = (method: string, room_id: string): Promise<Outcome> =>
    overSocket(page, `f_chat.${method}`, { room_id })
  t.same((await call('join_room', room)).message, { success: true, message: 'Room joined', room_id: room })
  t.equal((await site.row(BEN)).active_room, room)
  await call('leave_room', other)
  await call('join_chat_room', other)
  t.same((await call('leave_chat_room', other)).message, { success: true, message: 'Left the chat room' })
  await overSocket(page, 'f_chat.heartbeat', {})
  t.equal((await site.row(BEN)).active_room, room)
  t.same((await call('leave_room', room)).message, { success: true, message: 'Room left', room_id: room })
  t.equal((await site.row(BEN)).active_room, null)
  await call('join_room', room)
  t.equal((await site.row(BEN)).active_room, room)
  await site.site.asAdministrator(async (ctx) => {
    await ctx.db('tabChat Room Member').where({ parent: room, user: BEN }).delete()
    ctx.leaveRoom([BEN], `chat_room_${room}`)
  })
  t.equal((await site.row(BEN)).active_room, null)
  for (const method of ['join_room', 'leave_room', 'join_chat_room', 'leave_chat_room'])
    t.equal((await call(method, room)).status, 404, method)
  const joined = (await call('join_chat_room', other)).message
  t.match(joined, {
    success: true,
    data: { room_channel: `chat_room_${other}`, user_permissions: { role: 'Member' } },
  })
  const checked = await overSocket(page, 'f_chat.check_room_permissions', { room_id: other })
  t.same(joined.data.user_permissions, checked.message.permissions ?? checked.message.data?.permissions)
})

await eachDatabase(t, 'what is written, and how often', async (t, db) => {
  const site = await wireSite(t, db)
  let now = Date.now()
  const presence = new Presence(site.site, { now: () => now })
  const users = await Promise.all(
    Array.from({ length: 40 }, (_, i) => site.person(`p${String(i)}@x.example`)),
  )
  const rows = (): Promise<Body[]> => site.site.database.reader('tabChat User Activity').orderBy('name')

  for (const user of [...users, 'nobody@x.example']) await presence.beat({ user })
  const sent = await site.statements(() => presence.flush())
  t.equal(sent.length, 1, 'one statement, for however many')
  t.match(sent[0], /^insert/i)
  t.equal((await rows()).length, users.length, 'and rows for users who exist')
  t.same(await site.statements(() => presence.flush()), [], 'nothing has changed')
  now += 60_000
  await presence.beat({ user: users[0] ?? '' })
  await presence.flush()
  const times = (await rows()).map(({ last_activity }) => last_activity)
  t.equal(new Set(times).size, 2, 'others keep theirs')

  await presence.beat({ user: users[1] ?? '' })
  const broken = new Error('the database is away')
  const { transaction } = site.site.database
  Object.assign(site.site.database, { transaction: () => Promise.reject(broken) })
  await t.rejects(presence.flush(), broken)
  await presence.beat({ user: users[2] ?? '' })
  Object.assign(site.site.database, { transaction })
  await presence.flush()
  t.equal(
    (await rows()).filter(({ last_activity }) => last_activity === site.site.clock.at(now)).length,
    3,
    'what failed is kept',
  )

  await t.test('told to whoever is concerned by one statement', async (t) => {
    const room = await site.room(ANN, users.slice(0, 30))
    for (let i = 0; i < 5; i++) await site.room(ANN, users.slice(0, 30))
    site.published()
    now += 3_600_000
    for (const user of users) await presence.opened({ user, connection: {} })
    const asked = await site.statements(() => presence.tick())
    t.equal(asked.length, 1)
    const events = site.published().filter((message) => message.type === 'event')
    t.equal(events.length, 40, 'one event for each')
    t.match(events[0], { event: 'user_status_changed', room: `chat_room_${room}` })
    t.same(await site.statements(() => presence.tick()), [])
  })

  await t.test('each method costs the same, however many there are', async (t) => {
    const cost = async (method: string, args: Record<string, unknown> = {}): Promise<number> =>
      (await site.statements(() => site.site.call(method, args, { user: ANN }))).length
    const room = await site.room(ANN, users)
    t.same(
      {
        status: await cost('f_chat.get_user_status', { user: users[0] }),
        around: await cost('f_chat.get_online_users'),
        room: await cost('f_chat.get_online_users', { room_id: room }),
        watch: await cost('f_chat.watch_users', { users }),
        beat: await cost('f_chat.heartbeat'),
        join: await cost('f_chat.join_room', { room_id: room }),
        typing: await cost('f_chat.user_typing', { room_id: room, is_typing: false }),
        chosen: await cost('f_chat.update_user_status', { status: 'away' }),
      },
      { status: 1, around: 1, room: 2, watch: 1, beat: 1, join: 1, typing: 1, chosen: 2 },
      'setting a status: the row, and who is to hear of it',
    )
  })
})

await eachDatabase(t, 'restarts, and what was never ended', async (t, db) => {
  const site = await wireSite(t, db)
  const { site: desk } = site
  const room = await site.room(ANN, [BEN, CLEO])
  let now = Date.now()
  const next = (): Presence => new Presence(desk, { now: () => now })
  const statusIn = async (presence: Presence, user: string): Promise<string | undefined> =>
    (await presence.shown([user])).get(user)?.status
  const told = (): unknown[] =>
    site
      .published()
      .flatMap((message) =>
        message.type === 'event' && message.event === 'user_status_changed' ? [message.message] : [],
      )

  const first = next()
  await first.opened({ user: ANN, connection: {} })
  await first.opened({ user: BEN, connection: {} })
  await first.choose({ user: BEN }, 'busy')
  await first.entered({ user: ANN }, room)
  await first.tick()
  await first.stop()

  await t.test('those who come back in time were never gone', async (t) => {
    told()
    const second = next()
    second.start()
    await second.stop()
    t.same([await statusIn(second, ANN), await statusIn(second, BEN)], ['online', 'busy'])
    now += 5000
    await second.opened({ user: ANN, connection: {} })
    now += 14_999
    await second.tick()
    t.same(told(), [])
    now += 1
    await second.tick()
    t.match(told(), [{ user: BEN, status: 'offline' }])
    await second.opened({ user: BEN, connection: {} })
    t.equal(await statusIn(second, BEN), 'busy', 'what was chosen is chosen still')
  })

  await t.test('cleanup_stale_users', async (t) => {
    const at = (minutes: number): string => desk.clock.at(Date.now() - minutes * 60_000)
    const set = (user: string, values: object): Promise<unknown> =>
      desk.asAdministrator(async ({ db }) => {
        await db('tabChat User Activity').insert({ name: user, user }).onConflict('name').ignore()
        await db('tabChat User Activity').where({ user }).update(values)
      })
    const here = { chat_status: 'online', is_online: 1, active_room: room, typing_in_room: room }
    const stale = { ...here, last_activity: at(11), last_seen: at(12) }
    await set(ANN, stale)
    await set(BEN, { ...stale, chat_status: 'busy', chosen_status: 'busy' })
    await set(CLEO, { ...here, last_activity: at(9), last_seen: at(12) })
    await set(OUTSIDER, { ...here, chat_status: 'away', last_activity: null, last_seen: null })
    const crowd = await Promise.all(
      Array.from({ length: 20 }, (_, i) => site.person(`c${String(i)}@x.example`)),
    )
    for (const user of crowd) await set(user, stale)
    await presenceOf(desk).opened({ user: ANN, connection: {} })
    told()

    t.ok(
      desk.registry
        .hooks((app) => app.scheduler_events)
        .some(({ cron }) => cron?.['*/5 * * * *'] === cleanupStaleUsers),
    )
    const run = { site: desk, attempt: 1, signal: new AbortController().signal }
    const as = { user: 'Administrator' }
    const sent = await site.statements(() =>
      cleanupStaleUsers.run(
        {},
        { ...run, read: (work) => desk.read(as, work), write: (work) => desk.write(as, work) },
      ),
    )
    t.equal(sent.length, 3, 'two statements, and one for who is to be told')
    const kept: Body[] = await desk.database.reader('tabChat User Activity').orderBy('name')
    const row = (user: string): Body => kept.find(({ name }) => name === user)
    const over = { chat_status: 'offline', is_online: 0, active_room: null, typing_in_room: null }
    t.match(row(ANN), here, 'who is connected is there')
    t.match(row(CLEO), here)
    t.match(row(BEN), {
      ...over,
      chosen_status: 'busy',
      last_activity: stale.last_activity,
      last_seen: stale.last_seen,
    })
    t.match(row(OUTSIDER), over)
    t.match(row(crowd[7] ?? ''), over)
    t.same(told().length, 22)
    const again = await site.statements(() =>
      cleanupStaleUsers.run(
        {},
        { ...run, read: (work) => desk.read(as, work), write: (work) => desk.write(as, work) },
      ),
    )
    t.equal(again.length, 1)
  })
})

await eachDatabase(t, 'by itself, while the site serves', async (t, db) => {
  const presence = { idle_seconds: 0.2, tick_seconds: 0.02, flush_seconds: 0.05 }
  const wire = await wireSite(t, db, { config: { device_grace_seconds: 0.1, presence } })
  const running = presenceOf(wire.site)
  running.start()
  t.teardown(() => running.stop())
  const room = await wire.room(ANN, [BEN])
  const row = async (fits: (row: Body) => boolean): Promise<void> => {
    for (;;) {
      const found: Body = await wire.site.database
        .reader('tabChat User Activity')
        .where({ user: ANN })
        .first()
      if (found && fits(found)) return
      await new Promise(setImmediate)
    }
  }
  const page = await wire.page(ANN)
  await overSocket(page, 'f_chat.join_room', { room_id: room })
  await row(({ chat_status, active_room }) => chat_status === 'away' && active_room === room)
  page.ws.terminate()
  await row(({ chat_status, active_room }) => chat_status === 'offline' && active_room === null)
})
