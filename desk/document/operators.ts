import { ValidationError } from '../errors.ts'

const OPERATORS = [
  '=',
  '!=',
  '>',
  '<',
  '>=',
  '<=',
  'like',
  'not like',
  'in',
  'not in',
  'between',
  'is',
  'timespan',
] as const
export type Operator = (typeof OPERATORS)[number]

/** What other databases and newer Frappes compare by: never to be read as the first of a list of values. */
const FOREIGN =
  /^(not )?(regexp|rlike|ilike|similar to|sounds like|glob|match|exists|ancestors of|descendants of( \(inclusive\))?)$/i

export function isOperator(value: unknown): value is string {
  return typeof value === 'string' && (OPERATORS as readonly string[]).includes(spelt(value))
}

/** `{"field": [what, value]}` means an operator, not two values: known, or one that is to be refused. */
export function meansOperator(value: unknown, operand: unknown): boolean {
  if (typeof value !== 'string') return false
  return (
    isOperator(value) ||
    Array.isArray(operand) ||
    FOREIGN.test(spelt(value)) ||
    /^[^\p{L}\p{N}\s]+$/u.test(value)
  )
}

const spelt = (operator: string): string => operator.trim().replaceAll(/\s+/g, ' ').toLowerCase()

/** @throws ValidationError for one that desk does not know */
export function parseOperator(value: unknown): Operator {
  if (isOperator(value)) return spelt(value) as Operator
  const given = typeof value === 'string' ? ` "${value.slice(0, 40)}"` : ''
  throw new ValidationError(`Unknown operator${given} in filters: use one of ${OPERATORS.join(', ')}.`)
}
