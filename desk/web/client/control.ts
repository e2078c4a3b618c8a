import { html, nothing, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'
import { deskClient } from '../../client/client.ts'
import { settled, textOf, withText, withValue, type Change, type Draft } from './draft.ts'
import { choicesOf, isNumeric, kindOf } from './fields.ts'
import { formatValue } from './format.ts'
import { labelOf, type DocField } from './meta.ts'
import { decimalMark } from './values.ts'
import './link-field.ts'
import type { LinkChange } from './link-field.ts'
import { plain } from './plain.ts'

export interface ControlOptions {
  /** The id of the input; its label points at it. */
  id: string
  draft: Draft
  /** Without it the value is shown, not edited. */
  change?: Change
  /** The id of what describes the control (a hint, a problem). */
  describedBy?: string | undefined
  invalid?: boolean
  /** A name for the control where no label stands beside it (cells of a grid). */
  name?: string
}

/** The viewer's decimal mark. */
export function mark(): '.' | ',' {
  return decimalMark(deskClient().boot.lang)
}

/** A field's value as text, in the viewer's language and zone. */
export function displayText(field: DocField, value: unknown): string {
  const { boot } = deskClient()
  return formatValue(field, value, { locale: boot.lang, timeZone: boot.time_zone.system })
}

/** The input for a field's value; every fieldtype has one. */
export function renderControl(field: DocField, options: ControlOptions): TemplateResult {
  const { draft, change } = options
  const kind = kindOf(field)
  if (!change || kind === 'display') return renderDisplay(field, options)
  switch (kind) {
    case 'check':
      return html`<input
        id=${options.id}
        type="checkbox"
        .checked=${live(Number(draft.values[field.fieldname] ?? 0) === 1)}
        aria-label=${options.name ?? nothing}
        aria-describedby=${options.describedBy ?? nothing}
        @change=${(event: Event) => {
          if (event.target instanceof HTMLInputElement) {
            change(setTo(field, event.target.checked ? 1 : 0))
          }
        }}
      />`
    case 'select':
      return renderSelect(field, options, change)
    case 'link':
    case 'dynamic-link':
      return renderLink(field, options, change)
    case 'multiline':
    case 'code':
    case 'json':
      return html`<textarea
        id=${options.id}
        class=${kind === 'multiline' ? '' : 'code'}
        rows=${kind === 'multiline' && field.fieldtype === 'Small Text' ? 2 : 5}
        spellcheck=${kind === 'multiline'}
        aria-label=${options.name ?? nothing}
        aria-describedby=${options.describedBy ?? nothing}
        aria-invalid=${options.invalid ? 'true' : nothing}
        .value=${live(textOf(draft, field, mark()))}
        @input=${(event: Event) => change(typed(field, event))}
      ></textarea>`
    default:
      return renderInput(field, options, change)
  }
}

const inputTypes: Readonly<Record<string, string>> = {
  date: 'date',
  time: 'time',
  datetime: 'datetime-local',
  password: 'password',
  color: 'color',
}

function renderInput(field: DocField, options: ControlOptions, change: Change): TemplateResult {
  const { draft } = options
  const kind = kindOf(field)
  const text = textOf(draft, field, mark())
  const seconds = kind === 'time' || kind === 'datetime'
  return html`<input
    id=${options.id}
    type=${field.fieldtype === 'Phone' ? 'tel' : (inputTypes[kind] ?? 'text')}
    class=${[isNumeric(field) ? 'number' : '', text === '' ? 'blank' : ''].join(' ').trim()}
    inputmode=${kind === 'integer' ? 'numeric' : kind === 'decimal' ? 'decimal' : nothing}
    step=${seconds ? '1' : nothing}
    maxlength=${kind === 'text' && field.length ? field.length : nothing}
    autocomplete=${kind === 'password' ? 'new-password' : 'off'}
    aria-label=${options.name ?? nothing}
    aria-describedby=${options.describedBy ?? nothing}
    aria-invalid=${options.invalid ? 'true' : nothing}
    .value=${live(text)}
    @input=${(event: Event) => change(typed(field, event))}
    @change=${() => change((now) => settled(now, field, mark()))}
  />`
}

function setTo(field: DocField, value: unknown): (draft: Draft) => Draft {
  return (draft) => withValue(draft, field.fieldname, value)
}

function typed(field: DocField, event: Event): (draft: Draft) => Draft {
  const { target } = event
  if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) return (draft) => draft
  const { value } = target
  return (draft) => withText(draft, field, value, mark())
}

function renderSelect(field: DocField, options: ControlOptions, change: Change): TemplateResult {
  const { draft } = options
  const value = plain(draft.values[field.fieldname])
  const listed = choicesOf(field)
  // A stored value that is no choice any more is kept until another one is taken.
  const choices = listed.includes(value) ? listed : [value, ...listed]
  return html`<select
    id=${options.id}
    aria-label=${options.name ?? nothing}
    aria-describedby=${options.describedBy ?? nothing}
    aria-invalid=${options.invalid ? 'true' : nothing}
    @change=${(event: Event) => {
      if (event.target instanceof HTMLSelectElement) {
        change(setTo(field, event.target.value || null))
      }
    }}
  >
    ${choices.map(
      (choice) => html`<option value=${choice} .selected=${live(choice === value)}>${choice}</option>`,
    )}
  </select>`
}

function renderLink(field: DocField, options: ControlOptions, change: Change): TemplateResult {
  const { draft } = options
  return html`<desk-link
    .inputId=${options.id}
    .doctype=${linkedDoctype(field, draft)}
    .value=${plain(draft.values[field.fieldname])}
    .name=${options.name ?? ''}
    .describedBy=${options.describedBy ?? ''}
    .invalid=${options.invalid ?? false}
    @desk-link-change=${(event: CustomEvent<LinkChange>) => change(setTo(field, event.detail.value || null))}
  ></desk-link>`
}

/** The DocType that a Link names, or that another field names for it; empty while that one is. */
export function linkedDoctype(field: DocField, draft: Draft): string {
  if (kindOf(field) !== 'dynamic-link') return field.options ?? ''
  return plain(draft.values[field.options ?? ''])
}

function renderDisplay(field: DocField, { id, draft, name }: ControlOptions): TemplateResult {
  const value = draft.values[field.fieldname]
  const kind = kindOf(field)
  if (kind === 'check') {
    return html`<input
      id=${id}
      type="checkbox"
      disabled
      .checked=${Number(value) === 1}
      aria-label=${name ?? nothing}
    />`
  }
  const text = kind === 'json' || kind === 'code' ? textOf(draft, field, mark()) : displayText(field, value)
  const shown = kind === 'password' ? '' : text
  return html`<output
    id=${id}
    class="display ${isNumeric(field) ? 'number' : ''}"
    aria-label=${name ?? labelOf(field)}
    >${shown || html`<span class="faint" aria-label="empty">–</span>`}</output
  >`
}
