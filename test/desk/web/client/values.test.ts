import t from 'tap'
import { formatValue } from '../../../../desk/web/client/format.ts'
import { decimalMark, inputText, isMissing, parseInput } from '../../../../desk/web/client/values.ts'
import { field } from './fixtures.ts'

t.test('what an input shows is read back as the same value', async (t) => {
  const cases: [string, string | number, string][] = [
    ['Data', 'a b', 'a b'],
    ['Int', -42, '-42'],
    ['Float', 3.14159, '3.14159'],
    ['Currency', 14.5, '14.50'],
    ['Currency', 100, '100.00'],
    ['Percent', 0.000000001, '0.000000001'],
    ['Date', '2026-11-23', '2026-11-23'],
    ['Time', '09:05:00', '09:05:00'],
    ['Datetime', '2026-11-23 09:05:01', '2026-11-23T09:05:01'],
    ['JSON', '{"a":1}', '{"a":1}'],
    ['Long Text', ' two\n lines ', ' two\n lines '],
  ]
  for (const [type, value, text] of cases) {
    t.equal(inputText(field('f', type), value), text, type)
    t.same(parseInput(field('f', type), text), { value }, type)
  }
})

t.test('stored forms are brought into the form that inputs take', async (t) => {
  t.equal(inputText(field('f', 'Datetime'), '2026-11-23 09:05:01.123456'), '2026-11-23T09:05:01')
  t.equal(inputText(field('f', 'Time'), '9:05:00.000000'), '09:05:00')
  t.same(parseInput(field('f', 'Datetime'), '2026-11-23T09:05'), { value: '2026-11-23 09:05:00' })
  t.same(parseInput(field('f', 'Time'), '09:05'), { value: '09:05:00' })
  t.equal(inputText(field('f', 'JSON'), { a: 1 }), '{\n  "a": 1\n}')
  t.equal(inputText(field('f', 'Password'), '*****'), '', 'a stored password is never shown')
})

t.test('numbers follow the decimal mark of the viewer', async (t) => {
  t.equal(decimalMark('en'), '.')
  t.equal(decimalMark('de'), ',')
  t.same(parseInput(field('f', 'Currency'), '1.234,5', ','), { value: 1234.5 })
  t.same(parseInput(field('f', 'Currency'), '1,234.5', '.'), { value: 1234.5 })
  t.same(parseInput(field('f', 'Float'), "1 000'000", '.'), { value: 1_000_000 })
  t.equal(inputText(field('f', 'Float'), 1234.5, ','), '1234,5')
})

t.test('text without a meaning is a problem, not a value', async (t) => {
  for (const [type, text] of [
    ['Int', '1.5'],
    ['Int', 'x'],
    ['Int', '9007199254740993'],
    ['Float', '1.2.3'],
    ['Float', '1e5'],
    ['JSON', '{a}'],
  ] as const) {
    t.hasProp(parseInput(field('f', type), text), 'problem', `${type} ${text}`)
  }
})

t.test('empty is null, and zero for numbers', async (t) => {
  t.same(parseInput(field('f', 'Data'), '  '), { value: null })
  t.same(parseInput(field('f', 'Date'), ''), { value: null })
  t.same(parseInput(field('f', 'Int'), ''), { value: 0 })
})

t.test('zero and off are values, blank text and no rows are not', async (t) => {
  t.notOk(isMissing(field('f', 'Int'), 0))
  t.notOk(isMissing(field('f', 'Check'), 0))
  t.ok(isMissing(field('f', 'Data'), ' '))
  t.ok(isMissing(field('f', 'Link'), null))
  t.ok(isMissing(field('f', 'Table'), []))
})

t.test('values are shown in the language of the viewer', async (t) => {
  const en = { locale: 'en', timeZone: 'UTC' }
  const de = { locale: 'de', timeZone: 'UTC' }
  t.equal(formatValue(field('f', 'Currency'), 1234.5, en), '1,234.50')
  t.equal(formatValue(field('f', 'Currency'), 1234.5, de), '1.234,50')
  t.equal(formatValue(field('f', 'Percent'), 12.5, en), '12.5%')
  t.equal(formatValue(field('f', 'Date'), '2026-11-23', en), 'Nov 23, 2026')
  t.equal(formatValue(field('f', 'Duration'), 90_061, en), '1d 1h 1m 1s')
  t.equal(formatValue(field('f', 'Check'), 1, en), 'Yes')
  t.equal(formatValue(field('f', 'Password'), 'x', en), '••••••••')
  t.equal(formatValue(field('f', 'Date'), 'nonsense', en), 'nonsense')
  t.equal(formatValue(field('f', 'Data'), null, en), '')
})
