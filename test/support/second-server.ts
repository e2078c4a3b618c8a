import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Test } from 'tap'
import type { DatabaseConfig } from '../../desk/db/index.ts'
import { line } from './bench-cli.ts'
import { Client } from './server.ts'

/** A server of the same site in another process, until the subtest ends. */
export interface SecondServer {
  url: string
  /** A browser there that is logged in as it is here: sessions are the database's. */
  like: (client: Client) => Client
}

export async function secondServer(t: Test, database: DatabaseConfig): Promise<SecondServer> {
  const script = path.join(import.meta.dirname, 'chat-process.ts')
  const child = spawn(process.execPath, ['--import=tsx', '--conditions=f-chat-source', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, CHAT_DATABASE: JSON.stringify(database) },
  })
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.stdin.end()
    await ended
  })
  const url = await line(child, /^http/)
  return {
    url,
    like(client) {
      const there = new Client(url)
      for (const [name, value] of client.jar) there.jar.set(name, value)
      return there
    },
  }
}
