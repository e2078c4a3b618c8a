import { ArrowDown, ArrowUp, Check, Plus, Search } from 'lucide'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { deskClient } from '../../client/client.ts'
import { icon } from '../../client/icon.ts'
import { formatDateTime, formatShort, parseSiteTime } from '../../client/time.ts'
import { addressOf, newAddressOf } from './paths.ts'
import { isNumeric, kindOf, listFields } from './fields.ts'
import { formatValue } from './format.ts'
import { LightElement } from './light-element.ts'
import { defaultSort, listQuery, nextSort, pageLength, type Sort } from './list-query.ts'
import { labelOf, titleOf, type Doc, type DocField, type Meta } from './meta.ts'
import { isAbort, loadList, messagesOf } from './server.ts'
import { renderFailure, renderSkeleton, tonePill } from './parts.ts'
import { plain } from './plain.ts'

const modified: DocField = { fieldname: 'modified', fieldtype: 'Datetime', label: 'Last change' }

/** The list of a DocType: sortable columns, a text filter, pages of 20. */
@customElement('desk-list')
export class DeskList extends LightElement {
  @property({ attribute: false }) accessor meta: Meta | null = null
  @state() private accessor rows: Doc[] | null = null
  @state() private accessor hasMore = false
  @state() private accessor failure: string[] | null = null
  @state() private accessor loading = false
  @state() private accessor text = ''
  @state() private accessor sort: Sort = { field: 'modified', descending: true }
  #request: AbortController | null = null
  #typing = 0

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('meta') || !this.meta) return
    this.text = ''
    this.sort = defaultSort(this.meta)
    this.rows = null
    void this.#load(0)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#request?.abort()
    clearTimeout(this.#typing)
  }

  async #load(start: number): Promise<void> {
    const { meta } = this
    if (!meta) return
    this.#request?.abort()
    const request = (this.#request = new AbortController())
    this.loading = true
    this.failure = null
    try {
      const query = listQuery(meta, { text: this.text, sort: this.sort, start })
      const found = await loadList(meta.name, query, request.signal)
      if (request.signal.aborted) return
      this.hasMore = found.length > pageLength
      const page = found.slice(0, pageLength)
      this.rows = start === 0 ? page : [...(this.rows ?? []), ...page]
    } catch (error) {
      if (isAbort(error) || request.signal.aborted) return
      this.failure = messagesOf(error)
    }
    this.loading = false
  }

  #filter(event: Event): void {
    if (!(event.target instanceof HTMLInputElement)) return
    this.text = event.target.value
    clearTimeout(this.#typing)
    this.#typing = window.setTimeout(() => void this.#load(0), 200)
  }

  #sortBy(field: DocField): void {
    this.sort = nextSort(this.sort, field.fieldname, ['date', 'datetime'].includes(kindOf(field)))
    void this.#load(0)
  }

  protected override render(): TemplateResult | typeof nothing {
    const { meta } = this
    if (!meta) return nothing
    return html`<header class="page-head">
        <h1>${meta.name}</h1>
        <label class="search-box">
          ${icon(Search, 15)}
          <span class="visually-hidden">Filter ${meta.name} by name</span>
          <input
            type="search"
            placeholder="Filter by name"
            autocomplete="off"
            .value=${this.text}
            @input=${(event: Event) => this.#filter(event)}
          />
        </label>
        ${
          meta.rights.create
            ? html`<a class="button button-primary" href=${newAddressOf(meta.name)}>
                ${icon(Plus, 16)}<span>New<span class="visually-hidden"> ${meta.name}</span></span>
              </a>`
            : nothing
        }
      </header>
      ${this.#body(meta)}`
  }

  #body(meta: Meta): TemplateResult {
    const { rows, failure } = this
    if (failure && (!rows || rows.length === 0)) return renderFailure(failure, () => void this.#load(0))
    if (!rows) return renderSkeleton(8)
    if (rows.length === 0) return this.#empty(meta)
    return html`<div class="table-scroll" aria-busy=${this.loading}>${this.#table(meta, rows)}</div>
      ${failure ? renderFailure(failure, () => void this.#load(rows.length)) : nothing} ${this.#foot(rows)}`
  }

  #foot(rows: Doc[]): TemplateResult {
    const count = rows.length === 1 ? '1 document' : `${rows.length} documents`
    return html`<footer class="list-foot">
      <span role="status">${this.hasMore ? `The first ${rows.length}` : count}</span>
      ${
        this.hasMore
          ? html`<button
              class="button"
              ?disabled=${this.loading}
              @click=${() => void this.#load(rows.length)}
            >
              ${this.loading ? 'Loading…' : 'Load more'}
            </button>`
          : nothing
      }
    </footer>`
  }

  #empty(meta: Meta): TemplateResult {
    if (this.text.trim()) {
      return html`<div class="empty">
        <p class="empty-title">Nothing matches “${this.text.trim()}”</p>
        <button class="button" @click=${() => this.#clear()}>Clear the filter</button>
      </div>`
    }
    return html`<div class="empty">
      <p class="empty-title">No ${meta.name} yet</p>
      ${
        meta.rights.create
          ? html`<a class="button" href=${newAddressOf(meta.name)}>${icon(Plus, 16)}New ${meta.name}</a>`
          : html`<p>What others create and you may read shows up here.</p>`
      }
    </div>`
  }

  #clear(): void {
    this.text = ''
    void this.#load(0)
  }

  #table(meta: Meta, rows: Doc[]): TemplateResult {
    const fields = listFields(meta)
    return html`<table class="list">
      <caption class="visually-hidden">
        ${meta.name}
      </caption>
      <thead>
        <tr>
          ${[...fields, modified].map((field, index) => this.#header(field, index))}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${fields.map((field, index) => this.#cell(meta, field, row, index))}
              <td class="cell-time">${this.#time(row)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`
  }

  #header(field: DocField, index: number): TemplateResult {
    const sorted = this.sort.field === field.fieldname
    const order = sorted ? (this.sort.descending ? 'descending' : 'ascending') : 'none'
    return html`<th scope="col" aria-sort=${order} class=${cellClass(field, index)}>
      <button type="button" @click=${() => this.#sortBy(field)}>
        <span>${labelOf(field)}</span
        >${sorted ? icon(this.sort.descending ? ArrowDown : ArrowUp, 13) : nothing}
      </button>
    </th>`
  }

  #cell(meta: Meta, field: DocField, row: Doc, index: number): TemplateResult {
    if (index === 0) {
      return html`<th scope="row" class="cell-title">
        <a href=${addressOf(meta.name, String(row.name))}>${titleOf(meta, row)}</a>
      </th>`
    }
    return html`<td class=${cellClass(field, index)}>${this.#value(field, row[field.fieldname])}</td>`
  }

  #value(field: DocField, value: unknown): unknown {
    const { boot } = deskClient()
    const kind = kindOf(field)
    if (kind === 'check') {
      return Number(value)
        ? html`<span class="tick">${icon(Check, 16)}<span class="visually-hidden">Yes</span></span>`
        : html`<span class="visually-hidden">No</span>`
    }
    const text = formatValue(field, value, { locale: boot.lang, timeZone: boot.time_zone.system })
    return kind === 'select' && text ? tonePill(text) : text
  }

  #time(row: Doc): TemplateResult | typeof nothing {
    const { boot } = deskClient()
    const instant = parseSiteTime(plain(row.modified), boot.time_zone.system)
    if (Number.isNaN(instant.getTime())) return nothing
    return html`<time datetime=${instant.toISOString()} title=${formatDateTime(instant, boot.lang)}>
      ${formatShort(instant, new Date(), boot.lang)}
    </time>`
  }
}

/** The first two columns stay on a phone; the others give way. */
function cellClass(field: DocField, index: number): string {
  if (field === modified) return 'cell-time'
  const parts = [
    isNumeric(field) ? 'cell-number' : '',
    index === 0 ? 'cell-title' : '',
    index > 1 ? 'cell-minor' : '',
  ]
  return parts.filter(Boolean).join(' ')
}
