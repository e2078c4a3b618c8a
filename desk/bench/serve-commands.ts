import { readConfig } from '../site/config.ts'
import type { Command, Input } from './command.ts'
import { consoleLog } from './console-log.ts'
import { findBench } from './find-bench.ts'
import { withProgress } from './progress.ts'
import { prepare, type Serving } from './start.ts'
import { withSite } from './with-site.ts'

export const serveCommands: readonly Command[] = [
  {
    name: 'start',
    group: 'Running',
    summary: 'Serve a site, or every site of the bench by its host name',
    details:
      'The site that --site or FRAPPE_SITE names, or the only one, is served whatever name it is called by.',
    options: [
      {
        flag: 'port',
        value: 'PORT',
        help: 'Port (else webserver_port of the config, or 8000)',
        env: 'PORT',
      },
      { flag: 'host', value: 'ADDRESS', help: 'Address to listen on', env: 'HOST', preset: '127.0.0.1' },
    ],
    examples: ['bench start', 'bench --site shop.example start --host 0.0.0.0 --port 8080'],
    run: start,
  },
  {
    name: 'seed-demo',
    group: 'Tools',
    summary: 'Fill a site with plausible data, for demos and load tests',
    options: [
      { flag: 'users', value: 'N', help: 'How many people' },
      { flag: 'rooms', value: 'N', help: 'How many chat rooms' },
      { flag: 'messages', value: 'N', help: 'How many messages' },
    ],
    examples: ['bench seed-demo --users 50 --rooms 20 --messages 10000'],
    run: seedDemo,
  },
]

async function seedDemo(input: Input): Promise<void> {
  const size = Object.fromEntries(
    (['users', 'rooms', 'messages'] as const).flatMap((key) => {
      const wanted = input.wholeNumber(key)
      return wanted === undefined ? [] : [[key, wanted]]
    }),
  )
  await withSite(input, (site) =>
    withProgress(async (progress) => {
      const seeds = site.registry.apps.filter(({ definition }) => definition.seed_demo)
      for (const { definition } of seeds) {
        const told = (done: number, total: number): void => {
          progress(definition.title, done, total)
        }
        told(0, 1)
        await definition.seed_demo?.(site, size, told)
        told(1, 1)
      }
    }),
  )
}

async function start(input: Input): Promise<void> {
  const bench = findBench()
  const host = input.text('host') ?? '127.0.0.1'
  const serving = await prepare(bench, input.site)
  const { webserver_port = 8000 } = await readConfig(bench.commonConfigFile)
  const port = Number(input.text('port') ?? serving.port ?? webserver_port)
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
