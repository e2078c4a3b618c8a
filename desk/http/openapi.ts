import type { TSchema } from 'typebox'
import type { Method, RateLimit } from '../method.ts'
import type { LoadedApp } from '../site/apps.ts'

/** A piece of an OpenAPI document: JSON. */
export type Json = Readonly<Record<string, unknown>>

/** An OpenAPI 3.1 description of what can be called. */
export interface OpenApi {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  servers: readonly { url: string }[]
  tags: readonly { name: string; description: string }[]
  security: readonly Json[]
  paths: Readonly<Record<string, Json>>
  components: Json
}

export interface OpenApiOptions {
  title: string
  /** What stands before every path, where the site is not at the root of its address. */
  base: string
  version: string
}

const FAILURES: Readonly<Record<string, string>> = {
  403: 'Not logged in, not allowed, or a verb that the method does not take',
  404: 'What it is about is not there, or the caller may not see it',
  417: 'An argument is wrong; the message says which, and what to do',
  500: 'Something went wrong here; the answer names the entry of the Error Log',
}

/**
 * Describes every whitelisted method of these apps, from the same schemas that check its arguments. One method is
 * one path; the further names that it answers to are listed with it.
 */
export function describeApi(apps: readonly LoadedApp[], { title, base, version }: OpenApiOptions): OpenApi {
  const methods = apps.flatMap((app) => app.methods.map((method) => ({ app, method })))
  const inOrder = methods.toSorted((a, b) => (a.method.name < b.method.name ? -1 : 1))
  return {
    openapi: '3.1.0',
    info: {
      title,
      version,
      description:
        'Whitelisted methods. Arguments may come as JSON, as a form, or in the query of a GET; lists and objects as JSON text there. Cookies need the CSRF token of a page; API keys do not.',
    },
    servers: [{ url: base === '' ? '/' : base }],
    tags: apps
      .filter((app) => app.methods.length > 0)
      .map(({ definition }) => ({ name: definition.name, description: definition.title })),
    security: [{ session: [] }, { key: [] }],
    paths: Object.fromEntries(
      inOrder.map(({ app, method }) => [
        `/api/method/${method.name}`,
        operationsOf(app.definition.name, method),
      ]),
    ),
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'sid' },
        key: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'token <api key>:<api secret>',
        },
      },
      schemas: { Failure: FAILURE },
      responses: Object.fromEntries(
        Object.entries(FAILURES).map(([status, description]) => [`Failure${status}`, failure(description)]),
      ),
    },
  }
}

const FAILURE: Json = {
  type: 'object',
  properties: {
    exc_type: { type: 'string', examples: ['ValidationError'] },
    message: {
      type: 'object',
      properties: {
        success: { const: false },
        error: {
          type: 'object',
          properties: {
            code: {
              enum: [
                ...['PERMISSION_DENIED', 'NOT_FOUND', 'VALIDATION_ERROR', 'CONFLICT', 'RATE_LIMITED'],
                'INTERNAL_ERROR',
              ],
            },
            message: { type: 'string' },
          },
        },
      },
    },
  },
}

const failure = (description: string): Json => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
})

function operationsOf(app: string, method: Method): Json {
  const common = {
    tags: [app],
    summary: method.summary ?? '',
    ...(method.allowGuest ? { security: [{}] } : {}),
    ...(method.rateLimit ? { 'x-rate-limit': limitText(method.rateLimit) } : {}),
    ...(method.aliases.length > 0 ? { 'x-aliases': method.aliases } : {}),
    responses: {
      200: { description: 'It worked', content: { 'application/json': { schema: answerOf(method.output) } } },
      ...Object.fromEntries(
        Object.keys(FAILURES).map((status) => [status, { $ref: `#/components/responses/Failure${status}` }]),
      ),
    },
  }
  const operations: Record<string, Json> = {}
  for (const verb of method.verbs) {
    operations[verb.toLowerCase()] = {
      ...common,
      operationId: `${method.name}.${verb.toLowerCase()}`,
      ...(verb === 'GET' || verb === 'DELETE' ? inQuery(method.input) : inBody(method.input, method.files)),
    }
  }
  return operations
}

const limitText = ({ limit, seconds, per }: RateLimit): string =>
  `${String(limit)} calls within ${String(seconds)} seconds, per ${per === 'ip' ? 'address' : 'user'}`

const answerOf = (output: TSchema | undefined): Json => ({
  type: 'object',
  properties: { message: output ?? {} },
})

/** An argument list, as JSON Schema has it. */
interface Arguments {
  properties: Readonly<Record<string, TSchema>>
  required?: readonly string[]
}

function inQuery({ properties, required = [] }: Arguments): Json {
  const names = Object.entries(properties)
  if (names.length === 0) return {}
  return {
    parameters: names.map(([name, schema]) => ({
      name,
      in: 'query',
      required: required.includes(name),
      ...(isStructured(schema) ? { content: { 'application/json': { schema } } } : { schema }),
    })),
  }
}

function isStructured(schema: TSchema): boolean {
  return 'type' in schema && (schema.type === 'object' || schema.type === 'array')
}

function inBody(schema: Arguments, files: number): Json {
  if (files > 0) {
    const file = { type: 'array', maxItems: files, items: { type: 'string', format: 'binary' } }
    const withFiles = { ...schema, properties: { ...schema.properties, file } }
    return { requestBody: { required: true, content: { 'multipart/form-data': { schema: withFiles } } } }
  }
  const content = { 'application/json': { schema }, 'application/x-www-form-urlencoded': { schema } }
  return { requestBody: { required: (schema.required ?? []).length > 0, content } }
}
