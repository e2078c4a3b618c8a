import t from 'tap'
import { Typists } from '../../../realtime/presence/typists.ts'

const rules = { pause: 2500, lasts: 8000 }
const ann = { user: 'ann', name: 'Ann', room: 'CR-1' }
const there = { ...ann, room: 'CR-2' }

t.test('who goes on typing is told of now and then', async (t) => {
  const typists = new Typists(rules)
  const told: number[] = []
  for (let at = 0; at <= 10_000; at += 500) if (typists.typing(ann, at)) told.push(at)
  t.same(told, [0, 2500, 5000, 7500, 10_000])
  t.same(typists.expired(17_999), [])
  t.match(typists.expired(18_000), [ann])
  t.same(typists.expired(18_000), [], 'once')
})

t.test('who stops is told of once, and only where others knew', async (t) => {
  const typists = new Typists(rules)
  t.equal(typists.stopped('ann', 'CR-1'), undefined)
  t.ok(typists.typing(ann, 0))
  t.equal(typists.stopped('ann', 'CR-2'), undefined)
  t.match(typists.stopped('ann', 'CR-1'), ann)
  t.equal(typists.stopped('ann', 'CR-1'), undefined)
  t.notOk(typists.typing(ann, 1000), 'going on at once is told of later')
  t.equal(typists.stopped('ann', 'CR-1'), undefined, 'nor is stopping then')
  t.ok(typists.typing(ann, 2500))
})

t.test('rooms and users do not concern each other', async (t) => {
  const typists = new Typists(rules)
  t.ok(typists.typing(ann, 0))
  t.ok(typists.typing(there, 1))
  t.ok(typists.typing({ ...ann, user: 'ben' }, 2))
  t.same(
    [...typists.rooms()],
    [
      ['ann', 'CR-2'],
      ['ben', 'CR-1'],
    ],
  )
  typists.stopped('ann', 'CR-2')
  t.equal(typists.rooms().get('ann'), 'CR-1')
  t.equal(typists.expired(60_000).length, 2)
  t.equal(typists.rooms().size, 0)
})
