import { __, deskClient, formatTime, icon } from '@f-chat/desk/client'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { Check, CloudOff, RefreshCw } from 'lucide'
import { StoreController } from '../shared/store-controller.ts'
import { baseStyles } from '../shared/styles.ts'

const SHOW_CAUGHT_UP_MS = 10_000

/** One quiet line while the connection is lost, and for a moment after all is caught up. Nothing otherwise. */
@customElement('f-chat-connection')
export class FChatConnection extends LitElement {
  static override styles = [
    baseStyles,
    css`
      .bar {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 30px;
        padding: 4px 16px;
        font-size: var(--fc-text-sm);
        background: var(--fc-surface-sunken);
        color: var(--fc-text-muted);
        border-block-end: 1px solid var(--fc-line);
      }
      .bar.away {
        color: var(--fc-away-text);
      }
      span {
        flex: 1;
      }
      a,
      button {
        color: var(--fc-accent-text);
        font-weight: 550;
        text-decoration: none;
        border-radius: 4px;
      }
      @media (width < 600px) {
        a,
        button {
          min-width: 44px;
          min-height: 44px;
          display: inline-flex;
          align-items: center;
          justify-content: center;
        }
      }
      a:hover,
      button:hover {
        text-decoration: underline;
      }
    `,
  ]

  @state() private accessor hiddenBefore = 0
  #chat = new StoreController(this)
  #timer: ReturnType<typeof setTimeout> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  protected override render() {
    return html`<div role="status">${this.#line()}</div>`
  }

  #line(): TemplateResult | typeof nothing {
    const { state: connection, problem, caughtUpAt } = this.#chat.store.connection
    if (problem === 'login') {
      return this.#bar(CloudOff, __('You are logged out.'), this.#loginAgain())
    }
    if (problem === 'reload') {
      return this.#bar(RefreshCw, __('A new version of chat is here.'), this.#reload())
    }
    if (connection === 'away') return this.#bar(CloudOff, __('Reconnecting…'))
    if (caughtUpAt <= this.hiddenBefore) return nothing
    this.#hideLater(caughtUpAt)
    const time = formatTime(new Date(caughtUpAt), deskClient().boot.lang)
    return html`<div class="bar">
      ${icon(Check, 15)}<span>${__('You were away. Caught up at {0}.', [time])}</span>
    </div>`
  }

  /** Where the page belongs to another application, that one knows on loading it where people log in. */
  #loginAgain(): TemplateResult {
    const { login_url: url } = deskClient().boot
    if (!url) return this.#reload()
    const back = encodeURIComponent(location.pathname + location.search)
    return html`<a href="${url}?redirect-to=${back}">${__('Log in again')}</a>`
  }

  #reload(): TemplateResult {
    return html`<button @click=${() => location.reload()}>${__('Reload')}</button>`
  }

  #bar(node: typeof CloudOff, text: string, action: unknown = nothing): TemplateResult {
    return html`<div class="bar away">${icon(node, 15)}<span>${text}</span>${action}</div>`
  }

  /** Only while someone could see it does its time run. */
  #hideLater(caughtUpAt: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (document.visibilityState === 'visible' && this.checkVisibility()) this.hiddenBefore = caughtUpAt
      else this.requestUpdate()
    }, SHOW_CAUGHT_UP_MS)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'f-chat-connection': FChatConnection
  }
}
