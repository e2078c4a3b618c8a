import { type Static, type TObject, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Context } from '../context.ts'
import { ValidationError } from '../errors.ts'
import type { Site } from '../site/site.ts'

/** One run of a job: where it works, and how it is told to stop. */
export interface JobRun {
  readonly site: Site
  /** 1 for the first try. */
  readonly attempt: number
  /**
   * Aborted when the job's time is over or the process stops; long work looks at it between its steps, with
   * `signal.throwIfAborted()`: a run that returns has done its work.
   */
  readonly signal: AbortSignal
  /** Work that only reads, as the user who asked for the job. */
  readonly read: <T>(work: (ctx: Context) => Promise<T>) => Promise<T>
  /** Work in one transaction, as the user who asked for the job. */
  readonly write: <T>(work: (ctx: Context) => Promise<T>) => Promise<T>
}

export interface JobDefinition<Input extends TObject> {
  /** Dotted path, like a method's: `f_chat.tasks.cleanup_stale_users`. */
  name: string
  /** Its arguments, which travel as JSON. */
  input?: Input
  /** How often a run that failed is tried again, with growing pauses (default 3). */
  retries?: number
  /** Seconds after which a run is given up (default 300). */
  timeout?: number
  /** May run more than once for one request (a process may die in the middle): make it safe to repeat. */
  handler: (args: Static<Input>, run: JobRun) => Promise<void>
}

const brand = Symbol.for('@f-chat/desk.job')

/** Work in the background, as the site runs it. */
export interface Job<Args = Record<string, unknown>> {
  readonly name: string
  readonly retries: number
  /** Seconds. */
  readonly timeout: number
  /** The arguments as they are stored. @throws ValidationError */
  check(args: Args): Record<string, unknown>
  run(args: Record<string, unknown>, run: JobRun): Promise<void>
}

/** Makes a function that the site can run in the background, on a schedule (`scheduler_events`) or when asked. */
export function defineJob<const Input extends TObject = TObject>(
  definition: JobDefinition<Input>,
): Job<Static<Input>> {
  const schema: TObject = definition.input ?? Type.Object({})
  const validator = Compile(schema)
  const check = (args: unknown): Record<string, unknown> => {
    if (validator.Check(args)) return args
    throw new ValidationError(`The arguments of the job ${definition.name} are not what it takes.`)
  }
  const job: Job<Static<Input>> = {
    name: definition.name,
    retries: definition.retries ?? 3,
    timeout: definition.timeout ?? 300,
    check,
    run: (args, run) => definition.handler(check(args) as Static<Input>, run),
  }
  Object.defineProperty(job, brand, { value: true })
  return job
}

export function isJob(value: unknown): value is Job {
  return typeof value === 'object' && value !== null && brand in value
}
