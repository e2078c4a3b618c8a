import { html, nothing, type TemplateResult } from 'lit'
import { addressOf } from './paths.ts'
import { linkedDoctype, renderControl } from './control.ts'
import { isShown } from './depends-on.ts'
import { rowsOf, type Change, type Draft } from './draft.ts'
import { kindOf, type Section } from './fields.ts'
import { labelOf, type DocField, type Meta } from './meta.ts'
import { renderGrid, requiredMark } from './table-field.ts'

export interface BodyOptions {
  meta: Meta
  draft: Draft
  isNew: boolean
  problems: Readonly<Record<string, string>>
  /** Whether problems are shown by now. */
  checked: boolean
  /** Without it nothing can be edited. */
  change?: Change
}

/** A form's fields in their sections and columns. */
export function renderSections(sections: readonly Section[], options: BodyOptions): TemplateResult {
  const tabbed = sections.some(({ tab }) => tab)
  return html`${sections.map((section) => {
    const columns = section.columns.map((column) => column.filter((field) => isVisible(field, options)))
    const filled = columns.filter((column) => column.length > 0)
    if (filled.length === 0) return nothing
    return html`${section.tab ? html`<h2 class="form-tab">${section.tab}</h2>` : nothing}
      <section class="form-section">
        ${section.label ? renderHeading(section.label, tabbed) : nothing}
        <div class="form-columns">
          ${filled.map(
            (column) =>
              html`<div class="form-column">
                ${column.map((field) => renderField(field, { ...options, section: section.label }))}
              </div>`,
          )}
        </div>
      </section>`
  })}`
}

function renderHeading(label: string, tabbed: boolean): TemplateResult {
  return tabbed
    ? html`<h3 class="section-title">${label}</h3>`
    : html`<h2 class="section-title">${label}</h2>`
}

function isVisible(field: DocField, { draft, isNew }: BodyOptions): boolean {
  if (!isShown(field.depends_on, draft.values)) return false
  const { [field.fieldname]: value } = draft.values
  const empty = kindOf(field) === 'table' ? rowsOf(draft, field.fieldname).length === 0 : !value
  return !(isNew && empty && (Boolean(field.read_only) || kindOf(field) === 'display'))
}

function renderField(
  field: DocField,
  options: BodyOptions & { section: string | undefined },
): TemplateResult {
  const { draft, change, problems, isNew } = options
  const kind = kindOf(field)
  if (kind === 'heading') return html`<p class="form-heading">${labelOf(field)}</p>`
  const id = `field-${field.fieldname}`
  const problem = problems[field.fieldname]
  const hint = field.description
  const describedBy = problem ? `${id}-problem` : hint ? `${id}-hint` : undefined
  const locked = !change || Boolean(field.read_only) || (Boolean(field.set_only_once) && !isNew)
  const edit = locked ? {} : { change }
  const text = html`${labelOf(field)}${field.reqd && !locked ? requiredMark : nothing}`
  const notes = html`${hint ? html`<p id="${id}-hint" class="hint">${hint}</p>` : nothing}
  ${problem ? html`<p id="${id}-problem" class="problem">${problem}</p>` : nothing}`
  if (kind === 'table') {
    const child = options.meta.children.get(field.options ?? '')
    return html`<div class="field field-table">
      <span class=${labelOf(field) === options.section ? 'visually-hidden' : 'label'}>${text}</span>
      ${
        child
          ? renderGrid(field, { id, draft, child, checked: options.checked, ...edit })
          : html`<p class="hint">The rows’ DocType ${field.options} is not readable.</p>`
      }
      ${notes}
    </div>`
  }
  const control = renderControl(field, { id, draft, describedBy, invalid: problem !== undefined, ...edit })
  if (kind === 'check') {
    return html`<div class="field field-check">
      <label>${control}<span>${text}</span></label
      >${notes}
    </div>`
  }
  return html`<div class="field">
    <label for=${id}>${text}</label>
    ${locked ? renderLocked(field, draft, control) : control} ${notes}
  </div>`
}

/** A link that cannot be edited is a way to its document. */
function renderLocked(field: DocField, draft: Draft, control: TemplateResult): TemplateResult {
  const kind = kindOf(field)
  const value = draft.values[field.fieldname]
  if ((kind !== 'link' && kind !== 'dynamic-link') || typeof value !== 'string' || !value) return control
  return html`<a
    id="field-${field.fieldname}"
    class="display"
    href=${addressOf(linkedDoctype(field, draft), value)}
    >${value}</a
  >`
}
