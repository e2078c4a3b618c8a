import { __, icon } from '@f-chat/desk/client'
import { css, html, LitElement, nothing, type PropertyValues } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { ArrowRight, Lock } from 'lucide'
import { loadDraft, saveDraft } from '../shared/drafts.ts'
import { baseStyles } from '../shared/styles.ts'

/** The server's limit (f-chat-api.md, send_message). */
const LIMIT = 4000
const SHOW_COUNT_FROM = 3600

/**
 * Where a message is written: Enter sends, Shift+Enter breaks the line; what is not sent yet is kept per room.
 * @fires f-chat-send - with the text
 */
@customElement('f-chat-composer')
export class FChatComposer extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        flex: none;
        padding: 6px 12px calc(12px + env(safe-area-inset-bottom));
      }
      form {
        display: flex;
        align-items: end;
        gap: 4px;
        padding: 3px;
        padding-inline-start: 12px;
        border: 1px solid var(--fc-line);
        border-radius: 12px;
        background: var(--fc-surface);
        transition: border-color var(--fc-fast) var(--fc-ease);
      }
      form:focus-within {
        border-color: var(--fc-accent);
      }
      /* The text again, unseen, gives the field its height. */
      .grow {
        flex: 1;
        min-width: 0;
        display: grid;
      }
      .grow::after,
      textarea {
        grid-area: 1 / 1;
        min-width: 0;
        padding: 6px 0;
        font-size: var(--fc-text-lg);
        line-height: 20px;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .grow::after {
        content: attr(data-text) ' ';
        max-height: 168px;
        overflow: hidden;
        visibility: hidden;
      }
      textarea {
        border: 0;
        resize: none;
        background: none;
        box-shadow: none;
        overflow-y: auto;
        scrollbar-width: thin;
        scrollbar-color: var(--fc-line) transparent;
      }
      textarea::placeholder {
        color: var(--fc-text-faint);
        opacity: 1;
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .send {
        width: 32px;
        height: 32px;
        flex: none;
        border-radius: 9px;
        display: grid;
        place-items: center;
        background: var(--fc-accent);
        color: var(--fc-on-accent);
        transition: background-color var(--fc-fast) var(--fc-ease);
      }
      @media (hover: hover) {
        .send:hover {
          background: color-mix(in srgb, var(--fc-accent) 88%, var(--fc-text));
        }
      }
      .send:disabled,
      .send:disabled:hover {
        background: var(--fc-surface-hover);
        color: var(--fc-text-faint);
      }
      .count {
        align-self: center;
        font-size: var(--fc-text-xs);
        color: var(--fc-text-muted);
        font-variant-numeric: tabular-nums;
      }
      .count.over {
        color: var(--fc-danger-text);
        font-weight: 600;
      }
      .reason {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 8px;
        min-height: 40px;
        padding: 8px 12px;
        border-radius: 12px;
        background: var(--fc-surface-sunken);
        color: var(--fc-text-muted);
        text-align: center;
      }
      @media (width < 600px) {
        .grow::after,
        textarea {
          padding-block: 12px;
          font-size: 16px;
        }
        .send {
          width: 44px;
          height: 44px;
        }
      }
    `,
  ]

  @property() accessor room = ''
  @property({ attribute: false }) accessor me = ''
  @property({ attribute: false }) accessor label = ''
  @property({ attribute: false }) accessor disabledReason = ''
  @state() private accessor text = ''
  /** Safari ends a composition just before the Enter that confirmed it. */
  #composed = false
  @query('textarea') private accessor textarea!: HTMLTextAreaElement | null

  override focus(): void {
    this.textarea?.focus()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('room')) this.text = loadDraft(this.me, this.room)
  }

  protected override render() {
    if (this.disabledReason) return html`<p class="reason">${icon(Lock, 15)}${this.disabledReason}</p>`
    const label = __('Message {0}', [this.label])
    const left = LIMIT - this.text.length
    const sendable = this.text.trim() !== '' && left >= 0
    return html`
      <form @submit=${this.#onSubmit}>
        <div class="grow" data-text=${this.text}>
          <textarea
            rows="1"
            dir="auto"
            aria-label=${label}
            placeholder=${__('Message {0}', [shorten(this.label)])}
            enterkeyhint="send"
            .value=${this.text}
            @input=${this.#onInput}
            @compositionend=${this.#onCompositionEnd}
            @keydown=${this.#onKeydown}
          ></textarea>
        </div>
        ${
          this.text.length >= SHOW_COUNT_FROM
            ? html`<span
                class="count ${left < 0 ? 'over' : ''}"
                role="status"
                aria-label=${__('{0} characters left', [left])}
                >${left}</span
              >`
            : nothing
        }
        <button class="send flip" aria-label=${__('Send')} title=${__('Send (Enter)')} ?disabled=${!sendable}>
          ${icon(ArrowRight, 17)}
        </button>
      </form>
    `
  }

  #onInput(event: Event): void {
    this.text = (event.target as HTMLTextAreaElement).value
    saveDraft(this.me, this.room, this.text)
  }

  #onKeydown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || this.#composed) return
    event.preventDefault()
    this.#send()
  }

  #onCompositionEnd(): void {
    this.#composed = true
    setTimeout(() => (this.#composed = false))
  }

  #onSubmit(event: Event): void {
    event.preventDefault()
    this.#send()
    this.focus()
  }

  #send(): void {
    const text = this.text.trim()
    if (!text || text.length > LIMIT) return
    this.text = ''
    saveDraft(this.me, this.room, '')
    this.dispatchEvent(new CustomEvent('f-chat-send', { detail: text }))
  }
}

/** A placeholder cannot end in an ellipsis by itself. */
const shorten = (name: string): string => (name.length > 28 ? `${name.slice(0, 27)}…` : name)

declare global {
  interface HTMLElementTagNameMap {
    'f-chat-composer': FChatComposer
  }
}
