import type { FastifyRequest } from 'fastify'
import type { Identity } from '../context.ts'
import type { Upload } from '../files/upload.ts'

const uploads = new WeakMap<FastifyRequest, readonly Upload[]>()

/** A request's form has brought these files. */
export function rememberUploads(request: FastifyRequest, files: readonly Upload[]): void {
  uploads.set(request, files)
}

/** The files of a request, for the identity that its method is called with. */
export function uploadsOf(request: FastifyRequest): Pick<Identity, 'uploads'> {
  const files = uploads.get(request)
  return files ? { uploads: files } : {}
}
