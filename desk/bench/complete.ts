import { existsSync, readdirSync } from 'node:fs'
import { GLOBAL_OPTIONS, type Command, type Completion } from './command.ts'
import { findBench } from './find-bench.ts'

/**
 * What the last word may become; asked by the shell at every Tab.
 * @param words after `bench`; the last is the one being typed, perhaps empty
 * @returns whole words; `:file` or `:folder` leaves it to the shell
 */
export async function complete(words: readonly string[], commands: readonly Command[]): Promise<string[]> {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const command = commands.find(({ name }) => before.includes(name))
  const options = [...GLOBAL_OPTIONS, ...(command?.options ?? [])]
  const waiting = options.find(({ flag, value }) => value && before.at(-1) === `--${flag}`)
  const candidates = waiting
    ? await values(waiting.complete)
    : typed.startsWith('-')
      ? options.map(({ flag }) => `--${flag}`)
      : command
        ? await values(argumentAt(command, before))
        : commands.map(({ name }) => name)
  return candidates.filter((word) => word.startsWith(typed) || word.startsWith(':'))
}

function argumentAt(command: Command, before: readonly string[]): Completion | undefined {
  const options = [...GLOBAL_OPTIONS, ...(command.options ?? [])]
  const after = before.slice(before.indexOf(command.name) + 1)
  const given = after.filter((word, at) => {
    const isValue = options.some(({ flag, value }) => value && after[at - 1] === `--${flag}`)
    return !word.startsWith('-') && !isValue
  })
  const specs = command.args ?? []
  const spec = specs[given.length] ?? specs.findLast(({ many }) => many)
  return spec?.complete
}

async function values(completion: Completion | undefined): Promise<readonly string[]> {
  if (completion === undefined) return []
  if (typeof completion !== 'string') return completion
  if (completion === 'file' || completion === 'folder') return [`:${completion}`]
  try {
    const bench = findBench()
    if (completion === 'app') return [...(await bench.apps()).keys()]
    return readdirSync(bench.sites).filter((name) => existsSync(bench.siteConfigFile(name)))
  } catch {
    // Outside a bench there is nothing to offer.
    return []
  }
}
