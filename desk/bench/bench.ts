import { appCommandsFor } from './app-offers.ts'
import { commands } from './commands.ts'
import { complete } from './complete.ts'
import { explain } from './explain.ts'
import { explainCommand, overview } from './help.ts'
import { parse } from './parse.ts'

/** What the shells' completion asks for; see completion-scripts.ts. */
const COMPLETE = '__complete'

async function main(argv: readonly string[]): Promise<void> {
  try {
    if (argv[0] === COMPLETE) {
      const words = argv.slice(1)
      const offered = await appCommandsFor(words.slice(0, -1), commands)
      for (const word of await complete(words, [...commands, ...offered.commands])) console.log(word)
      return
    }
    const offered = await appCommandsFor(argv, commands)
    const known = [...commands, ...offered.commands]
    const request = parse(argv, known, offered.problem)
    if (request.do === 'run') await request.command.run(request.input)
    else if (request.do === 'help' && request.command) console.log(explainCommand(request.command))
    else console.log(overview(known))
  } catch (error) {
    const { stack } = error instanceof Error ? error : new Error(String(error))
    process.stderr.write(`${argv.includes('--verbose') ? stack : explain(error)}\n`)
    process.exitCode = 1
  }
}

await main(process.argv.slice(2))
