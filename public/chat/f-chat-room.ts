import { __, icon } from '@f-chat/desk/client'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { ChevronLeft } from 'lucide'
import { roomAvatar } from '../shared/avatar.ts'
import { type Room, unreadCount } from '../shared/store/room.ts'
import { StoreController } from '../shared/store-controller.ts'
import { avatarStyles, baseStyles } from '../shared/styles.ts'
import type { FChatComposer } from './f-chat-composer.ts'
import './f-chat-composer.ts'
import './f-chat-messages.ts'
import { disabledReason } from './rooms.ts'
import { viewStyles } from './view.styles.ts'

/**
 * One room: its header, its messages, and the composer.
 * @fires f-chat-back
 */
@customElement('f-chat-room')
export class FChatRoom extends LitElement {
  static override styles = [
    baseStyles,
    avatarStyles,
    viewStyles,
    css`
      .head {
        gap: 10px;
        padding: 8px;
        padding-inline: 6px 16px;
        border-block-end: 1px solid var(--fc-line);
      }
      .head .icon-button {
        margin-inline-end: -4px;
      }
      .title {
        flex: 1;
        min-width: 0;
      }
      h2 {
        font-size: 13.5px;
        font-weight: 550;
        line-height: 18px;
        text-align: -webkit-match-parent;
        text-align: match-parent;
      }
      small {
        display: block;
        font-size: 11.5px;
        line-height: 16px;
        color: var(--fc-text-muted);
      }
      f-chat-messages,
      .blank {
        flex: 1;
        min-height: 0;
      }
    `,
  ]

  @property() accessor name = ''
  @property({ attribute: false }) accessor active = false
  @state() private accessor loading = false
  @state() private accessor error: Error | null = null
  @query('f-chat-composer') private accessor composer!: FChatComposer | null
  #chat = new StoreController(this)
  /** Where reading had come to when the room was opened: the place of the "New" line. */
  #newAfter: number | null = null

  /** How the connection was when loading failed: once it is back, it is tried again. */
  #failedAt = 0

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('visibilitychange', this.#onVisibility)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('visibilitychange', this.#onVisibility)
  }

  override focus(): void {
    if (this.composer?.disabledReason === '') this.composer.focus()
    else this.renderRoot.querySelector('button')?.focus()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const becameActive = changed.has('active') && this.active
    if (!becameActive) return
    this.#drawLine()
    void this.#load(() => this.#chat.store.openRoom(this.name))
  }

  protected override updated(): void {
    const back = this.#chat.store.connection.caughtUpAt > this.#failedAt
    if (this.active && this.error && !this.loading && back) {
      void this.#load(() => this.#chat.store.openRoom(this.name))
    }
  }

  protected override render() {
    const { store } = this.#chat
    const room = store.room(this.name)
    if (!room) return nothing
    return html`
      <div class="head">
        <button class="icon-button flip" aria-label=${__('Back to chats')} @click=${this.#back}>
          ${icon(ChevronLeft)}
        </button>
        ${roomAvatar(room)}
        <div class="title">
          <h2 class="ellipsis" dir="auto">${room.title}</h2>
          <small class="ellipsis"><bdi>${subtitle(room)}</bdi></small>
        </div>
      </div>
      ${room.from === null && this.error ? this.#failure(this.error) : this.#messages(room)}
      <f-chat-composer
        .me=${store.me}
        .room=${room.name}
        .label=${room.title}
        .disabledReason=${disabledReason(room)}
        @f-chat-send=${(event: CustomEvent<string>) => store.send(room.name, event.detail)}
      ></f-chat-composer>
    `
  }

  #messages(room: Room): TemplateResult {
    const { store } = this.#chat
    return html`<f-chat-messages
      .room=${room}
      .pending=${store.outbox.ofRoom(room.name)}
      .me=${store.me}
      .newAfter=${this.#newAfter}
      .active=${this.active}
      .loading=${this.loading}
      .error=${this.error}
      @f-chat-older=${this.#older}
      @f-chat-seen=${(event: CustomEvent<number>) => store.markRead(room.name, event.detail)}
      @f-chat-retry=${(event: CustomEvent<string>) => store.outbox.retry(event.detail)}
      @f-chat-discard=${(event: CustomEvent<string>) => store.outbox.discard(event.detail)}
    ></f-chat-messages>`
  }

  #failure(error: Error): TemplateResult {
    return html`<div class="blank" role="alert">
      <p>${__('The messages could not be loaded. Nothing is lost.')}<br /><small>${error.message}</small></p>
      <button class="button" @click=${() => this.#load(() => this.#chat.store.openRoom(this.name))}>
        ${__('Try again')}
      </button>
    </div>`
  }

  #older(): void {
    if (!this.loading) void this.#load(() => this.#chat.store.loadOlder(this.name))
  }

  async #load(run: () => Promise<void>): Promise<void> {
    this.loading = true
    this.error = null
    try {
      await run()
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error))
      this.#failedAt = this.#chat.store.connection.caughtUpAt
    } finally {
      this.loading = false
    }
  }

  /** What is unread when someone comes (back) begins below the "New" line. */
  #drawLine(): void {
    const room = this.#chat.store.room(this.name)
    this.#newAfter = room && unreadCount(room) > 0 ? room.lastReadSeq : null
  }

  #onVisibility = (): void => {
    if (document.visibilityState !== 'visible' || !this.active) return
    this.#drawLine()
    this.requestUpdate()
  }

  #back(): void {
    this.dispatchEvent(new Event('f-chat-back'))
  }
}

const subtitle = (room: Room): string => {
  if (room.type === 'Direct Message') return __('Direct message')
  return room.memberCount === 1 ? __('1 member') : __('{0} members', [room.memberCount])
}

declare global {
  interface HTMLElementTagNameMap {
    'f-chat-room': FChatRoom
  }
}
