import { Trash2 } from 'lucide'
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../../client/icon.ts'
import { withValue, type Change, type Draft } from './draft.ts'
import { titleOf, type Doc, type Meta } from './meta.ts'
import { requiredMark } from './table-field.ts'

export interface HeadOptions {
  meta: Meta
  /** The document as the server knows it; null while it is new. */
  stored: Doc | null
  dirty: boolean
  busy: boolean
  writable: boolean
  remove: () => void
}

/** A form's title, state and actions. */
export function renderHead({ meta, stored, dirty, busy, writable, remove }: HeadOptions): TemplateResult {
  const title = stored ? titleOf(meta, stored) : `New ${meta.name}`
  const name = stored && !meta.issingle && stored.name !== title ? String(stored.name) : ''
  return html`<header class="page-head">
    <div class="form-title">
      <h1>${meta.issingle ? meta.name : title}</h1>
      ${name ? html`<span class="faint">${name}</span>` : nothing}
      <span role="status">
        ${dirty ? html`<span class="pill pill-warn">Not saved</span>` : nothing}
        ${writable ? nothing : html`<span class="pill pill-quiet">Read only</span>`}
      </span>
    </div>
    ${
      stored && meta.rights.delete && !meta.issingle
        ? html`<button
            type="button"
            class="icon-button"
            aria-label="Delete"
            title="Delete"
            ?disabled=${busy}
            @click=${remove}
          >
            ${icon(Trash2)}
          </button>`
        : nothing
    }
    ${
      writable
        ? html`<button
            class="button button-primary"
            title="Ctrl+S"
            ?disabled=${busy || (!dirty && stored !== null)}
          >
            ${busy ? 'Saving…' : 'Save'}
          </button>`
        : nothing
    }
  </header>`
}

/** The name of a new document whose DocType lets people choose it. */
export function renderNameField(draft: Draft, change: Change, checked: boolean): TemplateResult {
  const missing = checked && !draft.values.name
  const onInput = ({ target }: Event) => {
    if (!(target instanceof HTMLInputElement)) return
    const name = target.value.trim() || undefined
    change((now) => withValue(now, 'name', name))
  }
  return html`<section class="form-section">
    <div class="form-columns">
      <div class="field">
        <label for="field-name">Name${requiredMark}</label>
        <input
          id="field-name"
          type="text"
          autocomplete="off"
          maxlength="140"
          aria-required="true"
          aria-invalid=${missing ? 'true' : nothing}
          aria-describedby=${missing ? 'field-name-problem' : nothing}
          @input=${onInput}
        />
        ${missing ? html`<p id="field-name-problem" class="problem">This is needed.</p>` : nothing}
      </div>
    </div>
  </section>`
}
