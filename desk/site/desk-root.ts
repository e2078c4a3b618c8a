import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** desk's own folder, wherever in it this code lies: in the sources or in a bundle. */
export const deskRoot = folderWithManifest(path.dirname(fileURLToPath(import.meta.url)))

function folderWithManifest(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder
  const parent = path.dirname(folder)
  if (parent === folder) throw new Error('desk cannot find its own package.json. Install @f-chat/desk again.')
  return folderWithManifest(parent)
}
