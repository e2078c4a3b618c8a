import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AppDefinition } from '../app.ts'
import { Document, isCovered, type DocumentClass } from '../document/document.ts'
import { isJob, type Job } from '../jobs/job.ts'
import { isMethod, type Method } from '../method.ts'
import { readJson } from './config.ts'
import { provideDesk } from './desk-imports.ts'
import { Meta, scrub } from '../meta/meta.ts'
import { parseDocType } from '../meta/parse.ts'

/** An app as a site uses it. */
export interface LoadedApp {
  definition: AppDefinition
  version: string
  /** The folder with doctypes/, fixtures/ and public/. */
  root: string
  doctypes: { meta: Meta; controller?: DocumentClass }[]
  methods: Method[]
  jobs: Job[]
}

/** Whether this process runs desk from its sources; then apps are loaded from theirs. */
const fromSource = import.meta.url.endsWith('.ts')

/**
 * Reads an app from its folder: the manifest `hooks`, each `doctypes/<snake>/<snake>.json` with its controller of
 * the same name, every method that `api/*` exports, and every job of `jobs/*`. Code comes from `dist/` where the app
 * has been built.
 * @throws Error that names the file and what is wrong with it
 */
export async function loadApp(root: string): Promise<LoadedApp> {
  const manifest = await readManifest(root)
  const code = codeRoot(root)
  provideDesk(root)
  const hooks = await importDefault(code, 'hooks')
  if (!isDefinition(hooks)) {
    throw new Error(
      `${root}: hooks.ts or hooks.js must have a default export made by defineApp({ name, title }).`,
    )
  }
  return {
    definition: hooks,
    version: manifest.version ?? '0.0.0',
    root,
    doctypes: await loadDocTypes(root, code, hooks.name),
    methods: (await exportsOf(path.join(code, 'api'))).filter(isMethod),
    jobs: (await exportsOf(path.join(code, 'jobs'))).filter(isJob),
  }
}

async function readManifest(root: string): Promise<{ version?: string }> {
  const file = path.join(root, 'package.json')
  if (!existsSync(file)) throw new Error(`${root} is not an app: it has no package.json.`)
  return readJson(await readFile(file, 'utf8'), file) as { version?: string }
}

function codeRoot(root: string): string {
  const built = path.join(root, 'dist')
  const hasSource = existsSync(path.join(root, 'hooks.ts'))
  if (hasSource && fromSource) return root
  if (existsSync(path.join(built, 'hooks.js'))) return built
  if (existsSync(path.join(root, 'hooks.js'))) return root
  throw new Error(
    hasSource
      ? `${root} has not been built. Run "bench build --app" for it, or "bench get-app" again.`
      : `${root} is not an app: it has no hooks.ts or hooks.js.`,
  )
}

async function loadDocTypes(root: string, code: string, app: string): Promise<LoadedApp['doctypes']> {
  const folder = path.join(root, 'doctypes')
  const result: LoadedApp['doctypes'] = []
  for (const name of await subfolders(folder)) {
    const file = path.join(folder, name, `${name}.json`)
    if (!existsSync(file)) continue
    const json = parseDocType(readJson(await readFile(file, 'utf8'), file), file)
    if (scrub(json.name) !== name) {
      throw new Error(
        `${file}: DocType "${json.name}" belongs in a folder and file called ${scrub(json.name)}.`,
      )
    }
    const meta = new Meta(json, app)
    const controller = await importDefault(code, `doctypes/${name}/${name}`)
    checkMembers(meta, controller, file)
    result.push({
      meta,
      ...(typeof controller === 'function' ? { controller: controller as DocumentClass } : {}),
    })
  }
  return result
}

/** As Frappe: a field and a method of the controller cannot share a name. */
function checkMembers(meta: Meta, controller: unknown, file: string): void {
  const prototype: unknown = typeof controller === 'function' ? controller.prototype : undefined
  if (!(prototype instanceof Document)) return
  const shared = [...meta.valueFields, ...meta.tableFields].find(
    ({ fieldname }) => fieldname in prototype && !isCovered(fieldname),
  )
  if (shared)
    throw new Error(
      `${file}: the field "${shared.fieldname}" and a method of its controller have the same name. Rename one of them.`,
    )
}

/** Everything that the modules of a folder export. */
async function exportsOf(folder: string): Promise<unknown[]> {
  const found = new Set<unknown>()
  for (const file of await moduleFiles(folder)) {
    const module = await importFile(path.join(folder, file))
    for (const value of Object.values(module)) found.add(value)
  }
  return [...found]
}

async function subfolders(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

async function moduleFiles(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return []
  const names = await readdir(folder)
  return names.filter((name) => /\.(ts|js|mjs)$/.test(name) && !/\.(d|test|types)\.ts$/.test(name)).sort()
}

async function importDefault(code: string, name: string): Promise<unknown> {
  for (const extension of fromSource ? ['.ts', '.js', '.mjs'] : ['.js', '.mjs']) {
    const file = path.join(code, name + extension)
    if (existsSync(file)) return (await importFile(file)).default
  }
  return undefined
}

async function importFile(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (error) {
    throw new Error(`${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function isDefinition(value: unknown): value is AppDefinition {
  return typeof value === 'object' && value !== null && 'name' in value && 'title' in value
}
