import fc from 'fast-check'
import t from 'tap'
import { applyEvent, decodeEvent } from '../../../public/shared/store/events.ts'
import { messageFromRow } from '../../../public/shared/store/model.ts'
import {
  applySync,
  mergeHistory,
  type Room,
  roomFromRow,
  syncPageFrom,
  unreadCount,
} from '../../../public/shared/store/room.ts'
import { ASHA, type Event, ME, reader, ServerRoom } from './server.ts'

/** What the server can be made to do; numbers choose a message. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'post', sender: ASHA } as const) },
  { weight: 2, arbitrary: fc.constant({ do: 'post', sender: ME } as const) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('edit', 'delete', 'read'), which: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('add member', 'rename') }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

function run(server: ServerRoom, action: Step): void {
  if ('sender' in action) server.post(action.sender)
  else if (action.do === 'rename') server.rename()
  else if (!('which' in action)) server.addMember()
  else if (action.do === 'read') server.read(action.which)
  else server.edit(action.which, action.do === 'delete' ? 'deleted' : 'edited')
}

const toMessage = (row: Parameters<typeof messageFromRow>[0]) => messageFromRow(row, reader)

const join = (server: ServerRoom): Room =>
  mergeHistory(roomFromRow(server.row(), reader), server.history().map(toMessage), true, ME)

const receive = (room: Room, { name, message }: Event): Room =>
  applyEvent(room, decodeEvent(name, message, reader), ME).room

function catchUp(room: Room, server: ServerRoom, limit: number): Room {
  let state = room
  for (;;) {
    const page = syncPageFrom(server.sync(state.changeSeq, limit), toMessage)
    state = applySync(state, page, ME)
    if (!page.more) return state
  }
}

/** What a person sees of a room. */
const visible = (room: Room) => ({
  title: room.title,
  members: room.memberCount,
  changeSeq: room.changeSeq,
  lastReadSeq: room.lastReadSeq,
  unread: unreadCount(room),
  last: room.last && { seq: room.last.seq, content: room.last.content },
  messages: room.messages.map(({ seq, content, deleted, edited, sender }) => ({
    seq,
    content,
    deleted,
    edited,
    sender,
  })),
})

t.test(
  'events in any order, with losses and repeats, and a sync end where one that missed nothing is',
  async (t) => {
    const story = fc.record({
      before: fc.array(step, { maxLength: 15 }),
      after: fc.array(step, { maxLength: 25 }),
      delivered: fc.array(fc.nat(60), { maxLength: 60 }),
      syncAt: fc.nat(60),
      limit: fc.integer({ min: 1, max: 10 }),
    })
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(story, ({ before, after, delivered, syncAt, limit }) => {
          const server = new ServerRoom()
          for (const action of before) run(server, action)
          const first = join(server)
          const past = server.events.length
          for (const action of after) run(server, action)
          const events = server.events.slice(past)

          const complete = events.reduce(receive, first)
          let lossy = first
          delivered.forEach((which, index) => {
            const event = server.events[which % Math.max(1, server.events.length)]
            if (event) lossy = receive(lossy, event)
            if (index === syncAt) lossy = catchUp(lossy, server, limit)
          })
          lossy = catchUp(lossy, server, limit)

          t.strictSame(visible(lossy), visible(complete))
          t.equal(unreadCount(lossy), server.unread)
          t.equal(lossy.lastSeq, server.rows.length)
          return true
        }),
        { numRuns: 150 },
      ),
    )
  },
)

t.test('a room whose history is not held keeps its row true, too', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat(30), (actions, at) => {
        const server = new ServerRoom()
        actions.slice(0, at).forEach((action) => run(server, action))
        const row = roomFromRow(server.row(), reader)
        const past = server.events.length
        actions.slice(at).forEach((action) => run(server, action))
        const room = catchUp(server.events.slice(past).reduce(receive, row), server, 5)
        return room.stale || (unreadCount(room) === server.unread && room.messages.length === 0)
      }),
    ),
  )
})
