import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

const GENERATED = new Set(['node_modules', 'dist', 'test', 'tests'])

/** Whether an app's `dist/` is at least as new as every source of it; other packages inside its folder do not count. */
export function isBuilt(root: string): boolean {
  const built = path.join(root, 'dist', 'hooks.js')
  return existsSync(built) && statSync(built).mtimeMs >= newestSource(root)
}

function newestSource(folder: string): number {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || GENERATED.has(entry.name)) continue
    const file = path.join(folder, entry.name)
    if (!entry.isDirectory()) {
      if (/\.(ts|js|css|json|svg)$/.test(entry.name)) newest = Math.max(newest, statSync(file).mtimeMs)
    } else if (!existsSync(path.join(file, 'package.json'))) {
      newest = Math.max(newest, newestSource(file))
    }
  }
  return newest
}
