import type { Json, OpenApi } from '../http/openapi.ts'
import { html, type Html } from './html.ts'
import { commonAssets, logoTile, renderPage, type AssetUrl } from './page.ts'

export interface ApiDocsOptions {
  siteTitle: string
  assets: AssetUrl
  api: OpenApi
  /** What stands before the site's addresses. */
  base: string
}

/** The methods of a site for people to read: arguments and answers of each, straight from its OpenAPI document. */
export function renderApiDocs({ siteTitle, assets, api, base }: ApiDocsOptions): string {
  const common = commonAssets(assets)
  const paths = Object.entries(api.paths)
  return renderPage({
    title: `API · ${siteTitle}`,
    lang: 'en',
    styles: [...common.styles, assets('api-docs.css')],
    earlyScripts: common.earlyScripts,
    icon: common.icon,
    scripts: [assets('api-docs.js')],
    body: html`<header class="api-head">
        ${logoTile(siteTitle)}
        <div class="api-title">
          <h1>API of ${siteTitle}</h1>
          <p>
            ${paths.length} methods. <a href="/api/docs/json">OpenAPI as JSON</a> · <a href="/desk">Desk</a>
          </p>
        </div>
        <input
          id="filter"
          type="search"
          placeholder="Filter methods"
          aria-label="Filter methods"
          autocomplete="off"
          spellcheck="false"
        />
      </header>
      <main class="api">
        <p class="api-intro">${api.info.description}</p>
        ${api.tags.map(({ name, description }) =>
          section(
            name,
            description,
            paths.filter(([, item]) => tagOf(item) === name),
            base,
          ),
        )}
        <p id="nothing" class="api-nothing" hidden>No method has that in its name.</p>
      </main>`,
  })
}

const tagOf = (item: Json): unknown => (operationsOf(item)[0]?.[1].tags as string[] | undefined)?.[0]

const operationsOf = (item: Json): [verb: string, operation: Json][] =>
  Object.entries(item) as [string, Json][]

function section(name: string, title: string, paths: readonly [string, Json][], base: string): Html {
  return html`<section aria-labelledby="app-${name}">
    <h2 id="app-${name}">${title} <span class="count">${paths.length}</span></h2>
    ${paths.map(([path, item]) => method(path, item, base))}
  </section>`
}

function method(path: string, item: Json, base: string): Html {
  const operations = operationsOf(item)
  // The others do the same; the OpenAPI document has them all.
  const verbs = ['get', 'post'].filter((verb) => verb in item).map((verb) => verb.toUpperCase())
  const operation = operations.find(([verb]) => verb === 'post')?.[1] ?? operations[0]?.[1] ?? {}
  const name = path.slice('/api/method/'.length)
  const aliases = (operation['x-aliases'] ?? []) as readonly string[]
  const limit = operation['x-rate-limit'] as string | undefined
  return html`<details class="method" id="${name}" data-names="${name.toLowerCase()}">
    <summary>
      <code class="name">${name}</code>
      <span class="verbs">${verbs.map((verb) => html`<span class="verb">${verb}</span> `)}</span>
      <span class="about">${operation.summary as string}</span>
    </summary>
    <div class="method-body">
      <p><code>${base}${path}</code></p>
      <h3>Arguments</h3>
      ${argumentsTable(bodySchema(operation))}
      <h3>Answer</h3>
      <pre tabindex="0"><code>${answerText(operation)}</code></pre>
      ${limit ? html`<p>At most ${limit}.</p>` : null}
      ${
        aliases.length > 0
          ? html`<p class="aliases">Also as ${aliases.map((alias) => html`<code>${alias}</code> `)}</p>`
          : null
      }
    </div>
  </details>`
}

interface Schema {
  type?: string
  const?: unknown
  enum?: readonly unknown[]
  anyOf?: readonly Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  required?: readonly string[]
  default?: unknown
  minimum?: number
  maximum?: number
  maxLength?: number
  maxItems?: number
}

function bodySchema(operation: Json): Schema {
  const body = operation.requestBody as { content: Record<string, { schema: Schema }> } | undefined
  return Object.values(body?.content ?? {})[0]?.schema ?? {}
}

function argumentsTable({ properties = {}, required = [] }: Schema): Html {
  const rows = Object.entries(properties)
  if (rows.length === 0) return html`<p class="none">None.</p>`
  return html`<div class="table" tabindex="0" role="region" aria-label="Arguments">
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Type</th>
          <th scope="col">Default</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, schema]) =>
            html`<tr>
              <th scope="row"><code>${name}</code></th>
              <td>${typeText(schema)}${limitsText(schema)}</td>
              <td>
                ${
                  required.includes(name) && schema.default === undefined
                    ? html`<strong>required</strong>`
                    : html`<code
                        >${schema.default === undefined ? '–' : JSON.stringify(schema.default)}</code
                      >`
                }
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

/** A schema as a TypeScript reader would write it, on one line. */
function typeText(schema: Schema): string {
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' | ')
  if (schema.type === 'array') {
    const item = typeText(schema.items ?? {})
    return item.includes('|') ? `(${item})[]` : `${item}[]`
  }
  if (schema.properties) {
    const { properties, required = [] } = schema
    const parts = Object.entries(properties).map(
      ([name, part]) => `${name}${required.includes(name) ? '' : '?'}: ${typeText(part)}`,
    )
    return parts.length === 0 ? 'object' : `{ ${parts.join(', ')} }`
  }
  const values = Object.values(schema.patternProperties ?? {})[0]
  if (values) return `{ [name]: ${typeText(values)} }`
  return schema.type ?? 'any'
}

function limitsText({ minimum, maximum, maxLength, maxItems }: Schema): string {
  const limits = [
    minimum === undefined ? '' : `from ${String(minimum)}`,
    maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? '' : `to ${String(maximum)}`,
    maxLength === undefined ? '' : `at most ${String(maxLength)} characters`,
    maxItems === undefined ? '' : `at most ${String(maxItems)} items`,
  ].filter(Boolean)
  return limits.length === 0 ? '' : ` (${limits.join(', ')})`
}

function answerText(operation: Json): string {
  const responses = operation.responses as Record<string, { content?: Record<string, { schema: Schema }> }>
  const schema = responses['200']?.content?.['application/json']?.schema
  return layOut(schema ?? {}, '')
}

/** A schema over several lines, one name a line. */
function layOut(schema: Schema, indent: string): string {
  const inner = `${indent}  `
  if (schema.type === 'array' && schema.items?.properties) return `${layOut(schema.items, indent)}[]`
  const values = schema.patternProperties && Object.values(schema.patternProperties)[0]
  if (values?.properties) return `{\n${inner}[name]: ${layOut(values, inner)}\n${indent}}`
  if (!schema.properties) return typeText(schema)
  const { properties, required = [] } = schema
  const lines = Object.entries(properties).map(
    ([name, part]) => `${inner}${name}${required.includes(name) ? '' : '?'}: ${layOut(part, inner)}`,
  )
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`
}
