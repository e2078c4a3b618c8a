import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance } from 'fastify'
import { createPool, type Pool } from 'mariadb'
import { createDatabase, type DatabaseConfig } from '../../desk/db/index.ts'
import { createServer } from '../../desk/http/server.ts'
import { openThings } from './thing-app.ts'

/** One of the two servers that `rest` compares, in a process of its own: tells its port to the parent. */

const [variant = '', json = '{}'] = process.argv.slice(2)
const config = JSON.parse(json) as DatabaseConfig

const SESSION =
  'select s.user, s.sessiondata, s.lastupdate, u.full_name, u.user_type from `tabSessions` s' +
  ' join `tabUser` u on u.name = s.user where s.sid = ? and u.enabled = 1'

/** The session, then the rows, with the connector alone. */
async function bareServer(): Promise<FastifyInstance> {
  const pool = createPool({
    socketPath: config.db_socket ?? '',
    user: config.db_user ?? '',
    password: config.db_password ?? '',
    database: config.db_name,
    connectionLimit: config.pool_size ?? 10,
    dateStrings: true,
    bigIntAsNumber: true,
    decimalAsNumber: true,
  })
  const server = Fastify({ logger: false })
  await server.register(cookie)
  const known = async (sid: string | undefined): Promise<boolean> => {
    const id = createHash('sha256')
      .update(sid ?? '')
      .digest('hex')
    return (await rows(pool, SESSION, [id])).length > 0
  }
  server.get<{ Params: { name: string } }>('/api/resource/Thing/:name', async (request, reply) => {
    if (!(await known(request.cookies.sid))) return reply.status(403).send({})
    const [row] = await rows(pool, 'select * from `tabThing` where name = ?', [request.params.name])
    return { data: row }
  })
  server.get('/api/resource/Thing', async (request, reply) => {
    if (!(await known(request.cookies.sid))) return reply.status(403).send({})
    const fields = 'name, title, status, amount, due, modified'
    return {
      data: await rows(pool, `select ${fields} from \`tabThing\` order by modified desc limit 20`, []),
    }
  })
  server.addHook('onClose', () => pool.end())
  return server
}

async function rows(pool: Pool, sql: string, values: string[]): Promise<unknown[]> {
  return await pool.query<unknown[]>(sql, values)
}

async function deskServer(): Promise<FastifyInstance> {
  return await createServer({ site: await openThings(createDatabase(config), 1), build: 'bench' })
}

const server = variant === 'bare' ? await bareServer() : await deskServer()
await server.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ port: (server.server.address() as AddressInfo).port })
