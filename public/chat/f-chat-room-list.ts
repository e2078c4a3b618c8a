import { __, DeskError, deskClient, formatShort, icon } from '@f-chat/desk/client'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { MessagesSquare, Search, SearchX, SquarePen, X } from 'lucide'
import { roomAvatar } from '../shared/avatar.ts'
import { type Room, unreadCount } from '../shared/store/room.ts'
import { StoreController } from '../shared/store-controller.ts'
import { avatarStyles, baseStyles } from '../shared/styles.ts'
import { roomListStyles } from './f-chat-room-list.styles.ts'
import { viewStyles } from './view.styles.ts'
import { filterRooms, previewLine, type RoomFilter } from './rooms.ts'

const SEARCH_DELAY_MS = 200

/**
 * The user's rooms, newest message first, with search and filters.
 * @fires f-chat-open-room - with the room's name
 * @fires f-chat-new
 * @fires f-chat-dismiss - the close button of the phone's sheet
 */
@customElement('f-chat-room-list')
export class FChatRoomList extends LitElement {
  static override styles = [baseStyles, avatarStyles, viewStyles, roomListStyles]

  @property({ attribute: false }) accessor active = false
  @state() private accessor search = ''
  @state() private accessor filter: RoomFilter = 'all'
  @state() private accessor loaded = false
  @state() private accessor searching = false
  @state() private accessor error: Error | null = null
  @query('input') private accessor input!: HTMLInputElement
  @query('.end') private accessor end!: HTMLElement | null
  #chat = new StoreController(this)
  #searchRun: AbortController | null = null
  /** How the connection was when loading failed: once it is back, it is tried again. */
  #failedAt = 0
  #pager = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) void this.#load()
  })

  override focus(): void {
    this.input.focus()
  }

  /** Puts the focus on a room's row, if it is shown. */
  focusRoom(name: string): void {
    const row = this.#rows().find((button) => button.dataset.room === name)
    ;(row ?? this.input).focus()
  }

  protected override updated(changed: PropertyValues<this>): void {
    const opened = changed.has('active') && this.active && !this.loaded
    const back = this.error && this.#chat.store.connection.caughtUpAt > this.#failedAt
    if (opened || back) void this.#load()
    this.#pager.disconnect()
    if (this.end) this.#pager.observe(this.end)
  }

  protected override render() {
    return html`
      <div class="head">
        <h2>${__('Chat')}</h2>
        <button class="icon-button" aria-label=${__('New chat')} title=${__('New chat')} @click=${this.#new}>
          ${icon(SquarePen)}
        </button>
        <button class="icon-button dismiss" aria-label=${__('Close')} @click=${this.#dismiss}>
          ${icon(X)}
        </button>
      </div>
      <div class="field">
        ${icon(Search, 15)}
        <input
          type="search"
          placeholder=${__('Search chats')}
          aria-label=${__('Search chats')}
          .value=${this.search}
          @input=${this.#onSearch}
          @keydown=${this.#onKeydown}
        />
      </div>
      <div class="chips" role="group" aria-label=${__('Show')}>${this.#chips()}</div>
      <div class="scroll">${this.#body()}</div>
    `
  }

  #chips(): TemplateResult[] {
    const unread = this.#chat.store.unreadRooms
    const chips: [RoomFilter, string][] = [
      ['all', __('All')],
      ['unread', unread > 0 ? __('Unread · {0}', [unread]) : __('Unread')],
      ['direct', __('Direct')],
      ['rooms', __('Rooms')],
    ]
    return chips.map(
      ([filter, label]) =>
        html`<button
          class="chip"
          aria-pressed=${String(this.filter === filter)}
          @click=${() => (this.filter = filter)}
        >
          ${label}
        </button>`,
    )
  }

  #body(): TemplateResult | typeof nothing {
    const { store } = this.#chat
    const rooms = filterRooms(store.rooms, this.filter, this.search)
    if (!this.loaded) return this.error ? this.#failure(this.error) : skeleton()
    if (rooms.length === 0 && !store.hasMoreRooms) return this.searching ? skeleton() : this.#empty()
    return html`
      <ul aria-label=${__('Chats')} @keydown=${this.#onKeydown}>
        ${repeat(
          rooms,
          (room) => room.name,
          (room) => this.#row(room),
        )}
      </ul>
      ${this.error ? this.#failure(this.error) : nothing}
      ${store.hasMoreRooms && !this.error ? html`<div class="end">${skeleton(2)}</div>` : nothing}
    `
  }

  #row(room: Room): TemplateResult {
    const unread = unreadCount(room)
    const unsent = this.#chat.store.outbox.ofRoom(room.name).findLast(({ state }) => state === 'failed')
    const line = previewLine(room, this.#chat.store.me)
    const time = room.last ? formatShort(new Date(room.last.at), new Date(), deskClient().boot.lang) : ''
    return html`<li>
      <button
        class="row ${unread > 0 ? 'unread' : ''}"
        data-room=${room.name}
        @click=${() => this.#open(room.name)}
      >
        ${roomAvatar(room)}
        <span class="main">
          <span class="name ellipsis" dir="auto">${room.title}</span>
          ${
            unsent
              ? html`<span class="line ellipsis failed" dir="auto"
                  >${__('Not sent: {0}', [unsent.content])}</span
                >`
              : html`<span class="line ellipsis ${line.quiet ? 'quiet' : ''}" dir="auto">${line.text}</span>`
          }
        </span>
        <span class="meta">
          <span class="time" dir="auto">${time}</span>
          ${
            unread > 0
              ? html`<span class="count"
                  >${unread > 99 ? '99+' : unread}<span class="visually-hidden"> ${__('unread')}</span></span
                >`
              : nothing
          }
        </span>
      </button>
    </li>`
  }

  #empty(): TemplateResult {
    if (this.search.trim()) {
      const text = __('No chat is called “{0}”.', [this.search.trim()])
      const clear = html`<button class="button" @click=${this.#clear}>${__('Clear search')}</button>`
      return html`<div class="blank">
        ${icon(SearchX, 28)}
        <p>${text}</p>
        ${clear}
      </div>`
    }
    if (this.filter === 'unread') {
      const all = html`<button class="button" @click=${() => (this.filter = 'all')}>
        ${__('Show all')}
      </button>`
      return html`<div class="blank">
        ${icon(MessagesSquare, 28)}
        <p>${__('You have read everything.')}</p>
        ${all}
      </div>`
    }
    const start = html`<button class="button primary" @click=${this.#new}>${__('New chat')}</button>`
    return html`<div class="blank">
      ${icon(MessagesSquare, 28)}
      <p>${__('Start a conversation with a colleague or a team.')}</p>
      ${start}
    </div>`
  }

  #failure(error: Error): TemplateResult {
    return html`<div class="blank" role="alert">
      <p>${__('Your chats could not be loaded. Nothing is lost.')}<br /><small>${error.message}</small></p>
      <button class="button" @click=${() => this.#load()}>${__('Try again')}</button>
    </div>`
  }

  async #load(): Promise<void> {
    if (this.loaded && !this.#chat.store.hasMoreRooms) return
    this.error = null
    try {
      await this.#chat.store.loadRooms()
      this.loaded = true
    } catch (error) {
      this.#failedAt = this.#chat.store.connection.caughtUpAt
      this.error =
        error instanceof DeskError ? error : new Error(__('Something went wrong.'), { cause: error })
    }
  }

  #onSearch(event: Event): void {
    this.search = (event.target as HTMLInputElement).value
    void this.#searchServer(this.search.trim())
  }

  /** Rooms that are not loaded yet are looked for on the server; what is loaded filters at once. */
  async #searchServer(search: string): Promise<void> {
    this.#searchRun?.abort()
    this.searching = search !== '' && this.#chat.store.hasMoreRooms
    if (!this.searching) return
    const run = new AbortController()
    this.#searchRun = run
    await new Promise((resolve) => setTimeout(resolve, SEARCH_DELAY_MS))
    if (run.signal.aborted) return
    try {
      await this.#chat.store.searchRooms(search, run.signal)
    } catch {
      return
    } finally {
      if (this.#searchRun === run) this.searching = false
    }
  }

  #clear(): void {
    this.search = ''
    this.#searchRun?.abort()
    this.searching = false
    this.input.focus()
  }

  #rows(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('.row')]
  }

  #onKeydown(event: KeyboardEvent): void {
    const rows = this.#rows()
    const at = rows.indexOf(this.shadowRoot?.activeElement as HTMLElement)
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: at < 0 ? NaN : 0,
      End: at < 0 ? NaN : rows.length - 1,
    }[event.key]
    if (to === undefined || Number.isNaN(to)) {
      if (event.key === 'Enter' && at < 0 && !event.isComposing) rows[0]?.click()
      return
    }
    event.preventDefault()
    if (to < 0) this.input.focus()
    else rows[Math.min(to, rows.length - 1)]?.focus()
  }

  #open(room: string): void {
    this.dispatchEvent(new CustomEvent('f-chat-open-room', { detail: room }))
  }

  #new(): void {
    this.dispatchEvent(new Event('f-chat-new'))
  }

  #dismiss(): void {
    this.dispatchEvent(new Event('f-chat-dismiss'))
  }
}

const skeleton = (rows = 7): TemplateResult => html`
  <div class="skeleton" aria-hidden="true">
    ${Array.from(
      { length: rows },
      () =>
        html`<div class="row">
          <span class="avatar bone"></span><span class="main"><i class="bone"></i><i class="bone"></i></span>
        </div>`,
    )}
  </div>
  <span class="visually-hidden" role="status">${__('Loading…')}</span>
`

declare global {
  interface HTMLElementTagNameMap {
    'f-chat-room-list': FChatRoomList
  }
}
