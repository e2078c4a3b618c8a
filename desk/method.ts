import { type Static, type TObject, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import type { Context } from './context.ts'
import type { FileLimits } from './files/accept.ts'
import { ValidationError } from './errors.ts'
import { GUEST } from './permissions/roles.ts'
import { sanitizeGuestArgs } from './sanitize.ts'
import type { Registry } from './site/registry.ts'

export type Verb = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** So many calls within so many seconds; past them a RateLimitExceededError with `Retry-After`. */
export interface RateLimit {
  limit: number
  seconds: number
  /** Guests are told apart by their address in any case. */
  per: 'user' | 'ip'
}

export interface MethodDefinition<Input extends TObject, Output> {
  /** Dotted path under /api/method/. */
  name: string
  /** Further paths that answer the same. */
  aliases?: readonly string[]
  /**
   * Writes: POST or PUT only, so that CSRF covers it, and one transaction around the handler, which is retried
   * as a whole after a deadlock; so it must act on the outside world through the context only.
   */
  writes?: boolean
  /** HTTP verbs that it takes, where they are not those that `writes` gives. What writes must not take GET. */
  verbs?: readonly Verb[]
  allowGuest?: boolean
  /** How many files its multipart form may carry (default none); the handler finds them in `ctx.uploads`. */
  files?: number
  /**
   * Asked when the first file begins to come, with the fields that came before it and a context that only reads:
   * what would be refused in any case is then not received. Its arguments are unchecked, and a form may name the
   * rest after its files: the handler must ask again (`checkUpload`).
   */
  admitFiles?: (args: Record<string, unknown>, ctx: Context) => Promise<FileLimits> | FileLimits
  /**
   * Called before the transaction of a method that writes, once, with a context that only reads: for refusals, and for
   * slow work on `ctx.uploads` that must not hold anybody up.
   */
  prepare?: (args: Static<Input>, ctx: Context) => Promise<void>
  /** Texts that guests send are taken as they come; else HTML in them is made harmless (Frappe's `xss_safe`). */
  xssSafe?: boolean
  /** How often one user, or one address, may call it. */
  rateLimit?: RateLimit
  /** Arguments; strings of a form or query are turned into the types named here before they are checked. */
  input: Input
  /** What it does, in a sentence or two, for its documentation (`/api/docs`). */
  summary?: string
  /**
   * What it answers, for its documentation (`/api/docs`) and for tests that hold it to that; a call is not slowed
   * down by checking it.
   */
  output?: TSchema
  handler: (args: Static<Input>, ctx: Context) => Promise<Output> | Output
  /**
   * Asked when a handler that writes has failed and its transaction is rolled back, with a context that only reads:
   * what it answers stands in for the failure. For writes that had been made already, by an earlier try.
   */
  recover?: (args: Static<Input>, ctx: Context) => Promise<Awaited<Output> | undefined>
  /**
   * The method that these arguments really mean, where one name stands for several of which some write; undefined
   * for this one. Asked before anything is checked: it must only look things up.
   */
  variant?: (args: Record<string, unknown>, registry: Registry) => Method | undefined
}

const brand = Symbol.for('@f-chat/desk.method')

/** A whitelisted method as the site calls it. */
export interface Method {
  readonly name: string
  readonly aliases: readonly string[]
  readonly writes: boolean
  readonly verbs: readonly Verb[]
  readonly allowGuest: boolean
  readonly rateLimit?: RateLimit
  /** How many files a call may carry. */
  readonly files: number
  readonly input: TObject
  /** See {@link MethodDefinition.admitFiles}. */
  admitFiles?(args: Record<string, unknown>, ctx: Context): Promise<FileLimits> | FileLimits
  /** See {@link MethodDefinition.prepare}. */
  prepare?(args: Record<string, unknown>, ctx: Context): Promise<void>
  readonly summary?: string
  readonly output?: TSchema
  call(args: Record<string, unknown>, ctx: Context): Promise<unknown>
  /** See {@link MethodDefinition.recover}; undefined where there is nothing to answer instead. */
  recover?(args: Record<string, unknown>, ctx: Context): Promise<unknown>
  /** See {@link MethodDefinition.variant}. */
  variant?(args: Record<string, unknown>, registry: Registry): Method | undefined
}

const READING: readonly Verb[] = ['GET', 'POST', 'PUT', 'DELETE']
const WRITING: readonly Verb[] = ['POST', 'PUT']

/** A method with its types, for the client to import. */
export interface TypedMethod<Args, Output> extends Method {
  readonly types?: { args: Args; output: Output }
}

/** Makes a function callable from outside. Its arguments are checked against `input`; undeclared ones are dropped. */
export function defineMethod<const Input extends TObject, Output>(
  definition: MethodDefinition<Input, Output>,
): TypedMethod<Static<Input>, Awaited<Output>> {
  const read = argsReader(definition.input)
  const { admitFiles, prepare, recover, variant, rateLimit, output, summary, xssSafe = false } = definition
  const readFrom = async (args: Record<string, unknown>, ctx: Context): Promise<Static<Input>> => {
    const given = read(args)
    return ctx.user === GUEST && !xssSafe ? await sanitizeGuestArgs(given) : given
  }
  const method: TypedMethod<Static<Input>, Awaited<Output>> = {
    name: definition.name,
    aliases: definition.aliases ?? [],
    writes: definition.writes ?? false,
    verbs: definition.verbs ?? (definition.writes ? WRITING : READING),
    allowGuest: definition.allowGuest ?? false,
    files: definition.files ?? 0,
    input: definition.input,
    call: async (args, ctx) => await definition.handler(await readFrom(args, ctx), ctx),
    ...(summary ? { summary } : {}),
    ...(output ? { output } : {}),
    ...(rateLimit ? { rateLimit } : {}),
    ...(admitFiles ? { admitFiles } : {}),
    ...(prepare ? { prepare: async (args, ctx) => prepare(await readFrom(args, ctx), ctx) } : {}),
    ...(recover ? { recover: async (args, ctx) => await recover(await readFrom(args, ctx), ctx) } : {}),
    ...(variant ? { variant } : {}),
  }
  Object.defineProperty(method, brand, { value: true })
  return method
}

/** Turns arguments as they arrive into those of the schema. @throws ValidationError that says which one is wrong */
export function argsReader<Input extends TObject>(
  input: Input,
): (args: Record<string, unknown>) => Static<Input> {
  const check = Compile(input)
  return (args) => {
    const coerced = coerceArgs(input, args)
    if (!check.Check(coerced)) throw new ValidationError(explain(check.Errors(coerced)))
    return coerced
  }
}

export function isMethod(value: unknown): value is Method {
  return typeof value === 'object' && value !== null && brand in value
}

/**
 * Arguments as they arrive (JSON values, or strings of a form or query) in the types of the schema: JSON text for
 * lists and objects, digits for numbers, 1/0/true/false for flags, null for "not given", and the empty text
 * too where it cannot be a value.
 */
export function coerceArgs(schema: TObject, args: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [key, property] of Object.entries(schema.properties)) {
    const value = Object.hasOwn(args, key) ? coerce(property, args[key], key) : undefined
    if (value !== undefined && value !== null) result[key] = value
  }
  return withDefaults(schema, result)
}

/** Copies where a schema has choices, and recurses into what it copies: a body of brackets would exhaust the stack. */
function withDefaults(schema: TObject, args: Record<string, unknown>): Record<string, unknown> {
  try {
    return Value.Default(schema, args) as Record<string, unknown>
  } catch (error) {
    if (error instanceof RangeError) throw new ValidationError('The arguments are nested too deeply.')
    throw error
  }
}

function coerce(schema: TSchema, value: unknown, path: string): unknown {
  const types = jsonTypes(schema)
  if (typeof value === 'string') {
    const text = value.trim()
    if (text === '' && !types.has('string')) return undefined
    if (types.has('string')) return value === '' && !Value.Check(schema, '') ? undefined : value
    if (types.has('array') || types.has('object')) return parseJson(text, path)
    if (types.has('integer') || types.has('number'))
      return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : value
    if (types.has('boolean')) return toFlag(text) ?? value
    return value
  }
  const isNumber = types.has('integer') || types.has('number')
  if (types.has('boolean') && !isNumber && typeof value === 'number') return toFlag(String(value)) ?? value
  if (typeof value === 'boolean' && !types.has('boolean') && isNumber) return value ? 1 : 0
  return value
}

function toFlag(text: string): boolean | undefined {
  if (/^(1|true|yes|on)$/i.test(text)) return true
  if (/^(0|false|no|off)$/i.test(text)) return false
  return undefined
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ValidationError(`${path} must be JSON.`)
  }
}

/** The JSON types that a schema accepts, through unions. */
function jsonTypes(schema: TSchema): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    if ('type' in part && typeof part.type === 'string') found.add(part.type)
    else if ('const' in part) found.add(typeof part.const)
    else if ('anyOf' in part && Array.isArray(part.anyOf)) part.anyOf.forEach(visit)
  }
  visit(schema)
  return found
}

interface SchemaProblem {
  instancePath: string
  keyword: string
  message: string
  params: object
}

function explain(problems: readonly SchemaProblem[]): string {
  const problem = problems[0]
  if (!problem) return 'The arguments are not valid.'
  if (problem.keyword === 'required' && 'requiredProperties' in problem.params) {
    const missing = problem.params.requiredProperties as string[]
    return `Missing argument: ${missing.join(', ')}.`
  }
  const field = problem.instancePath.replace(/^\//, '').replaceAll('/', '.')
  const choices = problems.flatMap((p) => ('allowedValue' in p.params ? [String(p.params.allowedValue)] : []))
  if (choices.length > 0) return `${field} must be one of ${choices.join(', ')}.`
  return `${field} ${problem.message}.`
}
