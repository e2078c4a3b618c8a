import type { CAC } from 'cac'
import { readConfig } from '../site/config.ts'
import { consoleLog } from './console-log.ts'
import { findBench } from './find-bench.ts'
import { prepare, type Serving } from './start.ts'
import { withSite, type SiteOption } from './with-site.ts'

interface StartFlags extends SiteOption {
  port?: number
  host?: string
}

interface SeedFlags extends SiteOption {
  users?: number
  rooms?: number
  messages?: number
}

export function serveCommands(cli: CAC): void {
  cli
    .command('start', 'Serve a site')
    .option('--port <port>', 'Port (default: PORT, or webserver_port of the config, 8000)')
    .option('--host <host>', 'Address to listen on (default: HOST, or 127.0.0.1)')
    .action(start)

  cli
    .command('seed-demo', 'Fill a site with plausible data')
    .option('--users <n>', 'How many people')
    .option('--rooms <n>', 'How many chat rooms')
    .option('--messages <n>', 'How many messages')
    .action(async (flags: SeedFlags) => {
      const size = Object.fromEntries(
        (['users', 'rooms', 'messages'] as const).flatMap((key) =>
          flags[key] === undefined ? [] : [[key, wholeNumber(key, flags[key])]],
        ),
      )
      await withSite(flags, async (site) => {
        for (const seed of site.registry.hooks((app) => app.seed_demo)) await seed(site, size)
      })
    })
}

function wholeNumber(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number.`)
  return value
}

async function start(flags: StartFlags): Promise<void> {
  const bench = findBench()
  const host = flags.host ?? process.env.HOST ?? '127.0.0.1'
  const serving = await prepare(bench, flags.site)
  const { webserver_port = 8000 } = await readConfig(bench.commonConfigFile)
  const port = Number(flags.port ?? process.env.PORT ?? serving.port ?? webserver_port)
  try {
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`The port must be a number from 0 to 65535: bench start --port N (or PORT=N).`)
    const address = await serving.listen({ port, host })
    serving.start()
    console.log(`${serving.subject} served at ${address}`)
    stopOnSignal(serving)
  } catch (error) {
    await serving.close()
    throw listenProblem(error, host, port)
  }
}

function stopOnSignal(serving: Serving): void {
  const stop = (): void => {
    serving.close().catch((error: unknown) => {
      consoleLog.error({ err: error }, 'while stopping')
      process.exitCode = 1
    })
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function listenProblem(error: unknown, host: string, port: number): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new Error(
        `Port ${String(port)} on ${host} is in use. Stop what uses it, or choose another: bench start --port N (or PORT=N).`,
      )
    case 'EACCES':
      return new Error(
        `Port ${String(port)} may not be used by this user. Choose one above 1023: bench start --port N (or PORT=N).`,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Error(
        `${host} is not an address of this machine. Choose another: bench start --host H (or HOST=H).`,
      )
    default:
      return error
  }
}
