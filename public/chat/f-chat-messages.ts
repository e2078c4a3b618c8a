import { __, deskClient, formatDateTime, formatDay, formatTime, icon } from '@f-chat/desk/client'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { ArrowDown } from 'lucide'
import { isEmojiOnly } from '../../markup/emoji.ts'
import { plainText } from '../../markup/plain.ts'
import { avatar } from '../shared/avatar.ts'
import { renderMarkup } from '../shared/render-markup.ts'
import type { Message } from '../shared/store/model.ts'
import type { PendingSend } from '../shared/store/outbox.ts'
import type { Room } from '../shared/store/room.ts'
import { avatarStyles, baseStyles } from '../shared/styles.ts'
import { messagesStyles } from './f-chat-messages.styles.ts'
import { markupStyles } from '../shared/markup.styles.ts'
import { buildTimeline, type Entry, type TimelineItem } from './timeline.ts'

const AT_BOTTOM_PX = 32
const LOAD_OLDER_PX = 400
/** Characters of a new message that a screen reader is told. */
const ANNOUNCED = 300

/**
 * A room's messages, newest at the bottom; keeps its place when older ones come in, and stays at the bottom if it is.
 * @fires f-chat-older - the top is near
 * @fires f-chat-seen - the newest message is on screen; with its seq
 * @fires f-chat-retry, f-chat-discard - a message that was not sent; with its client id
 */
@customElement('f-chat-messages')
export class FChatMessages extends LitElement {
  static override styles = [baseStyles, avatarStyles, messagesStyles, markupStyles]

  @property({ attribute: false }) accessor room!: Room
  @property({ attribute: false }) accessor pending: readonly PendingSend[] = []
  @property({ attribute: false }) accessor me = ''
  @property({ attribute: false }) accessor newAfter: number | null = null
  @property({ attribute: false }) accessor active = false
  @property({ attribute: false }) accessor loading = false
  @property({ attribute: false }) accessor error: Error | null = null
  @state() private accessor atBottom = true
  @state() private accessor announcement = ''
  @query('.scroll') private accessor scroller!: HTMLElement
  /** The newest seq that has been on screen. */
  #seen = 0
  #shown: { first: number; last: number; pending: number } | null = null
  #before: { height: number; top: number; anchor: HTMLElement | null; anchorTop: number } = {
    height: 0,
    top: 0,
    anchor: null,
    anchorTop: 0,
  }
  /** Where the view stood at the last look. */
  #top = 0
  #resize = new ResizeObserver(() => this.#settle())

  override connectedCallback(): void {
    super.connectedCallback()
    document.addEventListener('visibilitychange', this.#reportSeen)
    if (this.hasUpdated) this.#resize.observe(this.scroller)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    document.removeEventListener('visibilitychange', this.#reportSeen)
    this.#resize.disconnect()
  }

  protected override firstUpdated(): void {
    this.#resize.observe(this.scroller)
  }

  protected override update(changed: PropertyValues): void {
    if (this.hasUpdated && this.scroller.clientHeight > 0) {
      const { scrollHeight: height, scrollTop: top } = this.scroller
      const anchor = this.renderRoot.querySelector<HTMLElement>('ol > li:last-child')
      this.#before = { height, top, anchor, anchorTop: anchor?.offsetTop ?? 0 }
    }
    super.update(changed)
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.room.from === null) return
    const { messages } = this.room
    const shown = { first: messages[0]?.seq ?? 0, last: this.room.lastSeq, pending: this.pending.length }
    const known = this.#shown
    this.#shown = shown
    const returned = changed.has('newAfter') && this.newAfter !== null && this.atBottom
    if (!known || returned) this.#begin()
    else if (shown.pending > known.pending) this.#toBottom()
    else if (shown.first < known.first) this.#keepPlace()
    else this.#settle(changed.has('active'))
    if (known && shown.last > known.last) this.#announce(known.last)
    this.#reportSeen()
    if (this.active && this.scroller.scrollHeight <= this.scroller.clientHeight) this.#askOlder()
  }

  protected override render() {
    const { messages, from } = this.room
    const loaded = from !== null
    const { pending, me, newAfter } = this
    const items = loaded ? buildTimeline({ messages, pending, me, newAfter }) : []
    const ownLast = messages.findLast((message) => message.sender === me && message.type !== 'System')
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${__('Messages')} @scroll=${this.#onScroll}>
        ${loaded ? this.#header(from) : skeleton()}
        <ol>
          ${repeat(
            items,
            (item) => item.key,
            (item) => this.#item(item, ownLast),
          )}
        </ol>
        ${loaded && items.length === 0 ? html`<p class="hello">${__('Say the first word.')}</p>` : nothing}
      </div>
      ${loaded && !this.atBottom ? this.#pill() : nothing}
      <div class="visually-hidden" aria-live="polite">${this.announcement}</div>
    `
  }

  #header(from: number): TemplateResult | typeof nothing {
    if (this.error) {
      const retry = html`<button class="link" @click=${() => this.#askOlder(true)}>
        ${__('Try again')}
      </button>`
      return html`<p class="top" role="alert">${__('Earlier messages could not be loaded.')} ${retry}</p>`
    }
    return from > 1 ? html`<p class="top">${__('Loading earlier messages…')}</p>` : nothing
  }

  #item(item: TimelineItem, ownLast: Message | undefined): TemplateResult {
    const { lang } = deskClient().boot
    switch (item.kind) {
      case 'day':
        return html`<li class="day">${formatDay(new Date(item.at), new Date(), lang)}</li>`
      case 'new':
        return html`<li class="new">${__('New')}</li>`
      case 'system':
        return html`<li class="system">
          <span title=${fullTime(item.message.at)}>${item.message.content}</span>
        </li>`
      case 'group':
        return item.own ? this.#ownGroup(item.entries, ownLast) : this.#group(item)
    }
  }

  #group(group: Extract<TimelineItem, { kind: 'group' }>): TemplateResult {
    const { sender: id, senderName: name, senderImage: image, entries } = group
    const time = clock(entries[0]?.at ?? 0)
    const direct = this.room.type === 'Direct Message'
    return html`<li class="group">
      ${avatar({ id, name, image, small: true })}
      <div class="stack">
        <div class="who">
          ${direct ? html`<span class="visually-hidden">${name}</span>` : html`<b class="ellipsis" dir="auto">${name}</b>`}
          <time dir="auto">${time}</time>
        </div>
        ${repeat(
          entries,
          (entry) => entry.key,
          (entry) => bubble(entry, this.me),
        )}
      </div>
    </li>`
  }

  #ownGroup(entries: readonly Entry[], ownLast: Message | undefined): TemplateResult {
    const last = entries.at(-1)
    return html`<li class="group own">
      <div class="stack">
        <span class="visually-hidden">${__('You')}</span>
        ${repeat(
          entries,
          (entry) => entry.key,
          (entry) => html`${bubble(entry, this.me)}${this.#failed(entry.pending)}`,
        )}
        ${
          last && last.pending?.state !== 'failed'
            ? html`<div class="state"><bdi>${this.#state(last, ownLast)}</bdi></div>`
            : nothing
        }
      </div>
    </li>`
  }

  #state({ pending, message, at }: Entry, ownLast: Message | undefined): string {
    if (pending?.state === 'waiting') return __('Waiting for the connection…')
    if (pending?.state === 'sending') return __('Sending…')
    const time = clock(at)
    if (!message) return `${time} · ${__('Sent')}`
    if (message !== ownLast || message.deleted) return time
    const readers = Object.values(this.room.read).filter((seq) => seq >= message.seq).length
    if (readers === 0) return `${time} · ${__('Sent')}`
    return `${time} · ${this.room.type === 'Direct Message' ? __('Read') : __('Read by {0}', [readers])}`
  }

  #failed(pending: PendingSend | null): TemplateResult | typeof nothing {
    if (pending?.state !== 'failed') return nothing
    const { clientId, error } = pending
    return html`<div class="failure" role="alert">
      <span>${__('Not sent.')} ${error}</span>
      <span class="choices">
        <button class="link" @click=${() => this.#fire('f-chat-retry', clientId)}>${__('Retry')}</button>
        <button class="link" @click=${() => this.#fire('f-chat-discard', clientId)}>${__('Discard')}</button>
      </span>
    </div>`
  }

  #pill(): TemplateResult {
    const fresh = this.room.messages.filter(
      ({ seq, sender }) => seq > this.#seen && sender !== this.me,
    ).length
    const label = fresh > 0 ? __('{0} new', [fresh]) : __('To the newest message')
    return html`<button
      class="pill ${fresh > 0 ? 'fresh' : ''}"
      aria-label=${label}
      @click=${() => this.#toBottom()}
    >
      ${icon(ArrowDown, 15)}${fresh > 0 ? label : nothing}
    </button>`
  }

  /** The first view of a room: at its end, unless what is new begins above it. */
  #begin(): void {
    this.#seen = this.newAfter ?? this.room.lastSeq
    this.#toBottom()
    const line = this.renderRoot.querySelector<HTMLElement>('.new')
    const above = line && line.offsetTop - this.scroller.offsetTop - 48
    if (above !== null && above < this.scroller.scrollTop) {
      this.scroller.scrollTop = above
      this.#measure()
    }
  }

  #toBottom(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight
    this.#measure()
  }

  /** Older messages came in above; by the place of what was last, since newer ones may have come in below as well. */
  #keepPlace(): void {
    const { height, top, anchor, anchorTop } = this.#before
    const grown = anchor?.isConnected ? anchor.offsetTop - anchorTop : this.scroller.scrollHeight - height
    this.scroller.scrollTop = top + grown
  }

  /** After a change of size or content: still at the bottom if it was; where it was when it is shown again. */
  #settle(reopened = false): void {
    if (this.atBottom && this.#shown) this.#toBottom()
    else if (reopened && this.active) this.scroller.scrollTop = this.#before.top
  }

  #measure(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller
    if (clientHeight === 0) return
    // What grew below since the last look is no scrolling up.
    const stayed = this.atBottom && scrollTop >= this.#top
    this.atBottom = stayed || scrollHeight - clientHeight - scrollTop < AT_BOTTOM_PX
    this.#top = scrollTop
  }

  #onScroll(): void {
    if (this.scroller.clientHeight === 0) return
    this.#measure()
    this.#reportSeen()
    if (this.scroller.scrollTop < LOAD_OLDER_PX) this.#askOlder()
  }

  #askOlder(retry = false): void {
    if ((this.room.from ?? 1) > 1 && !this.loading && (retry || !this.error))
      this.dispatchEvent(new Event('f-chat-older'))
  }

  #reportSeen = (): void => {
    const onScreen =
      this.active && this.atBottom && document.visibilityState === 'visible' && this.room.from !== null
    if (!onScreen) return
    this.#seen = this.room.lastSeq
    if (this.room.lastSeq > this.room.lastReadSeq) this.#fire('f-chat-seen', this.room.lastSeq)
  }

  #announce(after: number): void {
    const fresh = this.room.messages.filter(({ seq, sender }) => seq > after && sender !== this.me)
    if (fresh.length > 0)
      this.announcement = fresh.map((m) => `${m.senderName}: ${plainText(m.content, ANNOUNCED)}`).join('\n')
  }

  #fire(name: string, detail: string | number): void {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}

const clock = (at: number): string => formatTime(new Date(at), deskClient().boot.lang)

const fullTime = (at: number): string => formatDateTime(new Date(at), deskClient().boot.lang)

const NOBODY: Readonly<Record<string, string>> = {}

function bubble({ message, pending, at }: Entry, me: string): TemplateResult {
  if (message?.deleted) return html`<div class="bubble deleted">${__('This message was deleted')}</div>`
  const content = message?.content ?? pending?.content ?? ''
  const labels = message?.mentionLabels ?? NOBODY
  const edited = message?.edited ? html`<small>${__('(edited)')}</small>` : nothing
  const files = (message?.attachments ?? []).map(({ file_name: name, file_url: url }) =>
    url.startsWith('/')
      ? html`<a
          class="file"
          dir="auto"
          href=${deskClient().url(url)}
          target="_blank"
          rel="noopener noreferrer"
          >${name}</a
        >`
      : nothing,
  )
  const state = pending?.state ?? 'sent'
  const large = files.length === 0 && isEmojiOnly(content) ? 'large' : ''
  return html`<div class="bubble ${state} ${large}" title=${fullTime(at)}>
    <div class="text">${renderMarkup({ content, labels, me })}</div>
    ${files}${edited}
  </div>`
}

const skeleton = (): TemplateResult => html`
  <div class="skeleton" aria-hidden="true">
    ${['short', 'long', 'own', 'long', 'short', 'own'].map((kind) => html`<i class="bone ${kind}"></i>`)}
  </div>
  <span class="visually-hidden" role="status">${__('Loading…')}</span>
`

declare global {
  interface HTMLElementTagNameMap {
    'f-chat-messages': FChatMessages
  }
}
