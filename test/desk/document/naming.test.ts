import t from 'tap'
import {
  completeName,
  hashName,
  isoWeek,
  nameProblem,
  namingRule,
  planFormat,
  planSeries,
} from '../../../desk/document/naming.ts'

const inputs = {
  now: '2026-03-07 10:00:00.000000',
  field: (name: string) => ({ customer: 'ACME', empty: '' })[name] ?? '',
}

t.test('a DocType says how its documents are named', async (t) => {
  t.same(namingRule(undefined), { by: 'hash' })
  t.same(namingRule('hash'), { by: 'hash' })
  t.same(namingRule('Prompt'), { by: 'prompt' })
  t.same(namingRule('UUID'), { by: 'uuid' })
  t.same(namingRule('autoincrement'), { by: 'autoincrement' })
  t.same(namingRule('field:email'), { by: 'field', field: 'email' })
  t.same(namingRule('naming_series:'), { by: 'naming_series' })
  t.same(namingRule('format:X-{####}'), { by: 'format', template: 'X-{####}' })
  t.same(namingRule('CHAT-.####'), { by: 'series', pattern: 'CHAT-.####' })
})

t.test('a dotted series counts for each evaluated prefix', async (t) => {
  const name = (pattern: string, number: number): string => completeName(planSeries(pattern, inputs), number)
  t.equal(name('CHAT-.YYYY.-.####', 12), 'CHAT-2026-0012')
  t.equal(planSeries('CHAT-.YYYY.-.####', inputs).series, 'CHAT-2026-')
  t.equal(name('A-.YY..MM..DD.-.###', 1), 'A-260307-001')
  t.equal(name('W.WW.-.#', 9), 'W10-9')
  t.equal(name('B-.FY.-.##', 9), 'B-2026-09')
  t.equal(name('.customer.-.###', 5), 'ACME-005')
  t.equal(name('INV-.###.-.MM', 5), 'INV-005-03')
  t.equal(name('INV-', 3), 'INV-00003')
  t.equal(name('X-.##', 12345), 'X-12345', 'a number that outgrows its digits is not cut')
})

t.test('a format fills fields and dates, and counts in the series named ""', async (t) => {
  const plan = planFormat('X-{MM}-{customer}-{####}-{DD}', inputs)
  t.match(plan, { series: '', digits: 4 })
  t.equal(completeName(plan, 7), 'X-03-ACME-0007-07')
  t.equal(planFormat('{customer}/{YYYY}', inputs).series, null)
  t.equal(completeName(planFormat('{customer}/{YYYY}', inputs), 0), 'ACME/2026')
})

t.test('weeks are those of ISO 8601', async (t) => {
  t.equal(isoWeek(2026, 1, 1), 1)
  t.equal(isoWeek(2027, 1, 1), 53)
  t.equal(isoWeek(2024, 12, 30), 1)
})

t.test('a hash has ten characters and does not repeat', async (t) => {
  const names = Array.from({ length: 1000 }, hashName)
  t.ok(names.every((name) => /^[0-9a-z]{10}$/.test(name)))
  t.equal(new Set(names).size, 1000)
})

t.test('names that nobody may have', async (t) => {
  for (const name of ['', '  ', 'a<b', 'a>b', 'line\nbreak', 'nul\0', 'x'.repeat(141)]) {
    t.type(nameProblem(name), 'string', JSON.stringify(name.slice(0, 20)))
  }
  for (const name of ['A/B 1', "O'Brien", 'über', '日本', 'x'.repeat(140)]) t.equal(nameProblem(name), null)
})
