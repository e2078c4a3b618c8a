import { spawn, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { constants, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const startSeconds = 30
const asRoot = process.getuid?.() === 0
const account = asRoot ? ['--user=mysql'] : []

/** The binaries are installed: Debian's and Ubuntu's package mariadb-server has them. */
export function hasMariaDb() {
  return serverBinary() !== undefined
}

function serverBinary() {
  return [
    '/usr/sbin/mariadbd',
    '/usr/bin/mariadbd',
    '/usr/local/sbin/mariadbd',
    '/usr/local/bin/mariadbd',
  ].find((path) => existsSync(path))
}

/**
 * Starts a private server: its own data folder, socket and, when asked for, TCP port; the system's server and
 * configuration are left alone. Durability is MariaDB's default, so that benchmarks are honest.
 *
 * @param {{ dir?: string, port?: number, extra?: readonly string[] }} [options] `dir`: a folder for data and
 *   socket, kept after `stop`; `port`: also listen on 127.0.0.1; `extra`: more arguments for mariadbd
 * @returns {Promise<import('./mariadb-server.mjs').MariaDbServer>}
 */
export async function startMariaDb({ dir, port, extra = [] } = {}) {
  const binary = serverBinary()
  if (!binary) throw new Error('mariadbd is not installed: apt-get install mariadb-server')
  const home = dir ?? mkdtempSync(join(tmpdir(), 'f-chat-mariadb-'))
  mkdirSync(home, { recursive: true })
  const data = join(home, 'data')
  const socket = join(home, 'socket')
  const temporary = join(home, 'tmp')
  mkdirSync(temporary, { recursive: true })
  if (!existsSync(data)) createData(data)
  if (asRoot) execFileSync('chown', ['-R', 'mysql:', home])
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${socket}`,
    // Of its own: a server that starts clears away what another left in a shared one.
    `--tmpdir=${temporary}`,
    `--pid-file=${join(home, 'pid')}`,
    `--log-error=${join(home, 'error.log')}`,
    ...(port === undefined ? ['--skip-networking'] : [`--port=${port}`, '--bind-address=127.0.0.1']),
    '--innodb-buffer-pool-size=128M',
    '--performance-schema=OFF',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_ci',
    ...account,
    ...extra,
  ]
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let server

  async function start() {
    server = spawn(binary ?? '', args, { stdio: 'ignore' })
    await untilItListens(server, socket, join(home, 'error.log'))
  }

  /** @param {NodeJS.Signals} signal */
  async function end(signal) {
    const running = server
    server = undefined
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill(signal)
    await gone
  }

  process.once('exit', () => server?.kill('SIGKILL'))
  await start()
  return {
    socket,
    port,
    user: 'root',
    password: '',
    start,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      await start()
    },
    async stop() {
      await end('SIGTERM')
      if (!dir) rmSync(home, { recursive: true, force: true })
    },
  }
}

/**
 * Fresh system tables take most of a second to make: they are made once for each server version, and copied.
 *
 * @param {string} data
 */
function createData(data) {
  const version = execFileSync(serverBinary() ?? '', ['--version'], { encoding: 'utf8' })
  const label = /\d+\.\d+\.\d+/.exec(version)?.[0] ?? 'unknown'
  const template = join(tmpdir(), `f-chat-mariadb-template-${label}-${process.getuid?.() ?? 0}`)
  if (!existsSync(template)) {
    const fresh = mkdtempSync(`${template}-`)
    if (asRoot) execFileSync('chown', ['mysql:', fresh])
    const install = ['--no-defaults', `--datadir=${fresh}`, ...account]
    execFileSync(
      'mariadb-install-db',
      [...install, '--auth-root-authentication-method=normal', '--skip-test-db'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    try {
      renameSync(fresh, template)
    } catch {
      // Another process was faster: its template is as good.
      rmSync(fresh, { recursive: true, force: true })
    }
  }
  cpSync(template, data, { recursive: true, mode: constants.COPYFILE_FICLONE })
}

/**
 * @param {import('node:child_process').ChildProcess} server
 * @param {string} socket
 * @param {string} log
 */
async function untilItListens(server, socket, log) {
  const deadline = Date.now() + startSeconds * 1000
  while (!(await accepts(socket))) {
    if (server.exitCode !== null || server.signalCode !== null || Date.now() > deadline) {
      server.kill('SIGKILL')
      throw new Error(`MariaDB did not start within ${startSeconds} s: see ${log}`)
    }
    await delay(20)
  }
}

/**
 * @param {string} socket
 * @returns {Promise<boolean>}
 */
function accepts(socket) {
  return new Promise((resolve) => {
    const probe = createConnection(socket)
    // The server greets first; a socket that accepts without a greeting is still starting.
    probe.once('data', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
    probe.once('close', () => resolve(false))
  })
}
