import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { createDatabase, type DatabaseConfig } from '../../desk/db/index.ts'
import { onMariaDbServer } from './databases.ts'
import { median, report, tell, type Figure } from './report.ts'
import { ADMIN_PASSWORD, thingSite } from './thing-app.ts'

/**
 * One document, and a list of 20, over HTTP with 50 connections, as a person who has logged in: desk against a
 * Fastify route that looks up the same session and sends the same SELECT with the connector. Each server has a
 * process to itself; they take turns.
 */
const CONNECTIONS = 50
const ROUNDS = 5
const ROUND_SECONDS = 4
const POOL = 10
const ROWS = 1000

const FIELDS = encodeURIComponent(JSON.stringify(['name', 'title', 'status', 'amount', 'due', 'modified']))

interface Running {
  url: string
  process: ChildProcess
}

async function start(variant: string, config: DatabaseConfig): Promise<Running> {
  const child = fork(
    fileURLToPath(new URL('rest-server.ts', import.meta.url)),
    [variant, JSON.stringify(config)],
    { execArgv: ['--import=tsx', '--conditions=f-chat-source'] },
  )
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return { url: `http://127.0.0.1:${String(port)}`, process: child }
}

async function stop({ process: child }: Running): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

/** @returns a document's name */
async function fill(config: DatabaseConfig): Promise<string> {
  const site = await thingSite(createDatabase(config), 1)
  try {
    return await site.asAdministrator(async (ctx) => {
      let name = ''
      for (let i = 0; i < ROWS; i++) {
        const doc = await ctx.insert('Thing', {
          title: `Thing ${String(i)}`,
          amount: i,
          due: '2026-12-01',
          responsible: 'Administrator',
          remarks: 'Short two boxes.',
        })
        name = doc.name
      }
      return name
    })
  } finally {
    await site.close()
  }
}

async function login(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/method/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ usr: 'Administrator', pwd: ADMIN_PASSWORD }),
  })
  const sid = answer.headers.getSetCookie().find((line) => line.startsWith('sid='))
  if (!sid) throw new Error(`The login failed: ${await answer.text()}`)
  return sid.split(';')[0] ?? ''
}

interface Measured {
  /** Requests a second. */
  rate: number
  p50: number
  p99: number
}

async function measure(url: string, cookie: string, seconds: number): Promise<Measured> {
  const result = await autocannon({ url, connections: CONNECTIONS, duration: seconds, headers: { cookie } })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${String(result.non2xx)} answers were no success.`)
  return { rate: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 }
}

async function compare(
  metric: string,
  path: string,
  desk: Running,
  bare: Running,
  cookie: string,
): Promise<Figure[]> {
  const rounds: { desk: Measured; bare: Measured }[] = []
  await measure(bare.url + path, cookie, 1)
  await measure(desk.url + path, cookie, 1)
  for (let round = 1; round <= ROUNDS; round++) {
    const taken = {
      bare: await measure(bare.url + path, cookie, ROUND_SECONDS),
      desk: await measure(desk.url + path, cookie, ROUND_SECONDS),
    }
    rounds.push(taken)
    tell(
      `${metric} round ${String(round)}: bare ${taken.bare.rate.toFixed(0)}/s, desk ${taken.desk.rate.toFixed(0)}/s`,
    )
  }
  const common = { name: 'rest' }
  const of = (variant: 'desk' | 'bare', key: keyof Measured): number =>
    median(rounds.map((round) => round[variant][key]))
  return [
    ...(['bare', 'desk'] as const).map((variant): Figure => ({
      ...common,
      variant,
      metric,
      value: of(variant, 'rate'),
      unit: '1/s',
      ...(variant === 'desk'
        ? { ratio_to: 'bare', ratio: median(rounds.map((round) => round.desk.rate / round.bare.rate)) }
        : {}),
    })),
    ...(['p50', 'p99'] as const).flatMap((key) =>
      (['bare', 'desk'] as const).map((variant): Figure => ({
        ...common,
        variant,
        metric: `${metric}, ${key}`,
        value: of(variant, key),
        unit: 'ms',
      })),
    ),
  ]
}

await onMariaDbServer(2 * POOL, async (server) => {
  const config = { ...server, pool_size: POOL }
  const name = await fill(config)
  const desk = await start('desk', config)
  const bare = await start('bare', config)
  try {
    const cookie = await login(desk.url)
    const one = `/api/resource/Thing/${name}`
    const list = `/api/resource/Thing?fields=${FIELDS}&limit_page_length=20`
    report([
      ...(await compare('one document', one, desk, bare, cookie)),
      ...(await compare('list of 20', list, desk, bare, cookie)),
    ])
  } finally {
    await Promise.all([stop(desk), stop(bare)])
  }
})
