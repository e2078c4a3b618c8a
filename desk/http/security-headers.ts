import helmet, { type FastifyHelmetOptions } from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

/** What pages may use of the machine: calls need camera, microphone and screen, in pages of the site alone. */
const PERMISSIONS = [
  ...['camera', 'microphone', 'display-capture', 'fullscreen', 'autoplay', 'clipboard-write'].map(
    (name) => `${name}=(self)`,
  ),
  ...['geolocation', 'payment', 'usb', 'serial', 'bluetooth', 'midi'].map((name) => `${name}=()`),
].join(', ')

const A_YEAR = 31_536_000

const HEADERS: FastifyHelmetOptions = {
  strictTransportSecurity: false,
  crossOriginEmbedderPolicy: false,
  referrerPolicy: { policy: 'no-referrer' },
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      mediaSrc: ["'self'", 'blob:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'self'"],
    },
  },
}

/** The headers that protect pages: nothing inline, nothing from elsewhere, framed by the site alone. */
export async function securityHeaders(server: FastifyInstance): Promise<void> {
  if (server.hasReplyDecorator('helmet')) {
    // What an application has set for its own pages gives way in those of desk.
    server.addHook('onRequest', (_request, reply, done) => {
      reply.helmet(HEADERS)
      done()
    })
  } else await server.register(helmet, { global: true, ...HEADERS })
  server.addHook('onRequest', async (request, reply) => {
    void reply.header('Permissions-Policy', PERMISSIONS)
    // Said over https only: what a site is reached by is the proxy's matter, and known where it is trusted.
    if (request.protocol === 'https')
      void reply.header('Strict-Transport-Security', `max-age=${String(A_YEAR)}`)
    await Promise.resolve()
  })
}
