import t from 'tap'
import { Refresher } from '../../../public/shared/store/refresher.ts'

t.test('work that is asked for while it runs is done once more, however often it was asked', async (t) => {
  const done: (() => void)[] = []
  const refresher = new Refresher(() => new Promise((resolve) => done.push(resolve)))
  const first = refresher.request()
  void refresher.request()
  const last = refresher.request()
  t.equal(done.length, 1, 'one at a time')
  done[0]?.()
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(done.length, 2)
  done[1]?.()
  await Promise.all([first, last])
  t.notOk(refresher.running)
})

t.test('work asked for in the moment when the last has ended is not forgotten', async (t) => {
  let runs = 0
  let late: Promise<void> | undefined
  const again = (): void => {
    late = refresher.request()
  }
  const refresher: Refresher = new Refresher(async () => {
    runs += 1
    await Promise.resolve()
    // Comes up after the loop has looked for more, before anyone hears of its end.
    if (runs === 1) queueMicrotask(() => queueMicrotask(again))
  })
  await refresher.request()
  await new Promise((resolve) => setImmediate(resolve))
  await late
  t.equal(runs, 2)
})

t.test('after a failure it can be asked again', async (t) => {
  let runs = 0
  const refresher = new Refresher(() =>
    ++runs === 1 ? Promise.reject(new Error('down')) : Promise.resolve(),
  )
  await t.rejects(refresher.request(), { message: 'down' })
  await refresher.request()
  t.equal(runs, 2)
})
