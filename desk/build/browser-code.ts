import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { deskRoot } from '../site/desk-root.ts'
import { runBuild } from './run.ts'
import { writeOutputs, type Output } from './write-outputs.ts'

export interface BrowserBuild {
  root: string
  /** Entry points relative to `root`. */
  entries: readonly string[]
  outdir: string
}

/** The modules in an app's `public/` that pages may include. */
export function publicEntries(root: string): string[] {
  const folder = path.join(root, 'public')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /\.(ts|js|css)$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => `public/${name}`)
}

/**
 * Bundles browser code: ES modules with shared chunks, minified; CSS imported by code becomes text.
 * @param more files that go along as they are
 */
export async function buildBrowserCode(build: BrowserBuild, more: readonly Output[] = []): Promise<void> {
  const { entries, outdir } = build
  const outputs =
    entries.length === 0 ? [] : [...(await bundleScripts(build)), ...(await bundleStyles(build))]
  await writeOutputs(outdir, [...outputs, ...more])
}

async function bundleScripts({ root, entries, outdir }: BrowserBuild): Promise<Output[]> {
  return await runBuild({
    absWorkingDir: root,
    entryPoints: entries.filter((entry) => !entry.endsWith('.css')),
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    sourcemap: true,
    // An app's folder may lie anywhere: desk's browser API is the one of the desk that builds.
    alias: { '@f-chat/desk/client': deskClient() },
    loader: { '.css': 'text' },
    legalComments: 'linked',
  })
}

/** From the sources where they are, so that the bundle takes only what it uses. */
function deskClient(): string {
  const source = path.join(deskRoot, 'client', 'index.ts')
  return existsSync(source) ? source : path.join(deskRoot, 'dist', 'client.js')
}

async function bundleStyles({ root, entries, outdir }: BrowserBuild): Promise<Output[]> {
  const styles = entries.filter((entry) => entry.endsWith('.css'))
  if (styles.length === 0) return []
  return await runBuild({
    absWorkingDir: root,
    entryPoints: styles,
    entryNames: '[name]',
    assetNames: '[name]-[hash]',
    outdir,
    bundle: true,
    minify: true,
    loader: { '.woff2': 'file' },
  })
}
