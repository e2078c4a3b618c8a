import fc from 'fast-check'
import t from 'tap'
import { ModelClient } from '../../support/chat-model.ts'
import { eachDatabase } from '../../support/databases.ts'
import type { Client } from '../../support/server.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { roads, wireSite, type Wire } from '../../support/wire.ts'

const PEOPLE = [ANN, BEN, CLEO, OUTSIDER]
const EMOJI = ['👍', '🎉', '👩‍👩‍👧‍👦']

const DEEDS = [
  ...['send', 'send', 'send', 'edit', 'delete', 'react', 'react', 'read'],
  ...['add', 'remove', 'role', 'mute', 'rename', 'archive', 'restore', 'cut', 'join'],
] as const

/** Somebody does something to one of the rooms, its messages or members; what is not allowed is refused. */
interface Step {
  deed: (typeof DEEDS)[number]
  who: number
  whom: number
  room: number
  pick: number
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    deed: fc.constantFrom(...DEEDS),
    who: fc.nat(PEOPLE.length - 1),
    whom: fc.nat(PEOPLE.length - 1),
    room: fc.nat(1),
    pick: fc.nat(1000),
  }),
  { minLength: 20, maxLength: 60 },
)

/** A history in which each deed is allowed once, whatever chance brings besides. */
const EACH_DEED: Step[] = (
  [
    ['add', 2, 0],
    ['role', 1, 1],
    ['mute', 1, 0],
    ['mute', 1, 1],
    ['send', 1, 0],
    ['cut', 0, 0],
    ['send', 1, 1],
    ['edit', 0, 1],
    ['react', 0, 1],
    ['read', 0, 0],
    ['delete', 0, 2],
    ['rename', 0, 3],
    ['archive', 0, 0],
    ['restore', 0, 0],
    ['remove', 2, 0],
    ['join', 0, 0],
  ] as const
).map(([deed, whom, pick]) => ({ deed, who: 0, whom, room: 0, pick }))

const at = <T>(list: readonly T[], index: number): T => {
  const item = list[index % list.length]
  if (item === undefined) throw new Error('nothing there')
  return item
}

/** The call that a step is. */
function callOf(
  step: Step,
  room: string,
  messages: readonly string[],
): [method: string, args: object] | undefined {
  const message_id = messages.length > 0 ? at(messages, step.pick) : 'MSG-none'
  const user_id = at(PEOPLE, step.whom)
  switch (step.deed) {
    case 'send':
      return ['send_message', { room_id: room, message_content: `no. ${String(step.pick)} @${user_id}` }]
    case 'edit':
      return ['edit_message', { message_id, new_content: `edited ${String(step.pick)}` }]
    case 'delete':
      return ['delete_message', { message_id }]
    case 'react':
      return ['add_reaction', { message_id, emoji: at(EMOJI, step.pick) }]
    case 'read':
      return ['mark_room_as_read', { room_id: room, ...(step.pick % 2 ? { up_to_seq: step.pick % 20 } : {}) }]
    case 'add':
      return ['add_room_member', { room_id: room, user_id, role: at(['Member', 'Moderator'], step.pick) }]
    case 'remove':
      return ['remove_room_member', { room_id: room, user_id }]
    case 'role':
      return [
        'update_member_role',
        { room_id: room, user_id, new_role: at(['Member', 'Moderator', 'Admin'], step.pick) },
      ]
    case 'mute':
      return ['mute_unmute_member', { room_id: room, user_id, is_muted: step.pick % 2 === 0 }]
    case 'rename':
      return [
        'update_room_settings',
        {
          room_id: room,
          settings: { room_name: `Room ${String(step.pick)}`, max_members: 10 + (step.pick % 5) },
        },
      ]
    case 'archive':
      return step.pick % 4 === 0 ? ['archive_room', { room_id: room }] : undefined
    case 'restore':
      return ['update_room_settings', { room_id: room, settings: { room_status: 'Active' } }]
    default:
      return undefined
  }
}

/** Two clients of one user who live through a history: one hears all of it, the other is cut off now and then. */
class Lives {
  readonly #wire: Wire
  readonly #user: string
  readonly steady = new ModelClient()
  readonly flaky = new ModelClient()

  constructor(wire: Wire, user: string) {
    this.#wire = wire
    this.#user = user
  }

  async begin(): Promise<void> {
    for (const client of [this.steady, this.flaky]) await this.#join(client)
  }

  async cut(): Promise<void> {
    await this.flaky.catchUp()
    this.flaky.disconnect()
  }

  async rejoin(): Promise<void> {
    if (!this.flaky.connected) await this.#join(this.flaky)
  }

  /** What somebody who comes new is told: the truth. */
  async truth(): Promise<ModelClient> {
    const fresh = new ModelClient()
    await this.#join(fresh)
    return fresh
  }

  async #join(client: ModelClient): Promise<void> {
    client.connect(await this.#wire.page(this.#user))
    // Small answers, so that "more" is asked for.
    await client.sync(3)
  }
}

const PATIENCE_MS = 10_000

/** Waits for what is still on its way. @throws with both states where the client stays behind */
async function settles(client: ModelClient, truth: ModelClient, rooms: readonly string[]): Promise<void> {
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    await client.catchUp()
    if (JSON.stringify(client.state(rooms)) === JSON.stringify(truth.state(rooms))) return
    if (Date.now() > until) {
      const [ended, expected] = [client.state(rooms), truth.state(rooms)]
      throw new Error(
        `A client ended at\n${JSON.stringify(ended, null, 1)}\nand not at\n${JSON.stringify(expected, null, 1)}`,
      )
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

await eachDatabase(t, 'whoever missed something ends where those are who did not', async (t, db) => {
  const wire = await wireSite(t, db)
  const browsers = new Map<string, Client>()
  for (const user of PEOPLE) browsers.set(user, await wire.browser(user))
  const counts: Record<string, number> = {}

  const perform = async (user: string, method: string, args: object): Promise<void> => {
    const client = browsers.get(user)
    if (!client) throw new Error(`no ${user}`)
    const { status, message } = await roads.json(client, `f_chat.${method}`, args as Record<string, unknown>)
    if (status >= 500) throw new Error(JSON.stringify(message))
    if (status === 200) counts[method] = (counts[method] ?? 0) + 1
  }

  const run = async (history: readonly Step[]): Promise<void> => {
    const rooms = [await wire.room(ANN, [BEN]), await wire.room(BEN, [ANN, CLEO])]
    const lives = [new Lives(wire, BEN), new Lives(wire, CLEO)]
    for (const life of lives) await life.begin()
    for (const step of history) {
      if (step.deed === 'cut') await at(lives, step.who).cut()
      if (step.deed === 'join') await at(lives, step.who).rejoin()
      const room = at(rooms, step.room)
      const messages = await wire.site.database
        .reader('tabChat Message')
        .where({ chat_room: room })
        .orderBy('seq')
        .pluck<string[]>('name')
      const call = callOf(step, room, messages)
      if (call) await perform(at(PEOPLE, step.who), ...call)
      for (const { flaky } of lives) if (flaky.connected && step.pick % 3 === 0) await flaky.catchUp()
    }
    for (const life of lives) {
      await life.rejoin()
      const truth = await life.truth()
      for (const client of [life.steady, life.flaky]) await settles(client, truth, rooms)
    }
  }

  await t.test('random histories', { timeout: 1_200_000 }, async (t) => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        await run(history)
      }),
      { numRuns: Number(process.env.F_CHAT_HISTORIES ?? 12), endOnFailure: true, examples: [[EACH_DEED]] },
    )
    for (const method of [
      ...['send_message', 'edit_message', 'delete_message', 'add_reaction', 'mark_room_as_read'],
      ...['add_room_member', 'remove_room_member', 'update_member_role', 'mute_unmute_member'],
      ...['update_room_settings', 'archive_room'],
    ])
      t.ok((counts[method] ?? 0) > 0, `${method} was allowed at times`)
  })
})
