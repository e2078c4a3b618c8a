import t from 'tap'
import { contractRows, filled, Stage, type Kind, type Row, type Scene } from '../../support/contract.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, CLEO } from '../../support/site.ts'
import { roads } from '../../support/wire.ts'

const CALLERS: readonly Kind[] = ['member', 'moderator', 'admin', 'manager']

/** What a read may cost: the dearest take members, messages and all that hangs on them. */
const MOST = 6

await eachDatabase(t, 'every read costs the same, whatever there is to read', async (t, db) => {
  const stage = await Stage.open(t, db)
  const { wire } = stage
  const app = wire.site.registry.apps.find(({ definition }) => definition.name === 'f_chat')
  const readable = new Set(app?.methods.filter(({ verbs }) => verbs.includes('GET')).map(({ name }) => name))
  const reads = contractRows().filter(({ method }) => readable.has(`f_chat.${method}`))
  const scenes = new Map<Row, { kind: Kind; scene: Scene }>()
  for (const row of reads) {
    const kind = CALLERS.find((caller) => row.may[caller] === 200) ?? 'admin'
    scenes.set(row, {
      kind,
      scene: await stage.scene(kind, { ...row, setup: [...(row.setup ?? []), 'file'] }),
    })
  }

  const costs = async (): Promise<Record<string, number>> => {
    const counted: Record<string, number> = {}
    for (const [row, { kind, scene }] of scenes) {
      const user = String(scene[kind])
      const ask = (): Promise<unknown> =>
        wire.site.call(`f_chat.${row.method}`, { ...filled(row.args, scene), page: 1 }, { user })
      await ask()
      counted[row.method] = (await wire.statements(ask)).length
    }
    return counted
  }

  /** More of everything, in each of the rooms and around them. */
  const grow = async (): Promise<void> => {
    const more = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        wire.person(`more${String(i)}@test.example`, { roles: [{ role: 'Chat User' }] }),
      ),
    )
    for (let i = 0; i < 15; i++) await wire.room(i % 2 ? ANN : BEN, [i % 2 ? BEN : ANN, CLEO])
    for (const { scene } of scenes.values()) {
      await roads.json(stage.client('admin'), 'f_chat.add_multiple_members_to_room', {
        room_id: scene.room,
        user_list: more,
      })
      for (const kind of ['admin', 'member', 'moderator'] as const) {
        const { message } = await roads.json(stage.client(kind), 'f_chat.send_message', {
          room_id: scene.room,
          message_content: `hello @ben@test.example from ${kind}`,
          reply_to: scene.message,
        })
        await roads.json(stage.client('member'), 'f_chat.add_reaction', {
          message_id: message.data.message_id,
          emoji: '👍',
        })
      }
    }
  }

  const small = await costs()
  await grow()
  const large = await costs()
  t.comment(large)
  t.same(large, small)
  for (const [method, count] of Object.entries(large))
    t.ok(count <= MOST, `${method} takes ${String(count)} statements`)
  t.ok(
    (large.get_chat_messages ?? 99) <= 5 && (large.get_user_chat_rooms ?? 99) <= 5,
    'history and the list of rooms',
  )
})
