import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import path from 'node:path'
import type { Test } from 'tap'

export const root = path.resolve(import.meta.dirname, '../..')
const cli = path.join(root, 'desk', 'bin', 'bench.js')

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  input?: string
  env?: Record<string, string>
  cwd?: string
}

/** A bench of its own in the clone, where desk's package is found; gone when the subtest ends. */
export class TestBench {
  readonly path: string

  constructor(folder: string) {
    this.path = folder
  }

  file(...parts: string[]): string {
    return path.join(this.path, ...parts)
  }

  /** Starts a command, for one that goes on. */
  spawn(args: readonly string[], { env = {}, cwd = this.path }: RunOptions = {}): ChildProcess {
    const { BENCH_PATH: _bench, FRAPPE_SITE: _site, NODE_OPTIONS: _options, ...own } = process.env
    return spawn(process.execPath, [cli, ...args], { cwd, env: { ...own, BENCH_PATH: this.path, ...env } })
  }

  /** Runs a command to its end. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const child = this.spawn(args, options)
    const outcome: Outcome = { code: null, stdout: '', stderr: '' }
    child.stdout?.on('data', (chunk: Buffer) => (outcome.stdout += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (outcome.stderr += chunk.toString()))
    child.stdin?.end(options.input ?? '')
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => {
        resolve({ ...outcome, code })
      })
    })
  }

  /** Runs a command that must work. @returns what it printed */
  async ok(t: Test, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options)
    t.same({ code, stderr }, { code: 0, stderr: '' }, `bench ${args.join(' ')}`)
    return stdout
  }

  /** Runs a command that must fail: not 0, and one line on stderr that fits. */
  async fails(t: Test, args: readonly string[], advice: RegExp, options: RunOptions = {}): Promise<void> {
    const { code, stderr } = await this.run(args, options)
    const said = `bench ${args.join(' ')}`
    t.not(code, 0, said)
    t.match(stderr, /^[^\n]+\n$/, `${said}: one line`)
    t.match(stderr, advice, said)
    t.notMatch(stderr, /\bat .+:\d+:\d+|undefined|NaN|\[object/, `${said}: for people`)
  }
}

/** Builds what the CLI runs, unless it is up to date. */
export function buildOnce(): void {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs', '--if-changed'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The build failed: ${stderr}`)
}

/** @param init whether `bench init` has made it */
export async function makeBench(t: Test, init = true): Promise<TestBench> {
  const home = path.join(root, '.artifacts')
  mkdirSync(home, { recursive: true })
  const folder = mkdtempSync(path.join(home, 'test-bench-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  const bench = new TestBench(path.join(folder, 'bench'))
  if (init) await bench.ok(t, ['init', bench.path], { cwd: folder })
  return bench
}

/** Waits for a line of a running command that fits. @throws where it ends before */
export async function line(child: ChildProcess, fits: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('no output')
  for await (const text of createInterface({ input: child.stdout })) if (fits.test(text)) return text
  throw new Error(`The command ended without ${String(fits)}.`)
}
