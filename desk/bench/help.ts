import { GLOBAL_OPTIONS, GROUPS, type ArgumentSpec, type Command, type OptionSpec } from './command.ts'

/** Every command by its group. */
export function overview(commands: readonly Command[]): string {
  const groups = GROUPS.flatMap((group) => {
    const members = commands.filter((command) => command.group === group)
    if (members.length === 0) return []
    return [`${group}\n${columns(members.map((command) => [head(command), command.summary]))}`]
  })
  return [
    'bench [--site SITE] COMMAND …',
    ...groups,
    `Everywhere\n${columns(GLOBAL_OPTIONS.map(described))}`,
    '"bench COMMAND --help" explains a command. In a bench folder it is "npx bench".',
  ].join('\n\n')
}

/** One command: how it is called, what it does, its options and examples. */
export function explainCommand(command: Command): string {
  const options = command.options ?? []
  return [
    `bench ${head(command)}${options.length > 0 ? ' [options]' : ''}`,
    `${command.summary}.${command.details ? `\n${wrap(command.details, pageWidth())}` : ''}`,
    ...(options.length > 0 ? [`Options\n${columns(options.map(described))}`] : []),
    `Everywhere\n${columns(GLOBAL_OPTIONS.map(described))}`,
    ...(command.examples ? [`Examples\n${command.examples.map((one) => `  ${one}`).join('\n')}`] : []),
  ].join('\n\n')
}

const head = ({ name, args = [] }: Command): string => [name, ...args.map(argument)].join(' ')

function argument({ name, optional, many }: ArgumentSpec): string {
  const word = `${name}${many ? '…' : ''}`
  return optional ? `[${word}]` : word
}

function described({ flag, short, value, help, many, env, preset }: OptionSpec): [string, string] {
  const notes = [
    many ? 'may be given several times' : '',
    preset ? `else ${preset}` : '',
    env ? `or the environment variable ${env}` : '',
  ].filter((note) => note !== '')
  const names = `${short ? `-${short}, ` : ''}--${flag}${value ? ` ${value}` : ''}`
  return [names, `${help}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`]
}

/** Of the terminal, where there is one; a line longer than 100 is hard to read. */
const pageWidth = (): number => Math.min(100, Math.max(60, process.stdout.columns || 80))

/** Two columns; what is long goes on in the second. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const left = Math.min(pageWidth() < 90 ? 26 : 34, Math.max(...rows.map(([first]) => first.length)) + 2)
  return rows
    .map(([first, second]) => {
      const lines = wrap(second, pageWidth() - left - 2).split('\n')
      const opening = first.length < left ? [first.padEnd(left) + (lines.shift() ?? '')] : [first]
      return [...opening, ...lines.map((line) => ' '.repeat(left) + line)]
        .map((line) => `  ${line}`)
        .join('\n')
    })
    .join('\n')
}

function wrap(text: string, width: number): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}
