import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Meta } from '../meta/meta.ts'
import { parseDocType } from '../meta/parse.ts'
import { renderTypes } from '../meta/typescript.ts'
import { readJson } from '../site/config.ts'
import { buildBrowserCode, publicEntries } from './browser-code.ts'
import { buildServerCode } from './server-code.ts'

/**
 * Builds an app: public/ into public/dist and, where it is written in TypeScript, types of its DocTypes and server
 * code into dist/.
 */
export async function buildApp(root: string): Promise<void> {
  if (isTypeScript(root)) {
    await writeDocTypeTypes(root)
    await buildServerCode(root)
  }
  await buildBrowserCode({ root, entries: publicEntries(root), outdir: path.join(root, 'public', 'dist') })
}

const isTypeScript = (root: string): boolean => existsSync(path.join(root, 'hooks.ts'))

/** Whether the app has sources to build; server code in plain JavaScript is used as it is. */
export function needsBuild(root: string): boolean {
  return isTypeScript(root) || publicEntries(root).length > 0
}

/** Writes `<snake>.types.ts` beside each DocType. @returns the files whose text changed */
export async function writeDocTypeTypes(root: string): Promise<string[]> {
  const folder = path.join(root, 'doctypes')
  const changed: string[] = []
  const metas = new Map<string, Meta>()
  for (const name of existsSync(folder) ? (await readdir(folder)).sort() : []) {
    const file = path.join(folder, name, `${name}.json`)
    if (existsSync(file))
      metas.set(name, new Meta(parseDocType(readJson(await readFile(file, 'utf8'), file), file), ''))
  }
  for (const [name, meta] of metas) {
    const file = path.join(folder, name, `${name}.types.ts`)
    const text = renderTypes(meta, [...metas.values()])
    if (existsSync(file) && (await readFile(file, 'utf8')) === text) continue
    await writeFile(file, text)
    changed.push(file)
  }
  return changed
}
