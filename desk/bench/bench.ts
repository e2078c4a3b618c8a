import { cac, type CAC } from 'cac'
import { explain } from './explain.ts'
import { appCommands } from './app-commands.ts'
import { benchCommands } from './bench-commands.ts'
import { serveCommands } from './serve-commands.ts'
import { siteCommands } from './site-commands.ts'
import { userCommands } from './user-commands.ts'

/** Every command of the CLI (interfaces.md); each group adds its own. */
function commandLine(): CAC {
  const cli = cac('bench')
  cli.option('--site <site>', 'The site to work on; else FRAPPE_SITE, or what "bench use" chose')
  cli.option('--verbose', 'With an error, show where it came from')
  benchCommands(cli)
  siteCommands(cli)
  appCommands(cli)
  userCommands(cli)
  serveCommands(cli)
  cli.help()
  return cli
}

async function main(): Promise<void> {
  const cli = commandLine()
  try {
    cli.parse(process.argv, { run: false })
    const { help } = cli.options as { help?: boolean }
    if (help) return
    if (!cli.matchedCommand) {
      const [unknown] = cli.args
      if (unknown === undefined) {
        cli.outputHelp()
        return
      }
      throw new Error(`There is no command "${unknown}". "bench --help" lists them.`)
    }
    await cli.runMatchedCommand()
  } catch (error) {
    const verbose = process.argv.includes('--verbose')
    const { stack } = error instanceof Error ? error : new Error(String(error))
    process.stderr.write(`${verbose ? stack : explain(error)}\n`)
    process.exitCode = 1
  }
}

await main()
