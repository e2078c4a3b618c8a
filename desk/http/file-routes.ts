import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import type { Document } from '../document/document.ts'
import { PageDoesNotExistError, PermissionError, ValidationError } from '../errors.ts'
import { readableFile, rowsOfUrl } from '../files/access.ts'
import { isSecretName, placeOf, urlOf } from '../files/names.ts'
import { openContent } from '../files/save.ts'
import type { Place } from '../files/store.ts'
import { GUEST } from '../permissions/roles.ts'
import type { Site } from '../site/site.ts'
import { answerFile } from './file-answer.ts'
import { identify } from './identify.ts'
import { multipartForms } from './multipart.ts'

/** `/files/…`, `/private/files/…` and `download_file`; and forms that bring files. */
export async function fileRoutes(server: FastifyInstance, site: Site): Promise<void> {
  await multipartForms(server, site)
  for (const isPrivate of [false, true]) {
    server.route<{ Params: { '*': string } }>({
      method: ['GET', 'HEAD'],
      url: isPrivate ? '/private/files/*' : '/files/*',
      handler: (request, reply) => answer(site, request, reply, { isPrivate, name: request.params['*'] }),
    })
  }
  for (const base of ['/api/method/', '/api/v1/method/']) {
    for (const name of ['download_file', 'frappe.core.doctype.file.file.download_file']) {
      server.route({
        method: ['GET', 'HEAD'],
        url: base + name,
        handler: (request, reply) => answer(site, request, reply, downloadedPlace(request), true),
      })
    }
  }
}

function downloadedPlace(request: FastifyRequest): Place {
  const { file_url: url } = request.query as { file_url?: unknown }
  const place = typeof url === 'string' ? placeOf(url) : null
  if (!place) throw new ValidationError('"file_url" must be the address of a file of this site.')
  return place
}

async function answer(
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  place: Place,
  asDownload = false,
): Promise<FastifyReply> {
  const url = urlOf(place)
  // Whatever is no plain name (`..`, a NUL, another folder) is nothing.
  if (!placeOf(url)) throw nothingAt()
  const caller = await identify(site, request)
  return await site.read(caller.identity, async (ctx) => {
    const file = place.isPrivate ? await privateFile(ctx, url, request) : await publicFile(ctx, url)
    if (!file) throw nothingAt()
    const content = await openContent(ctx, file).catch(() => {
      throw nothingAt()
    })
    return await answerFile(request, reply, { file, content, isPublic: !place.isPrivate, asDownload })
  })
}

const nothingAt = (): Error => new PageDoesNotExistError('There is no file at this address.')

/** A file whose row says that it is public; nobody is asked who they are. */
async function publicFile(ctx: Context, url: string): Promise<Document | null> {
  const row = (await rowsOfUrl(ctx, url)).find(({ is_private }) => is_private === 0)
  return row ? await ctx.getDoc('File', row.name) : null
}

/**
 * One that is not readable and one that does not exist are refused alike: as Frappe does, but for those of a secret
 * name, which do not exist.
 */
async function privateFile(
  ctx: Context,
  url: string,
  request: FastifyRequest,
): Promise<Document | undefined> {
  const { fid } = request.query as { fid?: unknown }
  const refused = (): Error => new PermissionError('You may not read this file.')
  if (ctx.user === GUEST) throw refused()
  const file = await readableFile(ctx, url, { fid: typeof fid === 'string' ? fid : undefined })
  if (file) return file
  if (isSecretName(placeOf(url)?.name ?? '')) return undefined
  throw refused()
}
