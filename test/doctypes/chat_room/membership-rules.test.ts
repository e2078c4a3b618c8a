import fc from 'fast-check'
import t from 'tap'
import {
  checkAdding,
  checkMuting,
  checkRemoving,
  checkRoleChange,
  isAbleAdmin,
  planDeparture,
  planDisappearance,
  type LivingMember,
} from '../../../doctypes/chat_room/membership-rules.ts'
import { refusal } from '../../support/site.ts'

const GROUP = { room_type: 'Group Chat', room_status: 'Active' }
const ARCHIVED = { ...GROUP, room_status: 'Archived' }
const DIRECT = { ...GROUP, room_type: 'Direct Message' }

const member = (user: string, role = 'Member', more: Partial<LivingMember> = {}): LivingMember => ({
  ...{ user, role, is_muted: 0, enabled: true },
  ...more,
})
const ann = member('ann', 'Admin')
const mod = member('mod', 'Moderator')
const ben = member('ben')
const muted = member('mute', 'Admin', { is_muted: 1 })

t.test('adding', async (t) => {
  t.doesNotThrow(() => checkAdding(GROUP, ann, 'Admin'))
  t.doesNotThrow(() => checkAdding(GROUP, mod, 'Member'))
  t.throws(() => checkAdding(GROUP, mod, 'Moderator'), refusal(403, /Only Admins give/))
  t.throws(() => checkAdding(GROUP, ben, 'Member'), refusal(403))
  t.throws(() => checkAdding(GROUP, muted, 'Member'), refusal(403, /muted/))
  t.throws(() => checkAdding(ARCHIVED, ann, 'Member'), refusal(417, /archived/))
  t.throws(() => checkAdding(DIRECT, ann, 'Member'), refusal(417, /Direct Message/))
})

t.test('removing, muting and roles', async (t) => {
  t.doesNotThrow(() => checkRemoving(GROUP, ann, muted))
  t.doesNotThrow(() => checkRemoving(GROUP, mod, ben))
  t.throws(() => checkRemoving(GROUP, mod, member('m2', 'Moderator')), refusal(403, /Members only/))
  t.throws(() => checkRemoving(GROUP, ben, mod), refusal(403))
  t.throws(() => checkRemoving(GROUP, ann, undefined), refusal(417, /not a member/))
  t.doesNotThrow(() => checkMuting(GROUP, ann, muted))
  t.throws(() => checkMuting(GROUP, mod, ann), refusal(403, /Members only/))
  t.throws(() => checkMuting(GROUP, ann, ann), refusal(403, /yourself/))
  t.doesNotThrow(() => checkRoleChange(GROUP, ann, mod))
  t.throws(() => checkRoleChange(GROUP, ann, ann), refusal(403, /your own/))
  t.throws(() => checkRoleChange(GROUP, mod, ben), refusal(403, /Only Admins/))
  t.throws(() => checkRoleChange(ARCHIVED, ann, ben), refusal(417, /archived/))
})

t.test('leaving', async (t) => {
  const stays = { successor: null, empties: false }
  t.same(planDeparture(GROUP, [ann, ben], 'ben'), stays)
  t.same(planDeparture(GROUP, [ann, member('a2', 'Admin'), ben], 'ann'), stays)
  t.same(planDeparture(GROUP, [ann], 'ann'), { successor: null, empties: true })
  t.same(planDeparture(DIRECT, [ann, ben], 'ann'), stays, 'nothing is to be governed between two')
  t.throws(() => planDeparture(GROUP, [ann, ben], 'ann'), refusal(417, /last Admin/))
  t.throws(() => planDeparture(ARCHIVED, [ann, ben], 'ann'), refusal(417, /last Admin/))
  t.same(planDeparture(GROUP, [ann, ben], 'ann', ' BEN '), { successor: 'ben', empties: false })
  t.same(planDeparture(GROUP, [ann, muted], 'ann', 'mute'), { successor: 'mute', empties: false })
  t.throws(() => planDeparture(GROUP, [ann, muted], 'ann'), refusal(417), 'who is muted cannot govern')
  const gone = member('gone', 'Admin', { enabled: false })
  t.throws(() => planDeparture(GROUP, [ann, gone], 'ann'), refusal(417), 'nor can who is disabled')
  for (const name of ['gone', 'ann', 'nobody', ''])
    t.throws(() => planDeparture(GROUP, [ann, ben, gone], 'ann', name), refusal(417, /new_admin/))
})

/** Something that a member tries. */
interface Move {
  kind: 'add' | 'remove' | 'leave' | 'role' | 'mute' | 'unmute'
  by: number
  whom: number
  role: string
  heir: number | undefined
}

/** The room after the move, as the rules let it be made; as it was, where they refuse. */
function after(members: readonly LivingMember[], move: Move): readonly LivingMember[] {
  const caller = members.find(({ user }) => user === `u${move.by}`)
  const target = members.find(({ user }) => user === `u${move.whom}`)
  if (!caller) return members
  const change = (values: Partial<LivingMember>): LivingMember[] =>
    members.map((one) => (one === target ? { ...one, ...values } : one))
  try {
    switch (move.kind) {
      case 'add':
        checkAdding(GROUP, caller, move.role)
        return target ? members : [...members, member(`u${move.whom}`, move.role)]
      case 'remove':
        if (target === caller) return members
        checkRemoving(GROUP, caller, target)
        return members.filter((one) => one !== target)
      case 'role':
        checkRoleChange(GROUP, caller, target)
        return change({ role: move.role })
      case 'mute':
      case 'unmute':
        checkMuting(GROUP, caller, target)
        return change({ is_muted: move.kind === 'mute' ? 1 : 0 })
      case 'leave': {
        const heir = move.heir === undefined ? undefined : `u${move.heir}`
        const { successor } = planDeparture(GROUP, members, caller.user, heir)
        return members
          .filter((one) => one !== caller)
          .map((one) => (one.user === successor ? { ...one, role: 'Admin', is_muted: 0 } : one))
      }
    }
  } catch {
    return members
  }
}

t.test('whatever members do, a room that somebody is in has somebody who can govern it', async (t) => {
  const person = fc.nat({ max: 5 })
  const move: fc.Arbitrary<Move> = fc.record({
    kind: fc.constantFrom('add', 'remove', 'leave', 'role', 'mute', 'unmute'),
    by: person,
    whom: person,
    role: fc.constantFrom('Member', 'Moderator', 'Admin'),
    heir: fc.option(person, { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      let members: readonly LivingMember[] = [member('u0', 'Admin')]
      for (const one of moves) {
        members = after(members, one)
        if (members.length > 0 && !members.some(isAbleAdmin)) return false
      }
      return new Set(members.map(({ user }) => user)).size === members.length
    }),
    { numRuns: 2000 },
  )
  t.pass('in 2,000 histories')
})

t.test('who goes for good leaves somebody who can govern', async (t) => {
  const heir = (...others: LivingMember[]): string | null =>
    planDisappearance(GROUP, [ann, ...others], 'ann').successor
  t.equal(heir(ben, mod), 'mod', 'a Moderator before a Member')
  t.equal(heir(member('first'), ben), 'first', 'who has been there longest')
  t.equal(heir(member('quiet', 'Moderator', { is_muted: 1 }), ben), 'ben', 'who may speak')
  t.equal(heir(muted), 'mute', 'better unmuted than nobody')
  t.equal(heir(member('gone', 'Moderator', { enabled: false }), ben), 'ben')
  t.equal(heir(member('gone', 'Moderator', { enabled: false })), null, 'nobody can')
  t.equal(heir(member('other', 'Admin'), mod), null, 'not needed')
  t.same(planDisappearance(GROUP, [ann], 'ann'), { successor: null, empties: true })
  t.equal(planDisappearance(DIRECT, [ann, ben], 'ann').successor, null)
  t.equal(planDisappearance(GROUP, [ann, ben], 'ben').successor, null)
})
