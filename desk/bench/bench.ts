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
      for (const word of await complete(argv.slice(1), commands)) console.log(word)
      return
    }
    const request = parse(argv, commands)
    if (request.do === 'run') await request.command.run(request.input)
    else if (request.do === 'help' && request.command) console.log(explainCommand(request.command))
    else console.log(overview(commands))
  } catch (error) {
    const { stack } = error instanceof Error ? error : new Error(String(error))
    process.stderr.write(`${argv.includes('--verbose') ? stack : explain(error)}\n`)
    process.exitCode = 1
  }
}

await main(process.argv.slice(2))
