import t, { type Test } from 'tap'
import { deskClient } from '../../../desk/client/index.ts'
import { createSession, endSessionsOf } from '../../../desk/site/sessions.ts'
import { ChatStore } from '../../../public/shared/store/chat-store.ts'
import { unreadCount } from '../../../public/shared/store/room.ts'
import { markRoomAsRead } from '../../../api/unread.ts'
import { createChatRoom } from '../../../api/rooms.ts'
import { eachDatabase, type TestDatabase } from '../../support/databases.ts'
import { fakePage, until } from '../../support/page.ts'
import { Client, serve } from '../../support/server.ts'
import { ANN, BEN, chatSite, CLEO } from '../../support/site.ts'

/** A served site, and the store of a page on which BEN is logged in. */
async function setUp(t: Test, db: TestDatabase) {
  const chat = await chatSite(t, db)
  const served = await serve(t, chat.site)
  const sid = await chat.site.asAdministrator((ctx) => createSession(ctx, BEN))
  const client = new Client(served.url)
  client.jar.set('sid', sid)
  const html = (await client.get('/desk')).text
  const csrf = /"csrf_token":"([^"]+)"/.exec(html)?.[1] ?? ''
  const page = fakePage(t, { url: served.url, cookie: client.cookie, csrf })
  const open = (): ChatStore => {
    const boot = { user: { name: BEN }, time_zone: { system: 'UTC' }, csrf_token: csrf }
    Object.assign(globalThis, { frappe: { boot } })
    Reflect.deleteProperty(globalThis, Symbol.for('f-chat.desk'))
    return new ChatStore(deskClient())
  }
  t.teardown(() => {
    Reflect.deleteProperty(globalThis, 'frappe')
    Reflect.deleteProperty(globalThis, Symbol.for('f-chat.desk'))
  })
  const online = () => until(() => deskClient().realtime.state === 'open')
  return { ...chat, served, page, open, online }
}

const texts = (store: ChatStore, room: string): string[] =>
  (store.room(room)?.messages ?? []).filter(({ type }) => type === 'Text').map(({ content }) => content)

await eachDatabase(t, 'the store of a page', async (t, db) => {
  const { site, call, room: makeRoom, send, page, open, online } = await setUp(t, db)
  const room = await makeRoom(ANN, [BEN, CLEO])
  await send(ANN, room, 'before')

  let store = open()
  await t.test('the badge counts before any room is loaded, and what comes then', async (t) => {
    store.start()
    await until(() => store.totalUnread === 1)
    await online()
    await send(ANN, room, 'while nothing is loaded')
    await until(() => store.totalUnread === 2)
    t.equal(store.unreadRooms, 1)
    t.same(store.rooms, [])
  })

  await t.test('rooms and messages are loaded, and events keep them true', async (t) => {
    await store.loadRooms()
    t.match(store.room(room), { title: 'Room', last: { content: 'while nothing is loaded' } })
    t.equal(store.totalUnread, 2, 'counted once')
    await store.openRoom(room)
    t.same(texts(store, room), ['before', 'while nothing is loaded'])
    await send(ANN, room, 'live')
    await until(() => texts(store, room).includes('live'))
    t.equal(store.totalUnread, 3)
  })

  await t.test('reading here is told to the server, and reading elsewhere is heard of', async (t) => {
    store.markRead(room, store.room(room)?.lastSeq ?? 0)
    t.equal(store.totalUnread, 0, 'at once')
    const stored = () =>
      site.database
        .reader('tabChat Room Member')
        .where({ parent: room, user: BEN })
        .first<{ last_read_seq: number }>('last_read_seq')
    await until(async () => (await stored()).last_read_seq === store.room(room)?.lastSeq)
    await send(ANN, room, 'read on the phone')
    await until(() => store.totalUnread === 1)
    await call(BEN, markRoomAsRead, { room_id: room })
    await until(() => store.totalUnread === 0)
    t.equal(store.unreadRooms, 0)
  })

  await t.test('what is sent is stored once and its stand-in goes', async (t) => {
    store.send(room, 'mine')
    t.match(store.outbox.ofRoom(room), [{ content: 'mine', state: 'sending' }])
    await until(() => texts(store, room).includes('mine') && store.outbox.ofRoom(room).length === 0)
    t.equal(store.totalUnread, 0, 'one’s own is not unread')
  })

  await t.test('after an outage all is caught up, and what waited is sent', async (t) => {
    page.window.dispatchEvent(new Event('offline'))
    t.equal(store.connection.state, 'away')
    const there = page.server
    page.server = { ...there, url: 'http://127.0.0.1:1' }
    store.send(room, 'written offline')
    await until(() => store.outbox.ofRoom(room)[0]?.state === 'waiting')
    await send(ANN, room, 'missed')
    const other = await makeRoom(CLEO, [BEN])
    page.server = there
    page.window.dispatchEvent(new Event('online'))
    await until(() => store.connection.state === 'online')
    t.ok(store.connection.caughtUpAt > 0)
    t.ok(store.room(other), 'a new room')
    await until(() => store.outbox.ofRoom(room).length === 0)
    t.same(texts(store, room).slice(-2), ['missed', 'written offline'])
  })

  await t.test('a reload in between keeps what was not sent, and it is stored once', async (t) => {
    page.window.dispatchEvent(new Event('offline'))
    const there = page.server
    page.server = { ...there, url: 'http://127.0.0.1:1' }
    store.send(room, 'before the reload')
    await until(() => store.outbox.ofRoom(room)[0]?.state === 'waiting')
    page.server = there
    store = open()
    t.match(store.outbox.ofRoom(room), [{ content: 'before the reload', state: 'waiting' }])
    store.start()
    await store.loadRooms()
    await store.openRoom(room)
    await until(() => store.outbox.ofRoom(room).length === 0)
    t.equal(texts(store, room).filter((text) => text === 'before the reload').length, 1)
    t.equal(page.storage.has(`f-chat.unsent.${BEN}`), false)
  })

  await t.test('a row that was asked for before a message and came after it is caught up', async (t) => {
    store = open()
    const loading = store.loadRooms()
    store.start()
    await online()
    await send(ANN, room, 'in between')
    await loading
    await until(() => store.room(room)?.last?.content === 'in between')
    t.equal(
      store.totalUnread,
      store.rooms.reduce((sum, held) => sum + unreadCount(held), 0),
    )
  })

  await t.test('a room far down the list is found', async (t) => {
    const { room_id: old } = await call(BEN, createChatRoom, {
      room_name: 'x',
      room_type: 'Direct Message',
      members: [CLEO],
    })
    for (let i = 0; i < 32; i += 1) await makeRoom(ANN, [BEN])
    store = open()
    await store.ensureRoom(old)
    t.ok(store.room(old))
    await t.rejects(store.ensureRoom('CR-unknown'), { message: /not in your list/ })
    t.equal(store.hasMoreRooms, false)
  })

  await t.test('a session that ends holds messages back until someone logs in', async (t) => {
    store.start()
    await online()
    await site.asAdministrator((ctx) => endSessionsOf(ctx, BEN))
    await until(() => store.connection.problem === 'login')
    store.send(room, 'too late')
    t.match(store.outbox.ofRoom(room), [{ state: 'waiting' }])
  })
})
