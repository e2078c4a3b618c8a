import t from 'tap'
import { applyEvent, decodeEvent } from '../../../public/shared/store/events.ts'
import { messageFromRow } from '../../../public/shared/store/model.ts'
import {
  applyRead,
  applySync,
  mergeHistory,
  ownSinceRead,
  roomFromRow,
  syncPageFrom,
  unreadCount,
} from '../../../public/shared/store/room.ts'
import { ASHA, ME, reader, ServerRoom } from './server.ts'

const toMessage = (row: Parameters<typeof messageFromRow>[0]) => messageFromRow(row, reader)

function serverWith(...senders: string[]): ServerRoom {
  const server = new ServerRoom()
  for (const sender of senders) server.post(sender)
  return server
}

t.test('the next change is applied, an old one ignored, and a gap asks for a sync', async (t) => {
  const server = serverWith(ASHA)
  const room = roomFromRow(server.row(), reader)
  server.post(ASHA)
  server.post(ASHA)
  const [first, next, later] = server.events.map(({ name, message }) => decodeEvent(name, message, reader))
  if (!first || !next || !later) throw new Error('three events')
  t.same(applyEvent(room, first, ME), { room, gap: false }, 'known already')
  t.same(applyEvent(room, later, ME), { room, gap: true }, 'the one between is missing')
  const { room: moved, gap } = applyEvent(room, next, ME)
  t.notOk(gap)
  t.match(moved, { changeSeq: 2, lastSeq: 2, last: { content: 'text 2' } })
  t.equal(unreadCount(moved), 2)
})

t.test('an event without a change_seq proves nothing and asks for a sync', async (t) => {
  const room = roomFromRow(serverWith(ASHA).row(), reader)
  const event = decodeEvent('chat_new_message', { room_id: room.name, seq: 2, sender: ASHA }, reader)
  t.same(applyEvent(room, event, ME), { room, gap: true })
})

t.test('own messages never count as unread, told once or twice', async (t) => {
  const server = serverWith(ASHA)
  const room = roomFromRow(server.row(), reader)
  server.post(ME)
  const events = server.events.slice(1).map(({ name, message }) => decodeEvent(name, message, reader))
  const told = events.reduce((state, event) => applyEvent(state, event, ME).room, room)
  const twice = applySync(told, syncPageFrom(server.sync(1), toMessage), ME)
  for (const state of [told, twice]) {
    t.equal(ownSinceRead(state), 1)
    t.equal(unreadCount(state), 1)
  }
})

t.test('the read mark never moves backwards', async (t) => {
  const server = serverWith(ASHA, ME, ASHA)
  const room = applyRead(roomFromRow(server.row(), reader), ME, 3, ME)
  t.equal(unreadCount(room), 0)
  t.equal(applyRead(room, ME, 1, ME), room)
  const theirs = applyRead(room, ASHA, 2, ME)
  t.same(theirs.read, { [ASHA]: 2 })
  t.equal(applyRead(theirs, ASHA, 1, ME), theirs)
})

t.test('a mark set elsewhere, amid own messages that are not held, needs a new row', async (t) => {
  const server = serverWith(ASHA, ME, ME, ASHA)
  const row = roomFromRow(server.row(), reader)
  t.ok(applyRead(row, ME, 2, ME).stale)
  const held = mergeHistory(row, server.history().map(toMessage), true, ME)
  const moved = applyRead(held, ME, 2, ME)
  t.notOk(moved.stale)
  t.equal(unreadCount(moved), 1)
})

t.test(
  'history reaches down page by page, and an older state of a message never replaces a newer one',
  async (t) => {
    const server = serverWith(ASHA, ME, ASHA, ASHA)
    const page = server.history().map(toMessage)
    server.edit(1, 'edited')
    const row = roomFromRow(server.row(), reader)
    const newest = mergeHistory(row, server.history().slice(0, 2).map(toMessage), false, ME)
    t.same([newest.from, newest.messages.map((m) => m.seq)], [3, [3, 4]])
    const all = mergeHistory(newest, server.history().slice(2).map(toMessage), true, ME)
    t.same([all.from, all.messages.map((m) => m.seq)], [1, [1, 2, 3, 4]])
    t.equal(mergeHistory(all, page, true, ME).messages[1]?.content, 'edited at 5')
    t.equal(mergeHistory(row, [], true, ME).from, 1, 'an empty room is held as a whole')
  },
)

t.test('a new row never undoes what the page knows already', async (t) => {
  const server = serverWith(ASHA)
  const old = server.row()
  const held = roomFromRow(old, reader)
  server.post(ASHA)
  server.post(ASHA)
  const moved = server.events
    .slice(1)
    .reduce((state, e) => applyEvent(state, decodeEvent(e.name, e.message, reader), ME).room, held)
  t.equal(roomFromRow(old, reader, moved).lastSeq, 3)
  const read = applyRead(moved, ME, 3, ME)
  t.equal(unreadCount(roomFromRow(server.row(), reader, read)), 0, 'the mark is still on its way')
})

t.test('too far behind: what is held is dropped', async (t) => {
  const server = serverWith(ASHA, ASHA)
  const held = mergeHistory(roomFromRow(server.row(), reader), server.history().map(toMessage), true, ME)
  const page = syncPageFrom({ change_seq: 5000, messages: [], read: {}, reset: true }, toMessage)
  t.match(applySync(held, page, ME), { from: null, messages: [], stale: true, changeSeq: 5000 })
})

t.test('a membership change about oneself changes what one may do', async (t) => {
  const room = roomFromRow(serverWith(ASHA).row(), reader)
  const change = (action: string, role: string, from = room) => {
    const payload = { room_id: room.name, user: ME, action, role, change_seq: from.changeSeq + 1 }
    return applyEvent(from, decodeEvent('chat_member_changed', payload, reader), ME).room
  }
  const muted = change('muted', 'Member')
  t.ok(muted.muted)
  t.ok(change('role_changed', 'Moderator', muted).muted)
  t.equal(change('role_changed', 'Moderator', muted).role, 'Moderator')
  t.notOk(change('unmuted', 'Member', muted).muted)
})

t.test('an older row never replaces what newer changes made of the room', async (t) => {
  const server = serverWith(ASHA)
  const old = server.row()
  const held = mergeHistory(roomFromRow(old, reader), server.history().map(toMessage), true, ME)
  server.rename()
  const renamed = server.events
    .slice(1)
    .reduce((state, e) => applyEvent(state, decodeEvent(e.name, e.message, reader), ME).room, held)
  t.match(roomFromRow(old, reader, renamed), { title: renamed.title, changeSeq: renamed.changeSeq })
})

t.test('a room that was restored from a backup starts anew from where it stands', async (t) => {
  const server = serverWith(ASHA, ASHA, ASHA)
  const held = mergeHistory(roomFromRow(server.row(), reader), server.history().map(toMessage), true, ME)
  const restored = serverWith(ASHA)
  const page = syncPageFrom({ change_seq: 1, messages: [], read: {}, reset: true }, toMessage)
  const dropped = applySync(held, page, ME)
  t.match(dropped, { from: null, messages: [], stale: true, changeSeq: 1 })
  const room = roomFromRow(restored.row(), reader, dropped)
  t.match(room, { lastSeq: 1, changeSeq: 1 })
  t.equal(unreadCount(room), 1)
})
