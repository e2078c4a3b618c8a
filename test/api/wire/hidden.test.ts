import t from 'tap'
import { shown } from '../../support/bad-input.ts'
import { asNowhere, contractRows, filled, NOWHERE, Stage, type Kind } from '../../support/contract.ts'
import { eachDatabase } from '../../support/databases.ts'
import { roads } from '../../support/wire.ts'

t.setTimeout(240_000)

/** What may stand beside the name of something hidden: right or wrong, it must not tell that it is there. */
const BESIDE: readonly unknown[] = [
  ...[
    undefined,
    null,
    '',
    'x',
    'Text',
    'File',
    'Voice',
    'System',
    'Admin',
    'offer',
    '👍',
    'ann@test.example',
  ],
  ...[
    0,
    1,
    -1,
    10_001,
    true,
    [],
    ['x'],
    [{}],
    [{ file_url: '/private/files/x' }],
    {},
    { room_status: 'Active' },
  ],
  ...[
    '2026-01-01',
    'x'.repeat(5000),
    'MSG-0001',
    { room_name: '' },
    { max_members: 1 },
    ['ann@test.example'],
  ],
]

/** Those from whom a room is hidden, and who may ask. */
const OUTSIDE: readonly Kind[] = ['outsider', 'removed', 'manager']

await eachDatabase(t, 'whatever else is asked, what is hidden does not exist', async (t, db) => {
  const stage = await Stage.open(t, db)
  for (const row of contractRows()) {
    if (row.upload) continue
    for (const kind of OUTSIDE) {
      if (row.may[kind] !== 404) continue
      await t.test(`${row.method} by ${kind}`, async (t) => {
        const scene = await stage.scene(kind, row)
        const nowhere = { ...scene, ...NOWHERE }
        const method = stage.wire.site.registry.method(`f_chat.${row.method}`, {})
        const [here, there] = [filled(row.args, scene), filled(row.args, nowhere)]
        const problems: string[] = []
        const before = await stage.wire.rows()
        for (const name of Object.keys(method.input.properties)) {
          if (JSON.stringify(here[name]) !== JSON.stringify(there[name])) continue
          for (const value of BESIDE) {
            const ask = (args: Record<string, unknown>) =>
              roads.json(stage.client(kind), method.name, { ...args, [name]: value })
            const [hidden, missing] = [await ask(here), await ask(there)]
            const [told, nothing] = [hidden, missing].map((one) => asNowhere(JSON.stringify(one), scene))
            if (told !== nothing)
              problems.push(`${name} = ${shown(value)}: ${String(told)} is not ${String(nothing)}`)
          }
        }
        t.same(problems, [])
        t.same(await stage.wire.rows(), before, 'nothing is stored')
      })
    }
  }
})
