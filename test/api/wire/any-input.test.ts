import t from 'tap'
import { HUGE, shown } from '../../support/bad-input.ts'
import { contractRows, filled, Stage, type Kind } from '../../support/contract.ts'
import { eachDatabase } from '../../support/databases.ts'
import { overSocket, roads, type Outcome } from '../../support/wire.ts'

/** What somebody might send in the place of any argument of any method, and never means well. */
const ANYTHING: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER, '1e400'],
  ...[{}, { $ne: null }, { toString: 'x' }, [], [[]], [null], [1], ["' or '1'='1"], Array(2000).fill('x')],
  ...['', ' ', '%', '*', '0', 'null', 'undefined', '\0', 'a\0b', '\ud800', '\u200b', '\u202eabc', '\r\nX: y'],
  ...["' or '1'='1", '"; drop table `tabChat Room`; --', '\\', '${1}', '{{7*7}}', '?', ':name', '??'],
  ...['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '../../etc/passwd', '/etc/passwd'],
  ...['http://169.254.169.254/', 'file:///etc/passwd', '__proto__', 'constructor', '=cmd|calc'],
  ...['👩‍👩‍👧‍👦', 'שלום مرحبا', 'a\u0301'.repeat(150), '2026-02-30', '9999-99-99', HUGE],
]

const CODES = /^(VALIDATION_ERROR|NOT_FOUND|PERMISSION_DENIED|CONFLICT|RATE_LIMITED)$/

/** Who calls: the least of those whom the method answers. */
const CALLERS: readonly Kind[] = ['member', 'moderator', 'admin', 'manager']

/** A refusal says what is wrong; whatever else was answered, nothing went wrong on our side. */
function problemOf({ status, message }: Outcome): string | undefined {
  if (status === 200) return undefined
  const { code = '', message: text = '' } = message?.error ?? {}
  const clear = status >= 400 && status < 500 && CODES.test(code) && text.length > 5 && text.length < 600
  return clear ? undefined : `${String(status)} ${shown(message)}`
}

t.setTimeout(600_000)

await eachDatabase(t, 'any argument of any method may be anything', async (t, db) => {
  const stage = await Stage.open(t, db)
  const errors = async (): Promise<unknown[]> =>
    stage.wire.site.database.reader('tabError Log').select('method', 'error')
  for (const row of contractRows()) {
    if (row.upload) continue
    const kind = CALLERS.find((caller) => row.may[caller] === 200) ?? 'admin'
    await t.test(row.method, async (t) => {
      const scene = await stage.scene(kind, row)
      const args = filled(row.args, scene)
      const method = stage.wire.site.registry.method(`f_chat.${row.method}`, {})
      const problems: string[] = []
      let tries = 0
      const ask = async (name: string, value: unknown): Promise<Outcome> => {
        const asked = { ...args, [name]: value }
        return tries++ % 2 === 0 || value === HUGE
          ? await roads.json(stage.client(kind), method.name, asked)
          : await overSocket(await stage.socket(kind), method.name, asked)
      }
      for (const name of [...Object.keys(method.input.properties), 'never_declared']) {
        const refused: unknown[] = []
        for (const value of ANYTHING) {
          const answer = await ask(name, value)
          const problem = problemOf(answer)
          if (problem) problems.push(`${name} = ${shown(value)} → ${problem}`)
          if (answer.status !== 200) refused.push(value)
        }
        // Once more what was refused, all by itself: what others have stored would hide it.
        const before = await stage.wire.rows()
        for (const value of method.verbs.includes('GET') ? [] : refused) await ask(name, value)
        if (JSON.stringify(await stage.wire.rows()) !== JSON.stringify(before))
          problems.push(`${name}: refused, yet something was stored`)
      }
      t.same(problems, [])
      t.same(await errors(), [], 'nothing in the Error Log')
    })
  }
})
