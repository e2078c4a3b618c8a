import { existsSync, realpathSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Bench } from '../site/bench-folder.ts'
import { npm } from './npm.ts'

/** An app's folder: as given, as it is installed in the bench or above it already, or as npm brings it. */
export async function fetchApp(bench: Bench, source: string): Promise<string> {
  if (existsSync(source) && statSync(source).isDirectory()) return realpathSync(source)
  if (/^(\.{0,2}\/|~)/.test(source) && !existsSync(source))
    throw new Error(`There is no folder or file ${source}.`)
  const installed = isPackageName(source) ? findInstalled(bench.path, source) : undefined
  if (installed !== undefined) return installed
  const spec = existsSync(source) ? path.resolve(source) : source
  const before = await dependencies(bench)
  await npm(['install', spec], bench.path)
  const after = await dependencies(bench)
  const added = [...after].find(([name, version]) => before.get(name) !== version) ?? [source]
  return path.join(bench.path, 'node_modules', added[0])
}

const isPackageName = (source: string): boolean => /^(@[\w.-]+\/)?[\w-][\w.-]*$/.test(source)

/** Where Node would find a package from a folder. */
export function findInstalled(from: string, name: string): string | undefined {
  const places = createRequire(path.join(from, 'package.json')).resolve.paths(name) ?? []
  return places
    .map((place) => path.join(place, name))
    .find((folder) => existsSync(path.join(folder, 'package.json')))
}

async function dependencies(bench: Bench): Promise<Map<string, string>> {
  const manifest = JSON.parse(await readFile(path.join(bench.path, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  return new Map(Object.entries(manifest.dependencies ?? {}))
}
