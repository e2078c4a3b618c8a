import path from 'node:path'
import { copyFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { writeDocTypeTypes } from './app.ts'
import { buildBrowserCode } from './browser-code.ts'
import { runBuild } from './run.ts'
import { buildServerCode } from './server-code.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Builds desk itself, from its sources: the server API, the CLI, the browser API and its pages' own files. */
export async function buildDesk(): Promise<void> {
  await writeDocTypeTypes(root)
  // lucide has a module for every icon: the few that pages use are taken in, so that a start does not read them all.
  await buildServerCode(root, ['index.ts', 'bench/bench.ts'], ['lucide'])
  await runBuild({
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
  const outdir = path.join(root, 'public', 'dist')
  const pages = ['desk.ts', 'login.ts', 'password.ts', 'theme.ts', 'base.css', 'desk.css', 'login.css', 'inter.css']
  await buildBrowserCode({
    root,
    entries: [...pages.map((name) => `web/client/${name}`), 'client/tokens.css'],
    outdir,
  })
  await copyFile(path.join(root, 'web', 'client', 'favicon.svg'), path.join(outdir, 'favicon.svg'))
}
