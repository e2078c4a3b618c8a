import fc from 'fast-check'
import t from 'tap'
import { formatDay, formatShort, isSameDay, parseSiteTime } from '../../../desk/client/time.ts'

const iso = (text: string, zone: string) => parseSiteTime(text, zone).toISOString()

t.test("a time on the wire is read in the site's zone, whatever the viewer's", async (t) => {
  t.equal(iso('2026-01-15 12:00:00.123456', 'UTC'), '2026-01-15T12:00:00.123Z')
  t.equal(iso('2026-01-15 12:00:00', 'Europe/Berlin'), '2026-01-15T11:00:00.000Z')
  t.equal(iso('2026-07-15 12:00:00', 'Europe/Berlin'), '2026-07-15T10:00:00.000Z')
  t.equal(iso('2026-07-15 12:00:00', 'Asia/Kolkata'), '2026-07-15T06:30:00.000Z')
  t.equal(iso('2026-01-01', 'Pacific/Auckland'), '2025-12-31T11:00:00.000Z')
})

t.test('around a change of the clocks', async (t) => {
  const berlin = 'Europe/Berlin'
  t.equal(iso('2026-03-29 01:59:59', berlin), '2026-03-29T00:59:59.000Z')
  t.equal(iso('2026-03-29 02:30:00', berlin), '2026-03-29T01:30:00.000Z', 'skipped: as if not moved yet')
  t.equal(iso('2026-03-29 03:00:00', berlin), '2026-03-29T01:00:00.000Z')
  t.equal(iso('2026-10-25 02:30:00', berlin), '2026-10-25T00:30:00.000Z', 'shown twice: the first')
  t.equal(iso('2026-10-25 03:00:00', berlin), '2026-10-25T02:00:00.000Z')
  t.equal(iso('2026-03-08 03:30:00', 'America/New_York'), '2026-03-08T07:30:00.000Z')
})

t.test('every instant survives the way through a zone, but for the hour shown twice', async (t) => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'Asia/Kolkata',
    'America/St_Johns',
    'Pacific/Apia',
    'Australia/Lord_Howe',
  ]
  const instants = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2040, 0) })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(instants, fc.constantFrom(...zones), (instant, zone) => {
        const seconds = Math.floor(instant / 1000) * 1000
        const shown = new Date(seconds).toLocaleString('sv-SE', { timeZone: zone })
        const read = parseSiteTime(shown, zone).getTime()
        return read === seconds || new Date(read).toLocaleString('sv-SE', { timeZone: zone }) === shown
      }),
    ),
  )
})

t.test('other text is no time, and an unknown zone counts as UTC', async (t) => {
  for (const text of ['', 'soon', '2026-01', '2026-01-01T'])
    t.ok(Number.isNaN(parseSiteTime(text, 'UTC').getTime()), text)
  t.equal(iso('2026-01-15 12:00:00', 'Mars/Olympus'), '2026-01-15T12:00:00.000Z')
})

t.test('days and times as short as a list needs', async (t) => {
  const now = new Date(2026, 5, 17, 12, 0, 0)
  const short = (date: Date) => formatShort(date, now, 'en-GB')
  t.equal(short(new Date(now.getTime() - 20_000)), 'now')
  t.equal(short(new Date(2026, 5, 17, 9, 5)), '09:05')
  t.equal(short(new Date(2026, 5, 16, 23, 59)), 'Yesterday')
  t.equal(short(new Date(2026, 5, 12, 9)), 'Fri')
  t.equal(short(new Date(2026, 4, 2, 9)), '2 May')
  t.match(short(new Date(2025, 4, 2, 9)), /2 May 25/)
})

t.test('days as headings', async (t) => {
  const now = new Date(2026, 5, 17, 0, 10)
  const day = (date: Date) => formatDay(date, now, 'en-GB')
  t.equal(day(new Date(2026, 5, 17)), 'Today')
  t.equal(day(new Date(2026, 5, 16, 23, 59)), 'Yesterday')
  t.equal(day(new Date(2026, 5, 12)), 'Friday')
  t.equal(day(new Date(2026, 5, 10)), '10 June', 'the same weekday of last week')
  t.equal(day(new Date(2025, 5, 17)), '17 June 2025')
  t.equal(day(new Date(2026, 5, 18)), '18 June', 'a clock ahead of ours')
  t.notOk(isSameDay(now, new Date(2026, 5, 16, 23, 59)))
})
