import { encodeQuery, type HttpRequest, type RequestOptions } from './http.ts'

export interface ListQuery {
  fields?: readonly string[]
  filters?: unknown
  or_filters?: unknown
  order_by?: string
  limit_start?: number
  /** Rows to return; 0 = all; the server's default is 20. */
  limit_page_length?: number
}

type Values = Record<string, unknown>

/** `/api/resource`: documents of any DocType that the user may see. Each method rejects with DeskError. */
export interface ResourceClient {
  list<T = Values>(doctype: string, query?: ListQuery, options?: RequestOptions): Promise<T[]>
  get<T = Values>(doctype: string, name: string, options?: RequestOptions): Promise<T>
  create<T = Values>(doctype: string, values: Values): Promise<T>
  /** Merges `values` into the document; with `modified` in them, a newer stored version is a 417. */
  update<T = Values>(doctype: string, name: string, values: Values): Promise<T>
  delete(doctype: string, name: string): Promise<void>
}

const path = (...parts: string[]): string => `/api/resource/${parts.map(encodeURIComponent).join('/')}`

export function resourceClient(request: HttpRequest): ResourceClient {
  return {
    async list<T>(doctype: string, query: ListQuery = {}, options?: RequestOptions) {
      const answer = await request('GET', path(doctype) + encodeQuery({ ...query }), undefined, options)
      return answer.data as T[]
    },
    async get<T>(doctype: string, name: string, options?: RequestOptions) {
      return (await request('GET', path(doctype, name), undefined, options)).data as T
    },
    async create<T>(doctype: string, values: Values) {
      return (await request('POST', path(doctype), values)).data as T
    },
    async update<T>(doctype: string, name: string, values: Values) {
      return (await request('PUT', path(doctype, name), values)).data as T
    },
    async delete(doctype, name) {
      await request('DELETE', path(doctype, name))
    },
  }
}
