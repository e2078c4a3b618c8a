import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import desk, { type DeskOptions, type HostUser } from '../../desk/index.ts'
import fChat from '../../hooks.ts'
import { Client } from './server.ts'

export const SITE = 'shop.localhost'

/** A bench's folder that does not exist yet; gone with the subtest. */
export function newBenchPath(t: Test): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'f-chat-embed-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return path.join(folder, 'bench')
}

/** Whom an application knows, by the value of its cookie `login`. */
export type People = Map<string, HostUser>

/** An application's own idea of who its users are. */
export const byCookie =
  (people: People): NonNullable<DeskOptions['identify']> =>
  ({ headers }) =>
    people.get(/(?:^|; )login=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? '') ?? null

export interface Host {
  app: FastifyInstance
  url: string
  host: string
  benchPath: string
  /** Somebody at a browser: `login` is the cookie of the application. */
  client(login?: string): Client
}

/**
 * An application with F-Chat in it, behind a real port until the subtest ends.
 * @param build adds to the application, before desk is registered and after
 */
export async function embed(
  t: Test,
  options: Partial<DeskOptions>,
  build: { before?: (app: FastifyInstance) => unknown; after?: (app: FastifyInstance) => unknown } = {},
): Promise<Host> {
  const benchPath = options.benchPath ?? newBenchPath(t)
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  await build.before?.(app)
  await app.register(desk, { benchPath, site: SITE, apps: [fChat], create: true, ...options })
  await build.after?.(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const host = `127.0.0.1:${String((app.server.address() as AddressInfo).port)}`
  const url = `http://${host}`
  return {
    app,
    url,
    host,
    benchPath,
    client(login) {
      const client = new Client(url)
      if (login !== undefined) client.jar.set('login', login)
      return client
    },
  }
}
