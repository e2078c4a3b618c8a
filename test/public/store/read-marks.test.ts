import t from 'tap'
import { DeskError } from '../../../desk/client/error.ts'
import { ReadMarks } from '../../../public/shared/store/read-marks.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

t.test('marks of a room go one at a time, and only the highest of those that waited', async (t) => {
  const sent: number[] = []
  const done: (() => void)[] = []
  const marks = new ReadMarks((_room, seq) => {
    sent.push(seq)
    return new Promise<void>((resolve) => done.push(resolve))
  })
  for (const seq of [1, 2, 5, 4]) marks.mark('CR-1', seq)
  t.same(sent, [1])
  done[0]?.()
  await settled()
  t.same(sent, [1, 5])
})

t.test('a mark that could not be delivered is kept for the next connection', async (t) => {
  const sent: number[] = []
  let down = true
  const marks = new ReadMarks(async (_room, seq) => {
    if (down) throw new Error('down')
    sent.push(seq)
  })
  marks.mark('CR-1', 3)
  await settled()
  down = false
  marks.resume()
  await settled()
  marks.resume()
  await settled()
  t.same(sent, [3], 'once')
})

t.test('a mark that the server refuses is not sent again', async (t) => {
  let tries = 0
  const marks = new ReadMarks(() => {
    tries += 1
    return Promise.reject(new DeskError({ status: 404, message: 'Room not found' }))
  })
  marks.mark('CR-1', 3)
  await settled()
  marks.resume()
  await settled()
  t.equal(tries, 1)
})
