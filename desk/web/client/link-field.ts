import { ArrowUpRight } from 'lucide'
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { live } from 'lit/directives/live.js'
import { icon } from '../../client/icon.ts'
import { addressOf } from './paths.ts'
import { LightElement } from './light-element.ts'
import { isAbort, messagesOf, searchLink, type LinkOption } from './server.ts'

export interface LinkChange {
  value: string
}

/**
 * A combobox over the documents of one DocType (WAI-ARIA's list autocomplete with manual selection). Text that was
 * typed in full counts too: the server says whether such a document exists.
 * @fires desk-link-change - with the new value
 */
@customElement('desk-link')
export class DeskLink extends LightElement {
  @property({ attribute: false }) accessor inputId = ''
  @property({ attribute: false }) accessor doctype = ''
  @property({ attribute: false }) accessor value = ''
  @property({ attribute: false }) accessor name = ''
  @property({ attribute: false }) accessor describedBy = ''
  @property({ attribute: false }) accessor invalid = false
  @state() private accessor text = ''
  @state() private accessor options: LinkOption[] | null = null
  @state() private accessor note = ''
  @state() private accessor active = -1
  #request: AbortController | null = null
  #typing = 0

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('value')) this.text = this.value
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#close()
  }

  get #listId(): string {
    return `${this.inputId}-list`
  }

  async #search(text: string): Promise<void> {
    this.#request?.abort()
    if (!this.doctype) {
      this.options = []
      this.note = 'Choose the kind of document first.'
      return
    }
    const request = (this.#request = new AbortController())
    try {
      const found = await searchLink(this.doctype, text, request.signal)
      if (request.signal.aborted) return
      this.options = found
      this.note = found.length > 0 ? '' : `No ${this.doctype} found`
      this.active = -1
    } catch (error) {
      if (isAbort(error) || request.signal.aborted) return
      this.options = []
      this.note = messagesOf(error).join(' ')
    }
  }

  #close(): void {
    this.#request?.abort()
    clearTimeout(this.#typing)
    this.options = null
    this.active = -1
  }

  #take(value: string): void {
    this.text = value
    this.#close()
    if (value === this.value) return
    this.dispatchEvent(new CustomEvent<LinkChange>('desk-link-change', { detail: { value } }))
  }

  #onInput(event: Event): void {
    if (!(event.target instanceof HTMLInputElement)) return
    const text = (this.text = event.target.value)
    clearTimeout(this.#typing)
    this.#typing = window.setTimeout(() => void this.#search(text.trim()), 150)
  }

  #onKey(event: KeyboardEvent): void {
    const { options } = this
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      if (!options) void this.#search(this.text === this.value ? '' : this.text.trim())
      else this.#move(event.key === 'ArrowDown' ? 1 : -1, options.length)
    } else if (event.key === 'Enter' && options) {
      event.preventDefault()
      this.#take(options[this.active]?.value ?? this.text.trim())
    } else if (event.key === 'Escape' && options) {
      event.stopPropagation()
      this.text = this.value
      this.#close()
    }
  }

  #move(step: 1 | -1, count: number): void {
    if (count === 0) return
    this.active = this.active < 0 ? (step > 0 ? 0 : count - 1) : (this.active + step + count) % count
    void this.updateComplete.then(() =>
      this.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }),
    )
  }

  protected override render(): TemplateResult {
    const open = this.options !== null
    const activeId = this.active >= 0 ? `${this.#listId}-${this.active}` : nothing
    return html`<div class="link-field">
      <input
        id=${this.inputId}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck="false"
        aria-autocomplete="list"
        aria-expanded=${open}
        aria-controls=${open ? this.#listId : nothing}
        aria-activedescendant=${activeId}
        aria-label=${this.name || nothing}
        aria-describedby=${this.describedBy || nothing}
        aria-invalid=${this.invalid ? 'true' : nothing}
        .value=${live(this.text)}
        @input=${(event: Event) => this.#onInput(event)}
        @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
        @click=${() => (this.options ? undefined : void this.#search(this.text === this.value ? '' : this.text.trim()))}
        @blur=${() => this.#take(this.text.trim())}
      />
      ${
        this.value && this.doctype && !open
          ? html`<a
              class="link-open"
              href=${addressOf(this.doctype, this.value)}
              aria-label="Open ${this.value}"
            >
              ${icon(ArrowUpRight, 15)}
            </a>`
          : nothing
      }
      ${this.options ? this.#list(this.options) : nothing}
    </div>`
  }

  #list(options: LinkOption[]): TemplateResult {
    return html`<div class="link-list">
      <ul id=${this.#listId} role="listbox" aria-label=${this.doctype || 'Documents'}>
        ${options.map((option, index) => {
          const label = option.label && option.label !== option.value ? option.label : ''
          return html`<li
            id="${this.#listId}-${index}"
            role="option"
            aria-selected=${index === this.active}
            @pointerdown=${(event: Event) => {
              // The input keeps its focus, so that leaving it does not take the half-typed text first.
              event.preventDefault()
            }}
            @pointerup=${() => this.#take(option.value)}
          >
            <span>${label || option.value}</span>
            ${
              label || option.description
                ? html`<small
                    >${[label ? option.value : '', option.description ?? ''].filter(Boolean).join(' · ')}</small
                  >`
                : nothing
            }
          </li>`
        })}
      </ul>
      ${this.note ? html`<p class="link-note" role="status">${this.note}</p>` : nothing}
    </div>`
  }
}
