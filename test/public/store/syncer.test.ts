import t from 'tap'
import type { Wire } from '../../../public/shared/store/model.ts'
import { Syncer } from '../../../public/shared/store/syncer.ts'

function setUp(held: Record<string, number>, answers: Record<string, number>[]) {
  const asked: Record<string, number>[] = []
  const syncer = new Syncer({
    call: async (rooms): Promise<Wire> => {
      asked.push(rooms)
      const seqs = answers[asked.length - 1] ?? {}
      const entries = Object.entries(seqs).map(([room, seq]) => [
        room,
        { change_seq: seq, more: seq % 10 !== 0 },
      ])
      return { rooms: Object.fromEntries(entries) as Wire, added: [], removed: [] }
    },
    changeSeq: (room) => held[room] ?? null,
    apply: (room, entry) => {
      const { change_seq: seq, more } = entry as { change_seq: number; more: boolean }
      held[room] = Math.max(held[room] ?? 0, seq)
      return more
    },
    added: () => undefined,
    removed: () => undefined,
  })
  return { syncer, asked }
}

t.test('rooms asked for meanwhile go together with the next call', async (t) => {
  const { syncer, asked } = setUp({ a: 1, b: 2, c: 3 }, [{ a: 10 }, { b: 10, c: 10 }])
  const first = syncer.request(['a'])
  void syncer.request(['b'])
  await Promise.all([first, syncer.request(['c', 'b', 'unknown'])])
  t.same(asked, [{ a: 1 }, { b: 2, c: 3 }])
})

t.test('a page that says more is followed by the next, from where it ended', async (t) => {
  const { syncer, asked } = setUp({ a: 1 }, [{ a: 4 }, { a: 9 }, { a: 20 }])
  await syncer.request(['a'])
  t.same(asked, [{ a: 1 }, { a: 4 }, { a: 9 }])
})

t.test('a sync may reach further back than what is held', async (t) => {
  const { syncer, asked } = setUp({ a: 8 }, [{ a: 10 }])
  await syncer.request(['a'], 5)
  t.same(asked, [{ a: 5 }])
})

t.test('a page that does not move on ends the round', async (t) => {
  const { syncer, asked } = setUp({ a: 4 }, [{ a: 4 }])
  await syncer.request(['a'])
  t.equal(asked.length, 1)
})

t.test('after a failed call the next request starts anew', async (t) => {
  let calls = 0
  const syncer = new Syncer({
    call: () => (++calls === 1 ? Promise.reject(new Error('down')) : Promise.resolve({ rooms: {} })),
    changeSeq: () => 1,
    apply: () => false,
    added: () => undefined,
    removed: () => undefined,
  })
  await t.rejects(syncer.request(['a']), { message: 'down' })
  await syncer.request(['a'])
  t.equal(calls, 2)
})
