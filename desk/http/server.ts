import Fastify, { type FastifyInstance } from 'fastify'
import type { SiteConfig } from '../site/config.ts'
import { answerError } from './error-answers.ts'
import { BODY_LIMIT, serveSite, type ScopeOptions } from './scope.ts'

export interface ServerOptions extends ScopeOptions {
  /** Fastify's log, false for none. */
  log?: boolean
}

/** The HTTP and socket server of one site. Call `listen` on it; `close` drains sockets and requests. */
export async function createServer({ log = false, ...options }: ServerOptions): Promise<FastifyInstance> {
  const { site, build } = options
  const server = Fastify({
    logger: log ? { level: 'warn', redact: ['req.headers.cookie', 'req.headers.authorization'] } : false,
    bodyLimit: BODY_LIMIT,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 500 },
    forceCloseConnections: true,
    trustProxy: trustedProxies(site.config),
    // An address that cannot be decoded is answered before any hook or handler.
    frameworkErrors: (error, request, reply) => {
      void answerError(site, build, error, request, reply)
    },
  })
  await serveSite(server, options)
  return server
}

type Trusted = boolean | string | string[] | ((address: string, hop: number) => boolean)

/** A number is how many proxies there are. The CLI writes texts: they mean what they say. */
function trustedProxies({ trust_proxy: trusted = false }: SiteConfig): Trusted {
  if (typeof trusted === 'number' || (typeof trusted === 'string' && /^\d+$/.test(trusted))) {
    const proxies = Number(trusted)
    return (_address, hop) => hop < proxies
  }
  return typeof trusted === 'string' && /^(true|false)$/i.test(trusted)
    ? trusted.toLowerCase() === 'true'
    : trusted
}
