import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** The folders that hold sources. */
export const FOLDERS = [
  'api',
  'desk',
  'doctypes',
  'examples',
  'fixtures',
  'jobs',
  'markup',
  'public',
  'realtime',
]
const FILES = ['hooks.ts', 'package.json', 'tsconfig.json']
const LEFT_OUT = new Set(['node_modules', 'dist'])

/** What changes whenever a source file does: their number and the time of the newest, in milliseconds. */
export function newestSource(root) {
  let files = 0
  let newest = 0
  const see = (file) => {
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0 }
    files += 1
    newest = Math.max(newest, mtimeMs)
  }
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (LEFT_OUT.has(entry.name)) continue
      const file = path.join(folder, entry.name)
      if (entry.isDirectory()) walk(file)
      else see(file)
    }
  }
  for (const folder of FOLDERS) walk(path.join(root, folder))
  for (const file of FILES) see(path.join(root, file))
  return { files, newest }
}
