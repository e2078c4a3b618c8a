import fc from 'fast-check'
import t from 'tap'
import { isAbleAdmin } from '../../../doctypes/chat_room/membership-rules.ts'
import {
  planTeam,
  readUsers,
  writeUsers,
  type TeamRoomMember,
  type TeamUser,
} from '../../../doctypes/chat_room/team-rules.ts'

const inRoom = (user: string, via_team: number, more: Partial<TeamRoomMember> = {}): TeamRoomMember => ({
  ...{ user, role: 'Member', is_muted: 0, enabled: true, via_team },
  ...more,
})
const inTeam = (...users: string[]): TeamUser[] => users.map((user) => ({ user, enabled: true }))
const admin = inRoom('ann', 0, { role: 'Admin' })

t.test('who is new in the team comes, who has left it goes, who was added by hand stays', async (t) => {
  const members = [admin, inRoom('ben', 1), inRoom('cleo', 1, { role: 'Moderator' }), inRoom('hand', 0)]
  t.same(planTeam(members, inTeam('ben', 'dora'), [], 50), { add: ['dora'], remove: ['cleo'], left: [] })
})

t.test('who has left the room is not brought back, until they have left the team, too', async (t) => {
  t.same(planTeam([admin], inTeam('ben', 'cleo'), ['ben'], 50), { add: ['cleo'], remove: [], left: ['ben'] })
  t.same(planTeam([admin], inTeam('cleo'), ['ben'], 50).left, [])
  t.same(planTeam([admin, inRoom('ben', 0)], inTeam('ben'), ['ben'], 50).left, [], 'or came back by hand')
})

t.test('no more than there are seats, and nobody who is disabled', async (t) => {
  const members = [admin, inRoom('old', 1)]
  const team = [{ user: 'gone', enabled: false }, ...inTeam('a', 'b', 'c')]
  t.same(planTeam(members, team, [], 3), { add: ['a', 'b'], remove: ['old'], left: [] })
  t.same(planTeam(members, team, [], 1).add, [])
  const disabled = inRoom('gone', 1, { enabled: false })
  t.same(planTeam([admin, disabled], team, [], 2).remove, [], 'a disabled member of the team stays one')
})

t.test('the last Admin stays, whoever sent them', async (t) => {
  const boss = inRoom('boss', 1, { role: 'Admin' })
  t.same(planTeam([boss, inRoom('ben', 1)], inTeam('ben'), [], 50).remove, [])
  t.same(planTeam([boss, admin], [], [], 50).remove, ['boss'])
  t.same(planTeam([boss, { ...admin, is_muted: 1 }], [], [], 50).remove, [], 'who is muted governs nothing')
})

t.test('a plan that is carried out leaves nothing to do', async (t) => {
  const user = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')
  const bit = fc.constantFrom(0, 1)
  const members = fc.uniqueArray(
    fc.record({
      user,
      role: fc.constantFrom('Admin', 'Moderator', 'Member'),
      is_muted: bit,
      via_team: bit,
      enabled: fc.boolean(),
    }),
    { selector: (member) => member.user },
  )
  const team = fc.uniqueArray(fc.record({ user, enabled: fc.boolean() }), { selector: (one) => one.user })
  fc.assert(
    fc.property(members, team, fc.uniqueArray(user), fc.nat({ max: 9 }), (members, team, left, most) => {
      const plan = planTeam(members, team, left, most)
      const next = [
        ...members.filter((member) => !plan.remove.includes(member.user)),
        ...plan.add.map((user) => inRoom(user, 1)),
      ]
      const again = planTeam(next, team, plan.left, most)
      return (
        next.length <= Math.max(most, members.length) &&
        (next.some(isAbleAdmin) || !members.some(isAbleAdmin)) &&
        JSON.stringify(again) === JSON.stringify({ add: [], remove: [], left: plan.left })
      )
    }),
    { numRuns: 3000 },
  )
  t.pass('in 3,000 rooms')
})

t.test('lists of users as a row keeps them', async (t) => {
  t.equal(writeUsers([]), null)
  t.same(readUsers(null), [])
  t.same(readUsers(writeUsers(['a@x.example', 'b', 'a@x.example'])), ['a@x.example', 'b'])
})
