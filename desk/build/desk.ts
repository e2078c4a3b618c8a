import path from 'node:path'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { writeDocTypeTypes } from './app.ts'
import { buildBrowserCode } from './browser-code.ts'
import { runBuild } from './run.ts'
import { bundleServerCode } from './server-code.ts'
import { writeOutputs } from './write-outputs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Builds desk itself, from its sources: the server API, the CLI, the browser API and its pages' own files. */
export async function buildDesk(): Promise<void> {
  await writeDocTypeTypes(root)
  // lucide has a module for every icon: the few that pages use are taken in, so that a start does not read them all.
  const server = await bundleServerCode(root, ['index.ts', 'bench/bench.ts'], ['lucide'])
  const client = await runBuild({
    absWorkingDir: root,
    entryPoints: { client: 'client/index.ts' },
    outdir: path.join(root, 'dist'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    packages: 'external',
    loader: { '.css': 'text' },
  })
  await writeOutputs(path.join(root, 'dist'), [...server, ...client])
  const outdir = path.join(root, 'public', 'dist')
  const pages = [
    'desk.ts',
    'login.ts',
    'password.ts',
    'theme.ts',
    'api-docs.ts',
    'api-docs.css',
    'base.css',
    'desk.css',
    'login.css',
    'inter.css',
  ]
  const entries = [...pages.map((name) => `web/client/${name}`), 'client/tokens.css']
  const favicon = await readFile(path.join(root, 'web', 'client', 'favicon.svg'))
  await buildBrowserCode({ root, entries, outdir }, [
    { path: path.join(outdir, 'favicon.svg'), contents: favicon },
  ])
}
