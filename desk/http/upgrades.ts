import { Server, ServerResponse, type IncomingMessage, type Server as HttpServer } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import { CloseCode } from '../realtime/frames.ts'

/** Frames above the limit are answered with a close code of ours; far above it ws itself ends the socket. */
const MOST_PAYLOAD = 8 * 1024 * 1024

/**
 * Lets routes of a scope take sockets.
 * @param path where the sockets of an embedded desk come; without it, the server is desk's alone
 */
export async function acceptSockets(server: FastifyInstance, path?: string): Promise<void> {
  // Sockets of the application's own plugin reach routes of desk, too.
  if (server.hasDecorator('websocketServer')) return
  await server.register(websocket, {
    options: {
      maxPayload: MOST_PAYLOAD,
      perMessageDeflate: false,
      ...(path === undefined ? {} : { server: gateTo(server, path) }),
    },
    preClose(done) {
      for (const socket of server.websocketServer.clients) socket.close(CloseCode.restart, 'restart')
      server.websocketServer.close(done)
    },
  })
  if (path === undefined) return
  server.addHook('onReady', (done) => {
    const parent = Object.getPrototypeOf(server) as object
    done(
      'websocketServer' in parent
        ? new Error(
            'Register @fastify/websocket before desk, which then uses it: both would answer a socket.',
          )
        : undefined,
    )
  })
}

/** Which of the desks in an application takes a socket, by its address. */
const gates = new WeakMap<object, Map<string, Server>>()

/**
 * The upgrades of one address as a server of their own, so that the plugin for sockets takes no others.
 */
function gateTo(scope: FastifyInstance, path: string): Server {
  const { server } = scope
  const paths = gates.get(server) ?? listenTo(scope, server)
  const gate = new Server()
  paths.set(path, gate)
  return gate
}

function listenTo(scope: FastifyInstance, server: HttpServer): Map<string, Server> {
  const paths = new Map<string, Server>()
  gates.set(server, paths)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const gate = paths.get(request.url?.split('?', 1)[0] ?? '')
    if (gate) gate.emit('upgrade', request, socket, head)
    // Where nobody else takes upgrades Node answered such a request as any other before desk came.
    else if (server.listenerCount('upgrade') === 1) answerPlainly(scope, request, socket)
  })
  return paths
}

function answerPlainly(scope: FastifyInstance, request: IncomingMessage, socket: Duplex): void {
  if (!(socket instanceof Socket)) {
    socket.destroy()
    return
  }
  socket.on('error', () => socket.destroy())
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.on('finish', () => socket.end())
  response.assignSocket(socket)
  scope.routing(request, response)
}
