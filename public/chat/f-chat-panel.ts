import { __ } from '@f-chat/desk/client'
import { css, html, LitElement, type PropertyValues } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { keyed } from 'lit/directives/keyed.js'
import { StoreController } from '../shared/store-controller.ts'
import { baseStyles } from '../shared/styles.ts'
import './f-chat-connection.ts'
import './f-chat-new.ts'
import './f-chat-room-list.ts'
import type { FChatRoomList } from './f-chat-room-list.ts'
import './f-chat-room.ts'

type View = { at: 'list' } | { at: 'new' } | { at: 'room'; room: string }

const GAP = 12
const EDGE = 12
const HEIGHT = 640

/**
 * The drop-down: rooms, one room, or a new chat. A sheet over the whole page on phones.
 * @fires f-chat-close - it closed
 */
@customElement('f-chat-panel')
export class FChatPanel extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: none;
        position: fixed;
        inset: auto;
        margin: 0;
        padding: 0;
        width: min(384px, 100vw - 16px);
        border: 1px solid var(--fc-line);
        border-radius: var(--fc-radius-lg);
        background: var(--fc-surface);
        box-shadow: var(--fc-shadow);
        overflow: hidden;
        z-index: 1050;
      }
      :host([open]) {
        display: flex;
        animation: drop var(--fc-fast) var(--fc-ease);
      }
      .dialog {
        flex: 1;
        min-width: 0;
        display: flex;
        flex-direction: column;
      }
      .dialog:focus-visible {
        box-shadow: none;
      }
      .dialog > :not(f-chat-connection) {
        flex: 1;
        min-height: 0;
      }
      [hidden] {
        display: none !important;
      }
      @keyframes drop {
        from {
          opacity: 0;
          translate: 0 -4px;
        }
      }
      @media (width < 600px) {
        :host {
          inset: 0 !important;
          width: 100vw;
          height: var(--viewport-height, 100dvh) !important;
          max-height: none;
          border: 0;
          border-radius: 0;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        :host([open]) {
          animation: none;
        }
      }
    `,
  ]

  @property({ type: Boolean, reflect: true }) accessor open = false
  @state() private accessor view: View = { at: 'list' }
  @query('.dialog') private accessor dialog!: HTMLElement
  @query('f-chat-room-list') private accessor list!: FChatRoomList
  #anchor: HTMLElement | null = null
  #chat = new StoreController(this)

  override connectedCallback(): void {
    super.connectedCallback()
    this.popover = 'manual'
    this.addEventListener('keydown', this.#onKeydown)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.close()
  }

  /** Opens under (or over) the button that it belongs to, and takes the focus. */
  openAt(anchor: HTMLElement): void {
    this.#anchor = anchor
    this.open = true
    this.showPopover()
    this.#place()
    this.#listen(true)
    void this.updateComplete.then(() => this.#focus())
  }

  /** Closes; the focus goes back to the button if it was in here. */
  close(): void {
    if (!this.open) return
    const hadFocus = this.matches(':focus-within')
    this.open = false
    this.hidePopover()
    this.#listen(false)
    if (hadFocus) this.#anchor?.focus()
    this.dispatchEvent(new Event('f-chat-close'))
  }

  protected override willUpdate(): void {
    const { view } = this
    if (view.at === 'room' && !this.#chat.store.room(view.room)) this.view = { at: 'list' }
  }

  protected override render() {
    const { view } = this
    return html`
      <div class="dialog" role="dialog" aria-label=${__('Chat')} tabindex="-1">
        <f-chat-connection></f-chat-connection>
        <f-chat-room-list
          ?hidden=${view.at !== 'list'}
          .active=${this.open}
          @f-chat-open-room=${this.#openRoom}
          @f-chat-new=${() => this.#show({ at: 'new' })}
          @f-chat-dismiss=${() => this.close()}
        ></f-chat-room-list>
        ${
          view.at === 'new'
            ? html`<f-chat-new @f-chat-back=${this.#back} @f-chat-open-room=${this.#openRoom}></f-chat-new>`
            : ''
        }
        ${
          view.at === 'room'
            ? keyed(
                view.room,
                html`<f-chat-room
                  .name=${view.room}
                  .active=${this.open}
                  @f-chat-back=${this.#back}
                ></f-chat-room>`,
              )
            : ''
        }
      </div>
    `
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('view' as keyof this) && this.open) void this.#focus()
  }

  #openRoom(event: CustomEvent<string>): void {
    this.#show({ at: 'room', room: event.detail })
  }

  #back(): void {
    const { view } = this
    this.#show({ at: 'list' })
    if (view.at === 'room') void this.updateComplete.then(() => this.list.focusRoom(view.room))
  }

  #show(view: View): void {
    this.view = view
  }

  /** A keyboard that pops up over what one came to read helps nobody: with touch, the panel itself takes the focus. */
  async #focus(): Promise<void> {
    const touch = matchMedia('(pointer: coarse)').matches
    const target = touch
      ? this.dialog
      : this.renderRoot.querySelector<HTMLElement>('f-chat-room, f-chat-new, f-chat-room-list:not([hidden])')
    if (target instanceof LitElement) await target.updateComplete
    target?.focus()
  }

  #listen(on: boolean): void {
    const change = on ? 'addEventListener' : 'removeEventListener'
    document[change]('pointerdown', this.#onPointerdown, true)
    window[change]('resize', this.#place)
    window.visualViewport?.[change]('resize', this.#place)
  }

  #place = (): void => {
    if (!this.#anchor) return
    const anchor = this.#anchor.getBoundingClientRect()
    const { innerWidth: width, innerHeight: height } = window
    const below = height - anchor.bottom >= anchor.top
    const room = (below ? height - anchor.bottom : anchor.top) - GAP - EDGE
    const rtl = getComputedStyle(this).direction === 'rtl'
    const { style } = this
    style.insetBlock = below ? `${anchor.bottom + GAP}px auto` : `auto ${height - anchor.top + GAP}px`
    style.insetInlineEnd = `${Math.max(8, rtl ? anchor.left : width - anchor.right)}px`
    style.height = `${Math.min(HEIGHT, room)}px`
    style.setProperty('--viewport-height', `${window.visualViewport?.height ?? height}px`)
  }

  #onPointerdown = (event: Event): void => {
    const path = event.composedPath()
    if (!path.includes(this) && !(this.#anchor && path.includes(this.#anchor))) this.close()
  }

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.isComposing) return
    event.stopPropagation()
    this.close()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'f-chat-panel': FChatPanel
  }
}
