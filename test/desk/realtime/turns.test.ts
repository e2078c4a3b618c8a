import t from 'tap'
import type { BusMessage } from '../../../desk/realtime/bus.ts'
import { Outbox } from '../../../desk/realtime/outbox.ts'
import { Turns } from '../../../desk/realtime/turns.ts'

const setup = () => {
  const turns = new Turns()
  const said: string[] = []
  const outbox = (event: string, ...rooms: string[]): Outbox => {
    const made = new Outbox(turns)
    for (const room of rooms) made.add({ type: 'event', room, event, message: null })
    return made
  }
  const flush = (one: Outbox): Promise<void> =>
    one.flush(
      (messages: readonly BusMessage[]) =>
        said.push(...messages.map((message) => ('event' in message ? message.event : ''))),
      (error) => {
        throw error
      },
    )
  return { said, outbox, flush }
}

t.test('who committed later waits for who noted first in the same room, and for nobody else', async (t) => {
  const { said, outbox, flush } = setup()
  const [first, second, other] = [outbox('first', 'r'), outbox('second', 'r', 's'), outbox('other', 'q')]
  const later = flush(second)
  await flush(other)
  t.same(said, ['other'])
  await flush(first)
  await later
  t.same(said, ['other', 'first', 'second', 'second'])
})

t.test('one that failed is waited for no longer', async (t) => {
  const { said, outbox, flush } = setup()
  const [failed, second] = [outbox('failed', 'r'), outbox('second', 'r')]
  const later = flush(second)
  failed.close()
  await later
  t.same(said, ['second'])
})

t.test('two that speak in each other’s rooms do not wait in a circle', async (t) => {
  const { said, outbox, flush } = setup()
  const [first, second] = [outbox('first', 'r'), outbox('second', 's')]
  first.add({ type: 'event', room: 's', event: 'first', message: null })
  second.add({ type: 'leave', room: 'r', users: ['a'] })
  await Promise.all([flush(second), flush(first)])
  t.same(said, ['first', 'first', 'second', ''])
})

t.test('an action after commit may speak in the same room', async (t) => {
  const { said, outbox, flush } = setup()
  const outer = outbox('outer', 'r')
  outer.afterCommit(() => flush(outbox('inner', 'r')))
  await flush(outer)
  t.same(said, ['outer', 'inner'])
})
