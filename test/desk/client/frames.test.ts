import t from 'tap'
import { encodeRequest, parseFrame } from '../../../desk/client/frames.ts'

t.test('events, answers and failed answers are told apart', async (t) => {
  t.same(parseFrame('{"event":"ready","message":{"protocol":1}}'), {
    event: 'ready',
    message: { protocol: 1 },
  })
  t.same(parseFrame('{"event":"e","room":"chat_room_CR-1","message":null}'), {
    event: 'e',
    room: 'chat_room_CR-1',
    message: null,
  })
  t.same(parseFrame('{"id":7,"message":[]}'), { id: 7, body: { id: 7, message: [] } })
  t.match(parseFrame('{"id":7,"status":403,"exc_type":"PermissionError"}'), {
    id: 7,
    status: 403,
    body: { exc_type: 'PermissionError' },
  })
})

t.test('anything else is nothing', async (t) => {
  for (const text of ['', '{', 'null', '[]', '7', '{"id":"7"}', '{"event":7}', '{}'])
    t.equal(parseFrame(text), null, text)
})

t.test('a request leaves undefined arguments out', async (t) => {
  t.same(JSON.parse(encodeRequest(3, 'f_chat.sync', { a: 1, b: undefined })), {
    id: 3,
    method: 'f_chat.sync',
    args: { a: 1 },
  })
})
