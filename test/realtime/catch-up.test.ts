import fc from 'fast-check'
import t from 'tap'
import { planCatchUp, positionAfter, RESET_AFTER, withinBudget } from '../../realtime/catch-up.ts'

const room = (change_seq: number, members_change_seq = 1, settings_change_seq = 1) => ({
  change_seq,
  members_change_seq,
  settings_change_seq,
})

void t.test('asking again from where the answer ended reaches the room, each change once', (t) => {
  fc.assert(
    fc.property(
      fc.nat(500),
      fc.nat(RESET_AFTER),
      fc.integer({ min: 1, max: 500 }),
      (since, behind, limit) => {
        const here = room(since + behind)
        let at = since
        for (let rounds = 0; ; rounds++) {
          const plan = planCatchUp(here, at, limit)
          if (plan.reset || plan.after !== at || plan.upTo - at > limit || rounds > behind) return false
          at = positionAfter(here, plan)
          if (!plan.more) return at === here.change_seq
        }
      },
    ),
  )
  t.end()
})

void t.test('members and settings are told when they moved', (t) => {
  t.match(planCatchUp(room(9, 4, 7), 5, 200), { members: false, room: true })
  t.match(planCatchUp(room(9, 4, 7), 3, 200), { members: true, room: true })
  t.match(planCatchUp(room(9, 4, 7), 9, 200), { members: false, room: false, more: false })
  t.end()
})

void t.test('too far behind, or ahead: start over', (t) => {
  t.equal(planCatchUp(room(RESET_AFTER), 0, 200).reset, false)
  t.equal(planCatchUp(room(RESET_AFTER + 1), 0, 200).reset, true)
  t.match(planCatchUp(room(5), 6, 200), { reset: true, members: true, room: true })
  t.equal(positionAfter(room(5), planCatchUp(room(5), 6, 200)), 5)
  t.end()
})

void t.test('an answer has a size: rooms beyond it are asked for again', (t) => {
  const plans = [0, 0, 0].map(() => planCatchUp(room(100), 0, 100))
  const [first, second, third] = withinBudget(plans, 150)
  t.equal(first?.upTo, 100)
  t.equal(second?.upTo, 100)
  t.match(third, { after: 0, upTo: 0, more: true, members: false })
  const still = planCatchUp(room(100), 100, 100)
  t.match(
    withinBudget([...plans, still], 100).at(-1),
    { more: false },
    'a room that has not moved costs nothing',
  )
  t.end()
})
