import { parseArgs } from 'node:util'
import { GLOBAL_OPTIONS, Input, type Command, type OptionSpec } from './command.ts'
import { nearest } from './nearest.ts'

/** What a command line asks for. */
export type Request =
  { do: 'help'; command?: Command } | { do: 'run'; command: Command; input: Input } | { do: 'nothing' }

/**
 * Reads a command line.
 * @param argv without node and script
 * @param problem why the commands of a site's apps are not among them
 * @throws with what to type instead
 */
export function parse(argv: readonly string[], commands: readonly Command[], problem?: string): Request {
  const name = commandWord(argv)
  if (name === undefined) {
    const { given } = readWords(argv, GLOBAL_OPTIONS, 'bench')
    return { do: given.has('help') ? 'help' : 'nothing' }
  }
  const word = argv[name] ?? ''
  const rest = argv.filter((_, at) => at !== name)
  if (word === 'help') return helpOn(rest, commands, problem)
  const command = commands.find((one) => one.name === word)
  if (!command) throw new Error(unknownCommand(word, commands, problem))
  const specs = [...GLOBAL_OPTIONS, ...(command.options ?? [])]
  const { given, args } = readWords(rest, specs, command.name)
  if (given.has('help')) return { do: 'help', command }
  checkArguments(command, args)
  return { do: 'run', command, input: new Input(args, given, specs) }
}

/** Where the command's name stands: the first word that is neither an option nor the value of one. */
export function commandWord(argv: readonly string[]): number | undefined {
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    if (!word.startsWith('-')) return at
    if (GLOBAL_OPTIONS.some(({ flag, value }) => value && word === `--${flag}`)) at += 1
  }
  return undefined
}

function helpOn(words: readonly string[], commands: readonly Command[], problem?: string): Request {
  const at = commandWord(words)
  const word = at === undefined ? undefined : words[at]
  if (word === undefined) return { do: 'help' }
  const command = commands.find((one) => one.name === word)
  if (!command) throw new Error(unknownCommand(word, commands, problem))
  return { do: 'help', command }
}

function unknownCommand(word: string, commands: readonly Command[], problem: string | undefined): string {
  const meant = nearest(
    word,
    commands.map(({ name }) => name),
  )
  return `There is no command "${word}".${meant ? ` Did you mean "${meant}"?` : ''} "bench --help" lists them.${
    problem === undefined ? '' : ` Those of apps come with a site. ${problem}`
  }`
}

function readWords(
  words: readonly string[],
  specs: readonly OptionSpec[],
  command: string,
): { given: Map<string, string[]>; args: string[] } {
  const { tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      specs.map(({ flag, short, value }) => [
        flag,
        { type: value ? ('string' as const) : ('boolean' as const), ...(short ? { short } : {}) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<string, string[]>()
  const args: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind !== 'option') continue
    const spec = specs.find(({ flag }) => flag === token.name)
    if (!spec) throw new Error(unknownOption(token.rawName, specs, command))
    given.set(spec.flag, [...(given.get(spec.flag) ?? []), valueOf(spec, token, specs)])
  }
  return { given, args }
}

function valueOf(
  spec: OptionSpec,
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
  specs: readonly OptionSpec[],
): string {
  const { value, inlineValue } = token
  if (!spec.value) {
    if (inlineValue) throw new Error(`${token.rawName} takes no value.`)
    return ''
  }
  const isOption = !inlineValue && specs.some(({ flag }) => value === `--${flag}`)
  if (value === undefined || isOption)
    throw new Error(`${token.rawName} needs a value: ${token.rawName} ${spec.value}.`)
  if (typeof spec.complete === 'object' && !spec.complete.includes(value))
    throw new Error(`${token.rawName} is ${spec.complete.join(' or ')}, not "${value}".`)
  return value
}

function unknownOption(raw: string, specs: readonly OptionSpec[], command: string): string {
  const meant = nearest(
    raw.replace(/^-+/, ''),
    specs.map(({ flag }) => flag),
  )
  const help = command === 'bench' ? 'bench --help' : `bench ${command} --help`
  return `There is no option ${raw}.${meant ? ` Did you mean --${meant}?` : ''} "${help}" lists them.`
}

function checkArguments(command: Command, args: readonly string[]): void {
  const specs = command.args ?? []
  const missing = specs.find((spec, at) => !spec.optional && args[at] === undefined)
  if (missing)
    throw new Error(`${command.name} needs ${missing.name}. "bench ${command.name} --help" explains it.`)
  const extra = specs.some(({ many }) => many) ? undefined : args[specs.length]
  if (extra !== undefined)
    throw new Error(
      `${command.name} does not know what to do with "${extra}". Quote words that belong together.`,
    )
}
