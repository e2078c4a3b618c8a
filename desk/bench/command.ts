import type { Site } from '../site/site.ts'

/** What a word of the command line may be completed with. */
export type Completion = 'site' | 'app' | 'file' | 'folder' | readonly string[]

export interface OptionSpec {
  /** Without the dashes: `admin-password`. */
  flag: string
  short?: string
  /** What its value is called, such as `PASSWORD`; a switch has none. */
  value?: string
  help: string
  /** May be given several times. */
  many?: boolean
  /** An environment variable that stands for it: secrets need not stand on the command line, where others see them. */
  env?: string
  preset?: string
  complete?: Completion
}

export interface ArgumentSpec {
  name: string
  optional?: boolean
  /** Takes all words that are left. */
  many?: boolean
  complete?: Completion
}

/** Headings of `bench --help`, in their order; the last is that of the commands that a site's apps bring. */
export const GROUPS = [
  'Sites',
  'Apps',
  'People',
  'Backups',
  'Running',
  'Tools',
  "From the site's apps",
] as const

export interface Command {
  name: string
  group: (typeof GROUPS)[number]
  summary: string
  /** More than the summary says, in whole sentences. */
  details?: string
  args?: readonly ArgumentSpec[]
  options?: readonly OptionSpec[]
  /** Whole command lines. */
  examples?: readonly string[]
  run: (input: Input) => Promise<void> | void
}

/** How a command talks to whoever runs it. */
export interface CommandIo {
  /** A line of the outcome, on stdout. */
  print(line: string): void
  /** How far a step is: a bar at a terminal, a line now and then elsewhere. */
  progress(step: string, done: number, total: number): void
  /** Asks for a secret that is not shown. @param option what to pass where nobody can be asked */
  askSecret(question: string, option: string): Promise<string>
}

/** A command that an app brings to the CLI, for the sites that have the app (the hook `bench_commands`). */
export interface AppCommand extends Omit<Command, 'group' | 'run'> {
  /** Needs the site's tables for itself: no migrate, backup or other such command meanwhile. Serving may go on. */
  exclusive?: boolean
  /** What it throws is told in one line on stderr; `--verbose` adds the stack. */
  run: (site: Site, input: Input, io: CommandIo) => Promise<void>
}

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  {
    flag: 'site',
    value: 'SITE',
    help: 'The site to work on (else FRAPPE_SITE, what "bench use" chose, or the only one)',
    complete: 'site',
  },
  { flag: 'verbose', help: 'With an error, show where it came from' },
  { flag: 'help', short: 'h', help: 'Explain the command' },
]

/** The words of one command line, as they were typed: a password `0123` is not 123. */
export class Input {
  readonly args: readonly string[]
  readonly #specs: readonly OptionSpec[]
  readonly #given: ReadonlyMap<string, readonly string[]>

  constructor(
    args: readonly string[],
    given: ReadonlyMap<string, readonly string[]>,
    specs: readonly OptionSpec[],
  ) {
    this.args = args
    this.#given = given
    this.#specs = specs
  }

  /** An argument that the command cannot do without. */
  arg(at = 0): string {
    const word = this.args[at]
    if (word === undefined) throw new Error(`Argument ${String(at + 1)} is missing.`)
    return word
  }

  has(flag: string): boolean {
    return this.#given.has(flag)
  }

  /** The option's last value, else that of its environment variable, else what it is without. */
  text(flag: string): string | undefined {
    const { env, preset } = this.#specs.find((option) => option.flag === flag) ?? {}
    const fromEnv = env === undefined ? undefined : process.env[env]
    return this.#given.get(flag)?.at(-1) ?? (fromEnv === '' ? undefined : fromEnv) ?? preset
  }

  list(flag: string): readonly string[] {
    return this.#given.get(flag) ?? []
  }

  /** @throws where it is no whole number */
  wholeNumber(flag: string): number | undefined {
    const text = this.text(flag)
    if (text === undefined) return undefined
    const value = Number(text)
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
      throw new Error(`--${flag} takes a whole number, not "${text}".`)
    return value
  }

  get site(): string | undefined {
    return this.text('site')
  }
}
