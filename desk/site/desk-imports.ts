import { realpathSync } from 'node:fs'
import nodeModule, { createRequire, register } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { deskRoot } from './desk-root.ts'

interface ResolveContext {
  parentURL?: string | undefined
}
type Resolve = (specifier: string, context: ResolveContext, next: Next) => unknown
type Next = (specifier: string, context: ResolveContext) => unknown

/** Resolves desk's entries as desk itself does, by its own package.json. */
const resolveBy =
  (deskManifest: string): Resolve =>
  (specifier, context, next) =>
    next(
      specifier,
      /^@f-chat\/desk($|\/)/.test(specifier) ? { ...context, parentURL: deskManifest } : context,
    )

/** The same as a module, for Node 20, which runs it in a thread of its own. */
const moduleResolvingBy = (deskManifest: string): string => `
  export const resolve = (specifier, context, next) =>
    next(specifier, /^@f-chat\\/desk($|\\/)/.test(specifier)
      ? { ...context, parentURL: ${JSON.stringify(deskManifest)} }
      : context)`

let registered = false

/**
 * Lets an app import `@f-chat/desk` wherever its folder lies. It gets the desk that runs, also where a copy of its
 * own is nearer: documents and methods of another copy would not be ours.
 */
export function provideDesk(appRoot: string): void {
  if (registered || findsThisDesk(appRoot)) return
  registered = true
  const manifest = pathToFileURL(path.join(deskRoot, 'package.json')).href
  // Newer than the types of the oldest Node we run on.
  const { registerHooks } = nodeModule as { registerHooks?: (hooks: { resolve: Resolve }) => void }
  if (registerHooks) registerHooks({ resolve: resolveBy(manifest) })
  else register(`data:text/javascript,${encodeURIComponent(moduleResolvingBy(manifest))}`)
}

function findsThisDesk(appRoot: string): boolean {
  try {
    const found = createRequire(path.join(appRoot, 'package.json')).resolve('@f-chat/desk/package.json')
    return realpathSync(found) === realpathSync(path.join(deskRoot, 'package.json'))
  } catch {
    return false
  }
}
