import type { Test } from 'tap'
import { ANN } from './site.ts'
import { overSocket, roads, type Outcome, type Wire } from './wire.ts'

export const HUGE = 'x'.repeat(200_000)

/** What no argument but a text can mean, and no text that names something. */
export const NOBODY_MEANS: readonly unknown[] = [
  0,
  -1,
  1.5,
  true,
  {},
  { $ne: null },
  { toString: 'x' },
  ["' or '1'='1"],
  [[]],
  "' or '1'='1",
  '"; drop table `tabChat Room`; --',
  '<script>alert(1)</script>',
  '%',
  '\0',
  '\ud800',
  '\u200b',
  '\u202e1000-RC',
  '👩‍👩‍👧‍👦',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'a\u0301'.repeat(150),
  HUGE,
]

export const NO_NUMBER = [
  'x',
  '1e400',
  '0x10',
  '1.5',
  1.5,
  -1,
  -9e15,
  '-5',
  {},
  [],
  [1],
  '9'.repeat(400),
  'NaN',
  '١',
]

/** A method with what it must refuse, argument by argument. */
export interface Case {
  method: string
  /** Arguments that are right. */
  args: Record<string, unknown>
  /** What is wrong in place of one of them. */
  wrong: Record<string, readonly unknown[]>
}

/** What is no message that the caller may see, of what looks like one. */
export const noMessages = (message: string, theirs: string): readonly unknown[] => [
  ...NOBODY_MEANS,
  ...[theirs, 'MSG-99999', ` ${message}`, `${message} `, message.toLowerCase(), `${message}\u200b`],
  ...['', ' '],
]

/** What is no room of the caller's, of what looks like one. */
export const noRooms = (room: string, others: string): readonly unknown[] => [
  ...NOBODY_MEANS,
  ...[others, 'CR-99999', ` ${room}`, `${room} `, room.toLowerCase(), `${room}\u200b`],
  ...['', ' '],
]

const CODES = ['VALIDATION_ERROR', 'NOT_FOUND', 'PERMISSION_DENIED', 'CONFLICT', 'RATE_LIMITED']

/** A value as a test's name has it: on one line, whatever is in it. */
export const shown = (value: unknown): string =>
  JSON.stringify(value ?? null)
    .slice(0, 60)
    .replaceAll(/[\u2028\u2029]/g, '?')

/** Refused with a 4xx that says what to do. */
export function isClear(t: Test, outcome: Outcome, what: string): void {
  const { status, message } = outcome
  const { code = '', message: text = '' } = message?.error ?? {}
  const clear = status >= 400 && status < 500 && CODES.includes(code) && text.length > 5 && text.length < 400
  t.ok(clear, `${what} → ${String(status)} ${shown(message)}`)
}

const sockets = async (
  wire: Wire,
): Promise<(method: string, args: Record<string, unknown>) => Promise<Outcome>> => {
  let left = 0
  let page = await wire.page(ANN)
  return async (method, args) => {
    if (left-- === 0) [page, left] = [await wire.page(ANN), 100]
    return await overSocket(page, method, args)
  }
}

/** Tries each of these as Ann, over HTTP and over the socket: clear refusals, and nothing is stored. */
export async function tryBadInput(t: Test, wire: Wire, cases: readonly Case[]): Promise<void> {
  const ann = await wire.browser(ANN)
  for (const { method, args, wrong } of cases) {
    await t.test(method, async (t) => {
      const before = await wire.rows()
      const overWs = await sockets(wire)
      for (const [argument, values] of Object.entries(wrong)) {
        for (const value of values) {
          const asked = { ...args, [argument]: value }
          const what = `${argument} = ${shown(value)}`
          const answer = await roads.json(ann, method, asked)
          isClear(t, answer, what)
          if (JSON.stringify(value).length < 100_000) {
            t.same(await overWs(method, asked), answer, `${what}, over the socket`)
          }
        }
      }
      t.same(await wire.rows(), before, 'nothing was stored, nothing went unexpectedly wrong')
    })
  }
}
