import multipart, { type MultipartFile } from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DeskError, PermissionError, ValidationError } from '../errors.ts'
import { checkName, checkUpload, type FileLimits } from '../files/accept.ts'
import { contentTypeOf } from '../files/content-type.ts'
import { guestsMayUpload } from '../files/guests.ts'
import { cleanFileName } from '../files/names.ts'
import { mostBytes, tooLarge } from '../files/size.ts'
import type { Upload } from '../files/upload.ts'
import type { Method } from '../method.ts'
import { GUEST } from '../permissions/roles.ts'
import type { Site } from '../site/site.ts'
import { readArgs } from './args.ts'
import { checkCsrf, identify } from './identify.ts'
import { loginActions } from './login-routes.ts'
import { routedPath, servedBy } from './served.ts'
import { rememberUploads } from './uploads.ts'

const MOST_FIELDS = 100
const FIELD_BYTES = 1024 * 1024
/** What a form may weigh besides its files. */
const FORM_BYTES = 2 * FIELD_BYTES

/**
 * Forms as `multipart/form-data`: their fields become the request's body, as with every other form. Files are
 * streamed into temporary places, and only for a method that takes `files`; they go when the answer has been sent,
 * or the connection breaks.
 */
export async function multipartForms(server: FastifyInstance, site: Site): Promise<void> {
  // An application that desk is part of may have it already: what it adds to requests can be there once.
  if (!server.hasRequestDecorator('isMultipart')) await server.register(multipart)
  server.addHook('preHandler', async (request, reply) => {
    if (!request.isMultipart()) return
    if (request.body !== undefined)
      throw new Error(
        'Forms with files are read before desk sees them: register @fastify/multipart without attachFieldsToBody, or in a scope beside desk.',
      )
    try {
      await receiveForm(site, request, reply)
    } catch (error) {
      drain(request)
      throw known(error)
    }
  })
}

async function receiveForm(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const method = methodOf(site, request)
  const files = method?.files ?? 0
  if (method && files > 0) await refuseEarly(site, request, method)
  checkLength(request, files, mostBytes(site))
  let admitted: Limits | undefined
  const uploads: Upload[] = []
  const closed = new AbortController()
  const discard = async (): Promise<void> => {
    closed.abort()
    await Promise.all(uploads.map((upload) => site.files.discard(upload.received)))
  }
  reply.raw.once('close', () => {
    discard().catch((error: unknown) => {
      site.log.error({ err: error }, 'removing what was uploaded')
    })
  })
  const fields: Record<string, unknown> = {}
  const limits = {
    fieldSize: FIELD_BYTES,
    fields: MOST_FIELDS,
    files: files + 1,
    parts: MOST_FIELDS + files + 1,
  }
  // The store counts bytes itself; the plugin would go on reading.
  for await (const part of request.parts({ limits: { ...limits, fileSize: Infinity } })) {
    if (part.type === 'field') {
      if (part.valueTruncated || part.fieldnameTruncated) throw tooLarge(FIELD_BYTES)
      addField(fields, part.fieldname, part.value)
    } else if (isEmptyInput(part)) {
      part.file.resume()
    } else {
      if (uploads.length >= files) throw tooMany(files)
      admitted ??= await admit(site, request, method, fields)
      uploads.push(await receiveFile(site, part, admitted))
      if (closed.signal.aborted) await discard()
    }
  }
  request.body = fields
  rememberUploads(request, uploads)
  passOn(request, method, fields)
}

/** The method that the address names; undefined elsewhere, and for logging in and out. @throws ValidationError for an unknown one */
function methodOf(site: Site, request: FastifyRequest): Method | undefined {
  const [, name] = /^\/api\/(?:v1\/)?method\/([^/]+)/.exec(routedPath(request)) ?? []
  return name === undefined || loginActions.has(name) ? undefined : site.registry.method(name)
}

/** Before the files have come: what is refused in any case shall not fill the disk. */
async function refuseEarly(site: Site, request: FastifyRequest, method: Method): Promise<void> {
  if (request.method !== 'POST') throw new PermissionError(`${method.name} takes files as POST only.`)
  const caller = await identify(site, request)
  // A form may carry the token as a field, which has not come yet.
  if (request.headers['x-frappe-csrf-token'] !== undefined || servedBy(request).host)
    checkCsrf(site, request, caller, {})
  if (caller.identity.user !== GUEST) return
  const open = method.allowGuest && (await site.read(caller.identity, guestsMayUpload))
  if (!open) throw new PermissionError('Log in first.')
}

type Limits = FileLimits & { mostBytes: number }

/** What the form weighs, where it says so, against what its files may. */
function checkLength(request: FastifyRequest, files: number, limit: number): void {
  if (Number(request.headers['content-length'] ?? 0) > files * limit + FORM_BYTES) throw tooLarge(limit)
}

/** What the method makes of the form's beginning: who may not send files at all is told before they come. */
async function admit(
  site: Site,
  request: FastifyRequest,
  method: Method | undefined,
  fields: Record<string, unknown>,
): Promise<Limits> {
  const most = mostBytes(site)
  if (!method?.admitFiles) return { mostBytes: most }
  request.body = { ...fields }
  const args = readArgs(request)
  const { identity } = await identify(site, request)
  const limits = await site.read(identity, async (ctx) => method.admitFiles?.(args, ctx))
  const admitted = { ...limits, mostBytes: Math.min(most, limits?.mostBytes ?? most) }
  checkLength(request, method.files, admitted.mostBytes)
  return admitted
}

/** A browser's file input in which nothing was chosen. */
const isEmptyInput = (part: MultipartFile): boolean => (part.filename as string | undefined) === undefined

async function receiveFile(site: Site, part: MultipartFile, limits: Limits): Promise<Upload> {
  const name = cleanFileName(part.filename)
  checkName(name, limits)
  const content = await site.files.receive(part.file, limits.mostBytes)
  try {
    const contentType = await contentTypeOf(content.path, name)
    const upload = { field: part.fieldname, name, contentType, received: content }
    checkUpload(upload, limits)
    return upload
  } catch (error) {
    await site.files.discard(content)
    throw error
  }
}

const tooMany = (files: number): Error =>
  new ValidationError(
    files === 0
      ? 'This address takes no files. Send them to upload_file.'
      : `At most ${String(files)} file${files === 1 ? '' : 's'} can be sent at once.`,
  )

/** A field that is sent several times is a list. */
function addField(fields: Record<string, unknown>, name: string, value: unknown): void {
  const before = Object.hasOwn(fields, name) ? fields[name] : undefined
  fields[name] = before === undefined ? value : [before, value].flat()
}

/** `upload_file` with the field `method` is a call of that method, with the same form. */
function passOn(
  request: FastifyRequest,
  method: Method | undefined,
  { method: name }: Record<string, unknown>,
): void {
  if (method?.name === 'upload_file' && typeof name === 'string' && name !== '')
    request.params = { '*': name }
}

/** What a client may still send before its connection is closed, that it may read why it was refused. */
const MOST_DRAINED = 64 * 1024 * 1024
const MOST_SECONDS = 20

function drain({ raw }: FastifyRequest): void {
  if (raw.readableEnded || raw.destroyed) return
  let drained = 0
  const stop = setTimeout(() => raw.destroy(), MOST_SECONDS * 1000).unref()
  raw.once('close', () => {
    clearTimeout(stop)
  })
  raw.on('data', (chunk: Buffer) => {
    drained += chunk.length
    if (drained > MOST_DRAINED) raw.destroy()
  })
  raw.resume()
}

/** A form that cannot be read is its sender's mistake. */
function known(error: unknown): unknown {
  if (error instanceof DeskError) return error
  const { statusCode, message, code } = error as { statusCode?: number; message: string; code?: string }
  if (statusCode !== undefined) return error
  // A sender who hangs up in the middle is none of the operator's errors.
  return code === 'ECONNRESET' || /multipart|part terminated|boundary|header|content-type/i.test(message)
    ? new ValidationError('The form cannot be read: it is not complete multipart/form-data.')
    : error
}
