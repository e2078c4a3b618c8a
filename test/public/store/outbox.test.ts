import t from 'tap'
import { DeskError } from '../../../desk/client/error.ts'
import { Outbox, type PendingSend } from '../../../public/shared/store/outbox.ts'

/** An outbox whose sends are settled by hand. */
function setUp() {
  const sent: { pending: PendingSend; done: () => void; fail: (error: Error) => void }[] = []
  const link = { up: true }
  const outbox = new Outbox({
    send: (pending) => new Promise((done, fail) => sent.push({ pending, done, fail })),
    connected: () => link.up,
    changed: () => undefined,
  })
  const states = () => outbox.ofRoom('CR-1').map((pending) => pending.state)
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return { outbox, sent, link, states, settled }
}

const lost = () => new DeskError({ status: 0, message: 'lost' })

t.test('messages of a room leave one after the other, those of another do not wait', async (t) => {
  const { outbox, sent, states, settled } = setUp()
  outbox.add('CR-1', 'one')
  outbox.add('CR-1', 'two')
  outbox.add('CR-2', 'three')
  t.same(
    sent.map(({ pending }) => pending.content),
    ['one', 'three'],
  )
  sent[0]?.done()
  await settled()
  t.same(
    sent.map(({ pending }) => pending.content),
    ['one', 'three', 'two'],
  )
  t.same(states(), ['sent', 'sending'])
})

t.test('what the server refuses fails, with its words, and does not hold up the next', async (t) => {
  const { outbox, sent, states, settled } = setUp()
  outbox.add('CR-1', 'one')
  outbox.add('CR-1', 'two')
  sent[0]?.fail(new DeskError({ status: 403, message: 'You are muted.' }))
  await settled()
  t.same(states(), ['failed', 'sending'])
  const [failed] = outbox.ofRoom('CR-1')
  t.equal(failed?.error, 'You are muted.')
  sent[1]?.done()
  await settled()
  outbox.retry(failed?.clientId ?? '')
  t.equal(sent[2]?.pending.clientId, failed?.clientId, 'a retry is the same message')
})

t.test('without a connection messages wait, and go out in order when it is back', async (t) => {
  const { outbox, sent, link, states, settled } = setUp()
  link.up = false
  outbox.add('CR-1', 'one')
  outbox.add('CR-1', 'two')
  sent[0]?.fail(lost())
  await settled()
  t.same(states(), ['waiting', 'sending'])
  t.equal(sent.length, 1, 'the second stays behind the first')
  link.up = true
  outbox.resume()
  t.equal(sent[1]?.pending.clientId, sent[0]?.pending.clientId)
  sent[1]?.done()
  await settled()
  t.equal(sent[2]?.pending.content, 'two')
})

t.test('a failure to reach the server while connected is a failure', async (t) => {
  const { outbox, sent, states, settled } = setUp()
  outbox.add('CR-1', 'one')
  sent[0]?.fail(lost())
  await settled()
  t.same(states(), ['failed'])
})

t.test('a message that arrived, or was discarded, has no stand-in', async (t) => {
  const { outbox, sent, states, settled } = setUp()
  outbox.add('CR-1', 'one')
  outbox.add('CR-1', 'two')
  outbox.arrived(new Set([sent[0]?.pending.clientId ?? '']))
  t.same(states(), ['sending'], 'its event came before its answer')
  sent[0]?.done()
  await settled()
  outbox.discard(sent[1]?.pending.clientId ?? '')
  t.same(states(), [])
})
