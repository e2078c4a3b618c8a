import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { runBuild } from './run.ts'
import { writeOutputs, type Output } from './write-outputs.ts'

/** Modules that desk loads from an app by convention: the manifest, controllers, methods and jobs. */
function entryPoints(root: string): string[] {
  const controllers = folders(path.join(root, 'doctypes')).map((name) => `doctypes/${name}/${name}.ts`)
  const api = files(path.join(root, 'api')).map((name) => `api/${name}`)
  const jobs = files(path.join(root, 'jobs')).map((name) => `jobs/${name}`)
  return ['hooks.ts', ...controllers, ...api, ...jobs].filter((file) => existsSync(path.join(root, file)))
}

const folders = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((e) => e.isDirectory())
        .map((e) => e.name)
    : []

const files = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    : []

/**
 * Bundles an app's server code into `dist/`, one file for each module that desk loads, with what they share in
 * chunks, so that every module exists once. Packages stay outside.
 */
export async function buildServerCode(root: string): Promise<void> {
  await writeOutputs(path.join(root, 'dist'), await bundleServerCode(root))
}

/** @param extra more entries @param inline packages that are taken in @returns files for `dist/` */
export async function bundleServerCode(
  root: string,
  extra: readonly string[] = [],
  inline: readonly string[] = [],
): Promise<Output[]> {
  const outdir = path.join(root, 'dist')
  return await runBuild({
    absWorkingDir: root,
    entryPoints: [...entryPoints(root), ...extra],
    outbase: root,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    chunkNames: 'chunks/[name]-[hash]',
    plugins: [
      {
        name: 'packages-outside',
        setup(plugin) {
          plugin.onResolve({ filter: /^[^./]/ }, ({ path: specifier, kind }) =>
            kind === 'entry-point' ||
            inline.some((name) => specifier === name || specifier.startsWith(`${name}/`))
              ? undefined
              : { path: specifier, external: true },
          )
        },
      },
    ],
  })
}
