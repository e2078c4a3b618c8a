import { __, icon } from '@f-chat/desk/client'
import { css, html, LitElement, nothing } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { MessageCircle } from 'lucide'
import type { FChatPanel } from '../chat/f-chat-panel.ts'
import { StoreController } from '../shared/store-controller.ts'
import { baseStyles } from '../shared/styles.ts'

const loadPanel = (): Promise<unknown> => import('../chat/f-chat-panel.ts')

/** The chat button with its unread badge; opens the drop-down, which is loaded when it is first needed. */
@customElement('f-chat-navbar')
export class FChatNavbar extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: flex;
        align-items: center;
        position: relative;
      }
      .icon-button {
        position: relative;
      }
      .badge {
        position: absolute;
        inset-block-start: 0;
        inset-inline-end: -1px;
        min-width: 16px;
        height: 16px;
        padding: 0 4px;
        border-radius: 9px;
        background: var(--fc-accent);
        color: var(--fc-on-accent);
        font-size: 10px;
        font-weight: 650;
        line-height: 16px;
        text-align: center;
        font-variant-numeric: tabular-nums;
        box-shadow: 0 0 0 2px var(--fc-surface);
      }
      .problem {
        position: absolute;
        inset-block-start: calc(100% + 6px);
        inset-inline-end: 0;
        width: max-content;
        max-width: 260px;
        padding: 8px 12px;
        border-radius: var(--fc-radius-md);
        background: var(--fc-text);
        color: var(--fc-surface);
        z-index: 1;
      }
      :host([floating]) {
        position: fixed;
        inset-block-end: 20px;
        inset-inline-end: 20px;
        z-index: 1030;
      }
      :host([floating]) .icon-button,
      :host([floating]) .icon-button:hover {
        width: 52px;
        height: 52px;
        border-radius: 50%;
        background: var(--fc-accent);
        color: var(--fc-on-accent);
        box-shadow: var(--fc-shadow);
      }
      :host([floating]) .badge {
        inset-inline-end: 0;
        background: var(--fc-danger);
        color: #fff;
      }
      :host([floating]) .problem {
        inset-block: auto calc(100% + 8px);
      }
      @media (width < 600px) {
        .badge {
          inset-block-start: 5px;
          inset-inline-end: 5px;
        }
      }
    `,
  ]

  /** Shown as a round button at the page's edge, where there is no navbar. */
  @property({ type: Boolean, reflect: true }) accessor floating = false
  @state() private accessor open = false
  @state() private accessor failed = false
  @query('button') private accessor button!: HTMLButtonElement
  @query('f-chat-panel') private accessor panel!: FChatPanel | null
  #chat = new StoreController(this)

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.#isGuest) return
    this.addEventListener('keydown', this.#onKeydown)
    this.#chat.store.start()
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => this.#prefetch())
    else setTimeout(() => this.#prefetch(), 2000)
  }

  protected override render() {
    if (this.#isGuest) return nothing
    const unread = this.#chat.store.totalUnread
    const label = unread > 0 ? __('Chat, {0} unread', [unread]) : __('Chat')
    return html`
      <button
        class="icon-button"
        aria-label=${label}
        aria-haspopup="dialog"
        aria-expanded=${String(this.open)}
        title=${__('Chat')}
        @click=${this.#toggle}
        @pointerenter=${this.#prefetch}
      >
        ${icon(MessageCircle, this.floating ? 22 : 18)}
        ${unread > 0 ? html`<span class="badge">${unread > 99 ? '99+' : unread}</span>` : nothing}
      </button>
      ${
        this.failed
          ? html`<p class="problem" role="alert">${__('Chat could not be loaded. Click again to retry.')}</p>`
          : nothing
      }
      <f-chat-panel @f-chat-close=${this.#onClose}></f-chat-panel>
    `
  }

  get #isGuest(): boolean {
    return this.#chat.store.me === 'Guest'
  }

  #prefetch(): void {
    loadPanel().catch(() => undefined)
  }

  async #toggle(): Promise<void> {
    if (this.open) {
      this.panel?.close()
      return
    }
    try {
      await loadPanel()
      this.failed = false
    } catch {
      this.failed = true
      return
    }
    this.#show()
  }

  #show(): void {
    if (this.open || !this.isConnected) return
    this.open = true
    this.panel?.openAt(this.button)
  }

  #onKeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.open) this.panel?.close()
  }

  #onClose(): void {
    this.open = false
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'f-chat-navbar': FChatNavbar
  }
}
