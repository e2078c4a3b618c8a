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

/** Writes `<snake>.types.ts` beside each DocType. */
export async function writeDocTypeTypes(root: string): Promise<void> {
  for (const { file, text } of await staleTypes(root)) await writeFile(file, text)
}

/** The generated types that are not, or no longer, what their DocType's JSON says. */
export async function staleTypes(root: string): Promise<{ file: string; text: string }[]> {
  const folder = path.join(root, 'doctypes')
  const metas = new Map<string, Meta>()
  for (const name of existsSync(folder) ? (await readdir(folder)).sort() : []) {
    const file = path.join(folder, name, `${name}.json`)
    if (existsSync(file))
      metas.set(name, new Meta(parseDocType(readJson(await readFile(file, 'utf8'), file), file), ''))
  }
  const stale: { file: string; text: string }[] = []
  for (const [name, meta] of metas) {
    const file = path.join(folder, name, `${name}.types.ts`)
    const text = renderTypes(meta, [...metas.values()])
    const written = existsSync(file) ? await readFile(file, 'utf8') : ''
    if (written !== text) stale.push({ file, text })
  }
  return stale
}
