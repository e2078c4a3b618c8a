import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Bench } from '../site/bench-folder.ts'
import { appTemplate } from './new-app-template.ts'

/** Writes the beginnings of an app into apps/<name> of the bench. @returns its folder, as seen from the bench */
export async function makeApp(bench: Bench, name: string, title = titleOf(name)): Promise<string> {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw new Error(`An app's name is in small letters, digits and _, like "sales_desk"; got "${name}".`)
  const folder = path.join(bench.path, 'apps', name)
  if (existsSync(folder))
    throw new Error(`${folder} exists already. Choose another name, or remove it first.`)
  for (const [file, text] of Object.entries(appTemplate(name, title))) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
    await writeFile(path.join(folder, file), text)
  }
  return path.relative(process.cwd(), folder) || '.'
}

const titleOf = (name: string): string =>
  name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
