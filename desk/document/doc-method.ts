import type { Static, TObject } from 'typebox'
import type { Context } from '../context.ts'
import { PermissionError } from '../errors.ts'
import { argsReader } from '../method.ts'
import type { PermissionType } from '../permissions/rules.ts'
import type { Registry } from '../site/registry.ts'
import type { Document } from './document.ts'

export interface DocMethodDefinition<Doc extends Document, Input extends TObject, Output> {
  /** Writes: POST or PUT only, in a transaction; see `defineMethod`. */
  writes?: boolean
  /** What the caller must be allowed to do with the document; by default `write` where it writes, else `read`. */
  permission?: PermissionType
  /** Arguments; strings of a form or query are turned into the types named here before they are checked. */
  input: Input
  handler: (doc: Doc, args: Static<Input>, ctx: Context) => Promise<Output> | Output
}

const brand = Symbol.for('@f-chat/desk.doc-method')

/** A method of a document that may be called from outside: `run_doc_method`, `/api/resource/…?run_method=`. */
export interface DocMethod {
  readonly writes: boolean
  readonly permission: PermissionType
  /** The document has been loaded for the caller, and its permission checked. */
  call(doc: Document, args: Record<string, unknown>, ctx: Context): Promise<unknown>
}

/**
 * Makes a method of a controller callable from outside. A controller names those it allows in
 * `static whitelisted = { confirm: defineDocMethod({ … }) }`; nothing else of it can be reached.
 */
export function defineDocMethod<Doc extends Document, const Input extends TObject, Output>(
  definition: DocMethodDefinition<Doc, Input, Output>,
): DocMethod {
  const read = argsReader(definition.input)
  const writes = definition.writes ?? false
  const method: DocMethod = {
    writes,
    permission: definition.permission ?? (writes ? 'write' : 'read'),
    call: async (doc, args, ctx) => await definition.handler(doc as Doc, read(args), ctx),
  }
  Object.defineProperty(method, brand, { value: true })
  return method
}

const isDocMethod = (value: unknown): value is DocMethod =>
  typeof value === 'object' && value !== null && brand in value

/** The declared method of a DocType's controller, or of a class that it extends. */
export function findDocMethod(registry: Registry, doctype: string, name: string): DocMethod | undefined {
  let cls: object | null = registry.controller(doctype) ?? null
  for (; cls !== null; cls = Object.getPrototypeOf(cls) as object | null) {
    const declared: unknown = Object.hasOwn(cls, 'whitelisted') ? Reflect.get(cls, 'whitelisted') : undefined
    if (typeof declared !== 'object' || declared === null || !Object.hasOwn(declared, name)) continue
    const method: unknown = Reflect.get(declared, name)
    if (isDocMethod(method)) return method
  }
  return undefined
}

/** @throws PermissionError where the controller does not declare it */
export function docMethod(registry: Registry, doctype: string, name: string): DocMethod {
  const method = findDocMethod(registry, doctype, name)
  if (method) return method
  throw new PermissionError(
    `${doctype} has no method ${name.slice(0, 140)} that may be called. Check its name, and that its controller declares it in "whitelisted".`,
  )
}

/** Asks for the right that the method needs besides reading its document. @throws PermissionError */
export async function checkMethod(doc: Document, { permission }: DocMethod): Promise<void> {
  if (await doc.ctx.hasPermission(doc.doctype, permission, doc)) return
  throw new PermissionError(
    `You may not ${permission} ${doc.doctype} ${doc.name}. Ask an administrator for a role that may.`,
  )
}
