import t from 'tap'
import { DeskError } from '../../../desk/client/error.ts'
import { Outbox, type OutboxStorage, type PendingSend } from '../../../public/shared/store/outbox.ts'
import { unsentMessages } from '../../../public/shared/store/unsent.ts'
import { fakePage } from '../../support/page.ts'

const nowhere: OutboxStorage = { load: () => [], save: () => true }

/** An outbox whose sends are settled by hand. */
function setUp(storage = nowhere) {
  const sent: { pending: PendingSend; done: (seq?: number) => void; fail: (error: Error) => void }[] = []
  const link = { up: true, loggedOut: false, from: 0 }
  const outbox = new Outbox(
    {
      send: (pending) =>
        new Promise((resolve, fail) => sent.push({ pending, done: (seq = 1) => resolve(seq), fail })),
      connected: () => link.up,
      loggedOut: () => link.loggedOut,
      isBefore: (_room, seq) => seq < link.from,
      changed: () => undefined,
    },
    storage,
  )
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
  outbox.arrived('CR-1', new Set([sent[0]?.pending.clientId ?? '']))
  t.same(states(), ['sending'], 'its event came before its answer')
  sent[0]?.done()
  await settled()
  outbox.discard(sent[1]?.pending.clientId ?? '')
  t.same(states(), [])
})

t.test('a stored message that is older than what the page holds has no stand-in', async (t) => {
  const { outbox, sent, link, states, settled } = setUp()
  outbox.add('CR-1', 'one')
  outbox.add('CR-1', 'two')
  link.from = 8
  sent[0]?.done(7)
  await settled()
  t.same(states(), ['sending'])
  sent[1]?.done(9)
  await settled()
  outbox.arrived('CR-1', new Set())
  t.same(states(), ['sent'], 'its event is awaited')
  link.from = 10
  outbox.arrived('CR-1', new Set())
  t.same(states(), [])
})

t.test('a try that began on a connection since lost is made again on the next', async (t) => {
  const { outbox, sent, states, settled } = setUp()
  outbox.add('CR-1', 'one')
  outbox.resume()
  sent[0]?.fail(lost())
  await settled()
  t.same(states(), ['sending'])
  t.equal(sent[1]?.pending.clientId, sent[0]?.pending.clientId)
  sent[1]?.fail(lost())
  await settled()
  t.same(states(), ['failed'], 'this one had its chance')
})

t.test('a proxy that says the server is away is an outage, too', async (t) => {
  const { outbox, sent, link, states, settled } = setUp()
  link.up = false
  outbox.add('CR-1', 'one')
  sent[0]?.fail(new DeskError({ status: 502, message: 'Bad gateway' }))
  await settled()
  t.same(states(), ['waiting'])
})

t.test('when nobody is logged in, messages wait and are not tried', async (t) => {
  const { outbox, sent, link, states, settled } = setUp()
  outbox.add('CR-1', 'one')
  link.loggedOut = true
  sent[0]?.fail(new DeskError({ status: 401, message: 'Log in.' }))
  outbox.add('CR-1', 'two')
  await settled()
  t.same(states(), ['waiting', 'sending'])
  outbox.add('CR-2', 'three')
  t.same(
    outbox.ofRoom('CR-2').map(({ state }) => state),
    ['waiting'],
  )
  t.equal(sent.length, 1)
})

t.test('what is not sent survives a reload, once, and each user’s for itself', async (t) => {
  const page = fakePage(t)
  const before = setUp(unsentMessages('asha@example.com'))
  for (const text of ['stored', 'refused', 'in flight', 'behind it']) before.outbox.add('CR-1', text)
  before.sent[0]?.done()
  await before.settled()
  before.sent[1]?.fail(new DeskError({ status: 403, message: 'You are muted.' }))
  await before.settled()

  t.same(setUp(unsentMessages('mikael@example.com')).states(), [])
  const { outbox, sent, states, settled } = setUp(unsentMessages('asha@example.com'))
  t.same(states(), ['failed', 'waiting', 'waiting'])
  t.equal(outbox.ofRoom('CR-1')[0]?.error, 'You are muted.')
  t.equal(sent.length, 0, 'not before there is a connection')
  outbox.resume()
  t.equal(sent[0]?.pending.clientId, before.sent[2]?.pending.clientId, 'the same message')
  sent[0]?.done()
  await settled()
  sent[1]?.done()
  await settled()
  outbox.discard(outbox.ofRoom('CR-1')[0]?.clientId ?? '')
  t.equal(page.storage.size, 0, 'nothing is left behind')
})

t.test('what storage holds is not trusted', async (t) => {
  const page = fakePage(t)
  for (const text of ['no json', '{}', '[1, null, {"clientId": "c"}, {"room": "CR-1", "content": "x"}]']) {
    page.storage.set('f-chat.unsent.me', text)
    t.same(unsentMessages('me').load(), [])
  }
})

t.test('where nothing can be kept, the outbox says that a reload would lose messages', async (t) => {
  const { outbox, sent, settled } = setUp({ load: () => [], save: (unsent) => unsent.length === 0 })
  t.notOk(outbox.atRisk)
  outbox.add('CR-1', 'one')
  t.ok(outbox.atRisk)
  sent[0]?.done()
  await settled()
  t.notOk(outbox.atRisk)
})
