import fc from 'fast-check'
import t from 'tap'
import { backoffDelay } from '../../../desk/client/backoff.ts'

t.test('the wait doubles from half a second to thirty, and its upper half is random', async (t) => {
  const longest = (attempt: number) => backoffDelay(attempt, () => 1)
  t.same([0, 1, 2, 3, 4, 5, 6, 7].map(longest), [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  t.equal(
    backoffDelay(3, () => 0),
    2000,
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.nat(10_000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const delay = backoffDelay(attempt, () => random)
        return delay >= 250 && delay <= 30_000
      }),
    ),
  )
})
