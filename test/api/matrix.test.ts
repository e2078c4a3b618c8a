import t from 'tap'
import {
  asNowhere,
  contractRows,
  KINDS,
  NOWHERE,
  Stage,
  type Kind,
  type Row,
  type Scene,
} from '../support/contract.ts'
import { shown } from '../support/bad-input.ts'
import { eachDatabase } from '../support/databases.ts'
import type { Outcome } from '../support/wire.ts'

const CODES: Record<number, RegExp> = {
  403: /^PERMISSION_DENIED$/,
  404: /^NOT_FOUND$/,
  409: /^CONFLICT$/,
  417: /^VALIDATION_ERROR$/,
  429: /^RATE_LIMITED$/,
}

/** Those who cannot open a socket. */
const OUT: readonly Kind[] = ['guest', 'disabled']

/** Whether a scene is made for one caller. */
const isPersonal = ({ args, setup = [] }: Row): boolean =>
  /\$(own|caller|other|attachment)\b/.test(JSON.stringify(args)) || setup.includes('joined')

t.setTimeout(600_000)

await eachDatabase(t, 'who may call what', async (t, db) => {
  const stage = await Stage.open(t, db)
  for (const row of contractRows()) {
    await t.test(row.method, async (t) => {
      let kept: Scene | undefined
      for (const kind of KINDS) {
        const roads: ['HTTP' | 'socket', typeof overHttp][] = [['HTTP', overHttp]]
        if (!row.upload && !OUT.includes(kind)) roads.push(['socket', overSocket])
        if (isPersonal(row)) kept = undefined
        for (const [road, call] of roads) {
          const scene = (kept ??= await stage.scene(kind, row))
          const expected = row.may[kind]
          const before = await stage.wire.rows()
          const answer = await call(kind, row, scene)
          t.equal(answer.status, expected, `${kind} by ${road}: ${shown(answer.message)}`)
          if (answer.status === 200) {
            if (!reads(row)) kept = undefined
            continue
          }
          t.match(
            answer.message,
            { success: false, error: { code: CODES[expected] ?? /never/, message: /\w/ } },
            `${kind} by ${road} is told why`,
          )
          t.same(await stage.wire.rows(), before, `${kind} by ${road}: nothing is written`)
          if (answer.status === 404) {
            const missing = await call(kind, row, { ...scene, ...NOWHERE })
            t.equal(
              asNowhere(JSON.stringify(answer), scene),
              asNowhere(JSON.stringify(missing), scene),
              `${kind} by ${road}: hidden is missing`,
            )
          }
        }
      }
    })
  }

  function reads({ method }: Row): boolean {
    return stage.wire.site.registry.method(`f_chat.${method}`, {}).verbs.includes('GET')
  }

  async function overHttp(kind: Kind, row: Row, scene: Scene): Promise<Outcome> {
    return await stage.overHttp(kind, row, scene)
  }

  async function overSocket(kind: Kind, row: Row, scene: Scene): Promise<Outcome> {
    return await stage.overSocket(kind, row, scene)
  }

  await t.test('no socket for those who are not let in', async (t) => {
    await stage.scene('disabled', { method: '', args: {}, keys: {}, may: {} as Row['may'] })
    await t.rejects(stage.socket('disabled'))
    t.end()
  })
})
