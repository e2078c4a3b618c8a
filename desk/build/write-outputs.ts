import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** One file that a build has made. */
export interface Output {
  path: string
  contents: Uint8Array
}

/** How long a chunk that is no longer built stays: pages and processes of the last build may load it yet. */
const KEEP_CHUNKS_MS = 3_600_000

/**
 * Makes a folder hold what a build has made. Whoever reads meanwhile finds the old file or the new one, and none
 * that is half written: chunks come first, then what imports them, and what is no longer built goes at the end.
 */
export async function writeOutputs(outdir: string, outputs: readonly Output[]): Promise<void> {
  const [chunks, entries] = [outputs.filter(isChunk), outputs.filter((output) => !isChunk(output))]
  for (const group of [chunks, entries]) await Promise.all(group.map(replaceFile))
  if (!existsSync(outdir)) return
  const made = new Set(outputs.map((output) => output.path))
  for (const file of filesIn(outdir)) if (!made.has(file) && !isInUse(file)) await rm(file, { force: true })
}

/** By the names that browser-code.ts and server-code.ts give to chunks: their hash changes with what they hold. */
const isChunk = ({ path: file }: { path: string }): boolean =>
  /(^|[\\/])(chunks[\\/]|chunk-)[^\\/]*$/.test(file)

async function replaceFile({ path: file, contents }: Output): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const draft = `${file}.${String(process.pid)}.new`
  await writeFile(draft, contents)
  await rename(draft, file)
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name))
}

/** Another build's drafts, too, while it is under way. */
function isInUse(file: string): boolean {
  if (!isChunk({ path: file }) && !file.endsWith('.new')) return false
  const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0 }
  return Date.now() - mtimeMs < KEEP_CHUNKS_MS
}
