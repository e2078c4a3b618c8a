import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { LoadedApp } from '../site/apps.ts'

/** Changes whenever a browser file of one of the apps does. */
export async function buildId(apps: readonly LoadedApp[]): Promise<string> {
  const hash = createHash('sha256')
  for (const { root } of apps) {
    const folder = path.join(root, 'public', 'dist')
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      const { size, mtimeMs } = await stat(path.join(folder, name))
      hash.update(`${name} ${String(size)} ${String(mtimeMs)}\n`)
    }
  }
  return hash.digest('hex').slice(0, 12)
}
