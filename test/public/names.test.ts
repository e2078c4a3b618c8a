import t from 'tap'
import { initialsOf, TONES, toneOf } from '../../public/shared/names.ts'

t.test('initials of people, rooms, addresses and odd names', async (t) => {
  t.equal(initialsOf('Asha Rao'), 'AR')
  t.equal(initialsOf('Warehouse'), 'WA')
  t.equal(initialsOf('Anna Maria von Trapp'), 'AT')
  t.equal(initialsOf('asha@example.com'), 'AC')
  t.equal(initialsOf('李 小龙'), '李小')
  t.equal(initialsOf('👩‍🚀 Space'), '👩‍🚀S')
  t.equal(initialsOf(' - '), '?')
  t.equal(initialsOf(''), '?')
})

t.test('a name always has the same colour, and all colours are used', async (t) => {
  t.equal(toneOf('Asha Rao'), toneOf('Asha Rao'))
  const used = new Set(Array.from({ length: 200 }, (_, index) => toneOf(`Person ${index}`)))
  t.equal(used.size, TONES)
})
