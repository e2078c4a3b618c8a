import t from 'tap'
import { Clock } from '../../../desk/site/clock.ts'

t.test('time as the site’s zone has it, through the change of the hour', async (t) => {
  const berlin = new Clock('Europe/Berlin')
  t.equal(berlin.at(Date.UTC(2026, 0, 15, 12, 30, 15, 123)), '2026-01-15 13:30:15.123000')
  t.equal(berlin.at(Date.UTC(2026, 6, 15, 12)), '2026-07-15 14:00:00.000000')
  t.equal(berlin.at(Date.UTC(2026, 2, 29, 0, 59, 59, 999)), '2026-03-29 01:59:59.999000')
  t.equal(berlin.at(Date.UTC(2026, 2, 29, 1)), '2026-03-29 03:00:00.000000')
  t.equal(berlin.at(Date.UTC(2026, 11, 31, 23, 30)), '2027-01-01 00:30:00.000000')
  t.equal(new Clock('Asia/Kathmandu').at(Date.UTC(2026, 0, 1)), '2026-01-01 05:45:00.000000')
  t.equal(new Clock('UTC').at(Date.UTC(1969, 11, 31, 23)), '1969-12-31 23:00:00.000000')
  t.throws(() => new Clock('Mars/Phobos'))
})

t.test('no two calls answer the same, and none goes back', async (t) => {
  const clock = new Clock('UTC')
  const times = Array.from({ length: 5000 }, () => clock.now())
  t.equal(new Set(times).size, 5000)
  t.same(times.toSorted(), times)
  t.ok(times.every((time) => /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/.test(time)))
})
