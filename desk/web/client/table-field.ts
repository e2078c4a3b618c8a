import { Plus, X } from 'lucide'
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../../client/icon.ts'
import type { DocTypeJson } from '../../meta/doctype.ts'
import { mark, renderControl } from './control.ts'
import { newDraft, problemsOf, rowsOf, withRows, type Change, type Draft } from './draft.ts'
import { gridFields, isNumeric } from './fields.ts'
import { labelOf, type DocField } from './meta.ts'

export interface GridOptions {
  id: string
  draft: Draft
  child: DocTypeJson
  change?: Change
  /** Marks incomplete cells. */
  checked: boolean
}

/** A child table as a grid: edited in place, rows added and removed. */
export function renderGrid(field: DocField, options: GridOptions): TemplateResult {
  const { id, draft, child, change } = options
  const rows = rowsOf(draft, field.fieldname)
  const fields = gridFields(child)
  return html`<div class="grid-scroll" id=${id} tabindex="-1">
      ${
        rows.length === 0
          ? html`<p class="grid-empty">No rows</p>`
          : html`<table class="grid" aria-label=${labelOf(field)}>
              <thead>
                <tr>
                  <th scope="col" class="grid-index">#</th>
                  ${fields.map(
                    (column) =>
                      html`<th scope="col" class=${isNumeric(column) ? 'cell-number' : ''}>
                        ${labelOf(column)}${column.reqd ? requiredMark : nothing}
                      </th>`,
                  )}
                  ${change ? html`<td class="grid-remove"></td>` : nothing}
                </tr>
              </thead>
              <tbody>
                ${rows.map((row, index) => renderRow(field, fields, row, index, options))}
              </tbody>
            </table>`
      }
    </div>
    ${
      change
        ? html`<button
            type="button"
            class="button button-small"
            @click=${() => change((now) => withRows(now, field.fieldname, (old) => [...old, newDraft(child)]))}
          >
            ${icon(Plus, 14)}Add row<span class="visually-hidden"> to ${labelOf(field)}</span>
          </button>`
        : nothing
    }`
}

export const requiredMark = html`<span class="required" aria-hidden="true">*</span>`

function renderRow(
  field: DocField,
  fields: DocField[],
  row: Draft,
  index: number,
  { id, child, change, checked }: GridOptions,
): TemplateResult {
  const problems = checked ? problemsOf(row, child, mark()) : {}
  const edit: Change = (update) =>
    change?.((now) =>
      withRows(now, field.fieldname, (rows) => rows.map((old, at) => (at === index ? update(old) : old))),
    )
  const remove = () => change?.((now) => withRows(now, field.fieldname, (rows) => rows.toSpliced(index, 1)))
  return html`<tr>
    <td class="grid-index">${index + 1}</td>
    ${fields.map((column) => {
      const name = `${labelOf(column)}, row ${index + 1}`
      return html`<td class=${isNumeric(column) ? 'cell-number' : ''}>
        ${renderControl(column, {
          id: `${id}-${index}-${column.fieldname}`,
          draft: row,
          name,
          invalid: column.fieldname in problems,
          ...(change && !column.read_only ? { change: edit } : {}),
        })}
      </td>`
    })}
    ${
      change
        ? html`<td class="grid-remove">
            <button type="button" class="icon-button" aria-label="Remove row ${index + 1}" @click=${remove}>
              ${icon(X, 15)}
            </button>
          </td>`
        : nothing
    }
  </tr>`
}
