import t from 'tap'
import { MemoryPresence, type PresenceStore } from '../../../realtime/presence/store.ts'
import { ABSENT } from '../../../realtime/presence/user-presence.ts'

/** Every store of presence passes these. */
const stores: Record<string, () => PresenceStore> = { memory: () => new MemoryPresence() }

for (const [name, make] of Object.entries(stores)) {
  await t.test(name, async (t) => {
    await t.test('what is unknown is absent; what is dropped is unknown', async (t) => {
      const store = make()
      t.equal((await store.get(['ann'])).size, 0)
      const { before, after } = await store.update('ann', (state) => ({ ...state, inCall: true }))
      t.equal(before, ABSENT)
      t.equal(after.inCall, true)
      t.same([...(await store.get(['ben', 'ann']))], [['ann', after]])
      t.same(await store.update('ann', () => null), { before: after, after: ABSENT })
      t.equal((await store.get(['ann'])).size, 0)
    })

    await t.test('updates of one user do not run into each other', async (t) => {
      const store = make()
      const add = (): Promise<unknown> =>
        store.update('ann', (state) => ({ ...state, toldAt: state.toldAt + 1 }))
      await Promise.all(Array.from({ length: 200 }, add))
      t.equal((await store.get(['ann'])).get('ann')?.toldAt, 200)
    })

    await t.test('who is due is asked for by time', async (t) => {
      const store = make()
      for (const [user, dueAt] of [
        ['a', 10],
        ['b', 20],
        ['c', Infinity],
      ] as const) {
        await store.update(user, (state) => ({ ...state, dueAt }))
      }
      t.same(await store.due(9), [])
      t.same(await store.due(10), ['a'])
      t.same([...(await store.due(1e15))].sort(), ['a', 'b'])
      await store.update('a', (state) => ({ ...state, dueAt: 30 }))
      t.same(await store.due(29), ['b'])
      await store.update('b', () => null)
      t.same(await store.due(29), [])
    })
  })
}
