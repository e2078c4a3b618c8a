import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Document } from '../document/document.ts'
import { mayBeShown } from '../files/content-type.ts'
import { contentDisposition } from '../files/names.ts'
import type { ByteRange, StoredContent } from '../files/store.ts'

/** A document of the site's own origin that can do nothing there; a PDF viewer works in no sandbox. */
const SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
const FOR_PDF = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"

export interface FileAnswer {
  file: Document
  content: StoredContent
  isPublic: boolean
  /** Downloaded, even where it could be shown. */
  asDownload?: boolean
}

/** Answers with a file's content, or the part of it that was asked for (RFC 9110: one range, If-Range, 206, 416). */
export async function answerFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { file, content, isPublic, asDownload = false }: FileAnswer,
): Promise<FastifyReply> {
  const type = file.text('content_type') || 'application/octet-stream'
  const modified = modifiedAt(file, content)
  const etag = `"${file.text('content_hash') || `${String(content.size)}-${String(modified.getTime())}`}"`
  void reply.headers({
    'Content-Type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
    'Content-Disposition': contentDisposition(
      mayBeShown(type) && !asDownload ? 'inline' : 'attachment',
      file.text('file_name'),
    ),
    'Content-Security-Policy': type === 'application/pdf' ? FOR_PDF : SANDBOX,
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': isPublic ? 'cross-origin' : 'same-origin',
    'Cache-Control': `${isPublic ? 'public' : 'private'}, no-cache`,
    'Accept-Ranges': 'bytes',
    ETag: etag,
    'Last-Modified': modified.toUTCString(),
  })
  if (isFresh(request, etag, modified)) {
    await content.close()
    return reply.code(304).removeHeader('Content-Type').send()
  }
  const range = wantedRange(request, etag, modified, content.size)
  if (range === 'unsatisfiable') {
    await content.close()
    void reply.removeHeader('Content-Disposition').header('Content-Range', `bytes */${String(content.size)}`)
    return reply.code(416).type('text/plain; charset=utf-8').send('There are no such bytes in this file.\n')
  }
  if (range) {
    void reply
      .code(206)
      .header('Content-Range', `bytes ${String(range.start)}-${String(range.end)}/${String(content.size)}`)
  }
  void reply.header('Content-Length', range ? range.end - range.start + 1 : content.size)
  if (request.method === 'HEAD') {
    await content.close()
    return reply.send()
  }
  return reply.send(content.stream(range ?? undefined))
}

/** The row's time, not the content's, which may be older and somebody else's. Whole seconds, as HTTP has it. */
function modifiedAt(file: Document, content: StoredContent): Date {
  const wall = Date.parse(`${file.creation.replace(' ', 'T').slice(0, 19)}Z`)
  if (Number.isNaN(wall)) return content.modified
  const offset = Date.parse(`${file.ctx.site.clock.at(wall).replace(' ', 'T').slice(0, 19)}Z`) - wall
  return new Date(wall - offset)
}

function isFresh({ headers }: FastifyRequest, etag: string, modified: Date): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) {
    return tags.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
  }
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return modified.getTime() <= since
}

/** null for all of it: no range, several, one that is not understood, or one of an older content. */
function wantedRange(
  { headers }: FastifyRequest,
  etag: string,
  modified: Date,
  size: number,
): ByteRange | 'unsatisfiable' | null {
  const condition = headers['if-range']
  if (typeof condition === 'string') {
    const unchanged = condition.includes('"')
      ? condition.trim() === etag
      : Date.parse(condition) === modified.getTime()
    if (!unchanged) return null
  }
  return parseRange(headers.range, size)
}

/** One range of `Range: bytes=…`, in the bounds of the content. */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '') ?? []
  if (first === '' && last === '') return null
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return null
  return start >= size ? 'unsatisfiable' : { start, end }
}
