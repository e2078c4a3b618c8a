import { __, deskClient, icon } from '@f-chat/desk/client'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, query, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { Check, ChevronLeft, Search, UserSearch, X } from 'lucide'
import { avatar } from '../shared/avatar.ts'
import { asRows, asWire, str, type Wire } from '../shared/store/model.ts'
import { StoreController } from '../shared/store-controller.ts'
import { avatarStyles, baseStyles } from '../shared/styles.ts'
import { newChatStyles } from './f-chat-new.styles.ts'
import { viewStyles } from './view.styles.ts'

const SEARCH_DELAY_MS = 200

interface Person {
  readonly name: string
  readonly fullName: string
  readonly email: string
  readonly image: string
}

const personFrom = (row: Wire): Person => ({
  name: str(row.name),
  fullName: str(row.full_name) || str(row.name),
  email: str(row.email) || str(row.name),
  image: str(row.user_image),
})

/**
 * Picks people and opens a room with them: one is a Direct Message, several are a group with a name.
 * @fires f-chat-back
 * @fires f-chat-open-room - with the room's name
 */
@customElement('f-chat-new')
export class FChatNew extends LitElement {
  static override styles = [baseStyles, avatarStyles, viewStyles, newChatStyles]

  @state() private accessor search = ''
  @state() private accessor found: readonly Person[] = []
  /** The answer for what is typed is not here yet. */
  @state() private accessor searching = true
  @state() private accessor picked: readonly Person[] = []
  @state() private accessor asGroup = false
  @state() private accessor groupName = ''
  @state() private accessor busy = false
  @state() private accessor error = ''
  @state() private accessor searchError = ''
  @query('input[type=search]') private accessor input!: HTMLInputElement
  #store = new StoreController(this).store
  #run: AbortController | null = null

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#find(0)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#run?.abort()
  }

  override focus(): void {
    this.input.focus()
  }

  protected override render() {
    return html`
      <div class="head">
        <button class="icon-button flip" aria-label=${__('Back to chats')} @click=${this.#back}>
          ${icon(ChevronLeft)}
        </button>
        <h2>${__('New chat')}</h2>
      </div>
      <div class="field">
        ${icon(Search, 15)}
        <input
          type="search"
          placeholder=${__('Search people')}
          aria-label=${__('Search people')}
          .value=${this.search}
          @input=${this.#onSearch}
          @keydown=${this.#onKeydown}
        />
      </div>
      ${this.picked.length > 0 ? this.#chips() : nothing}
      <div class="scroll" aria-busy=${String(this.searching)}>${this.#list()}</div>
      ${this.picked.length > 0 ? this.#footer() : nothing}
    `
  }

  #chips(): TemplateResult {
    return html`<ul class="chips" aria-label=${__('Picked')}>
      ${this.picked.map(
        (person) =>
          html`<li class="chip">
            <span class="ellipsis" dir="auto">${person.fullName}</span>
            <button aria-label=${__('Remove {0}', [person.fullName])} @click=${() => this.#toggle(person)}>
              ${icon(X, 13)}
            </button>
          </li>`,
      )}
    </ul>`
  }

  #list(): TemplateResult {
    if (this.searchError) {
      return html`<div class="blank" role="alert">
        <p>${__('People could not be searched.')}<br /><small>${this.searchError}</small></p>
        <button class="button" @click=${() => this.#find(0)}>${__('Try again')}</button>
      </div>`
    }
    const people = this.#people
    if (people.length === 0 && this.searching) return skeleton()
    if (people.length === 0) {
      const text = this.search.trim()
        ? __('Nobody is called “{0}”.', [this.search.trim()])
        : __('There is nobody else here yet.')
      return html`<div class="blank">
        ${icon(UserSearch, 28)}
        <p>${text}</p>
      </div>`
    }
    return html`<ul aria-label=${__('People')} @keydown=${this.#onKeydown}>
      ${repeat(
        people,
        (person) => person.name,
        (person) => this.#person(person),
      )}
    </ul>`
  }

  #person(person: Person): TemplateResult {
    const picked = this.#isPicked(person)
    return html`<li>
      <button class="row" aria-pressed=${String(picked)} @click=${() => this.#toggle(person)}>
        ${avatar({ id: person.name, name: person.fullName, image: person.image })}
        <span class="main">
          <span class="name ellipsis" dir="auto">${person.fullName}</span>
          <span class="line ellipsis">${person.email}</span>
        </span>
        <span class="tick ${picked ? 'on' : ''}">${picked ? icon(Check, 13) : nothing}</span>
      </button>
    </li>`
  }

  #footer(): TemplateResult {
    const [first] = this.picked
    const group = this.#isGroup
    const ready = !this.busy && (!group || this.groupName.trim() !== '')
    const label = group ? __('Create group') : __('Chat with {0}', [first?.fullName ?? ''])
    return html`<form @submit=${this.#onSubmit}>
      ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
      ${
        group
          ? html`<label class="field">
              <span class="visually-hidden">${__('Name of the group')}</span>
              <input
                maxlength="140"
                placeholder=${__('Name of the group')}
                .value=${this.groupName}
                @input=${(event: Event) => (this.groupName = (event.target as HTMLInputElement).value)}
              />
            </label>`
          : nothing
      }
      <div class="actions">
        ${
          this.picked.length === 1
            ? html`<button type="button" class="button" @click=${() => (this.asGroup = !this.asGroup)}>
                ${group ? __('Make it direct') : __('Make it a group')}
              </button>`
            : nothing
        }
        <button class="button primary" ?disabled=${!ready}><span class="ellipsis">${label}</span></button>
      </div>
    </form>`
  }

  /** Those found; until the answer comes, the ones of the last that match what is typed. */
  get #people(): readonly Person[] {
    if (!this.searching) return this.found
    const words = this.search.toLocaleLowerCase().split(/\s+/)
    return this.found.filter(({ fullName, email }) => {
      const text = `${fullName} ${email}`.toLocaleLowerCase()
      return words.every((word) => text.includes(word))
    })
  }

  get #isGroup(): boolean {
    return this.asGroup || this.picked.length > 1
  }

  #isPicked(person: Person): boolean {
    return this.picked.some(({ name }) => name === person.name)
  }

  #toggle(person: Person): void {
    this.error = ''
    const others = this.picked.filter(({ name }) => name !== person.name)
    this.picked = others.length < this.picked.length ? others : [...others, person]
    if (this.picked.length === 0) this.asGroup = false
  }

  #onSearch(event: Event): void {
    this.search = (event.target as HTMLInputElement).value
    void this.#find(SEARCH_DELAY_MS)
  }

  async #find(delay: number): Promise<void> {
    this.#run?.abort()
    const run = new AbortController()
    this.#run = run
    this.searching = true
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
    if (run.signal.aborted) return
    try {
      const args = { search_term: this.search.trim() }
      const options = { signal: run.signal, idempotent: true }
      const answer = await deskClient().call<Wire>('f_chat.search_users_for_chat_room', args, options)
      const me = this.#store.me
      this.found = asRows(answer.data)
        .map(personFrom)
        .filter(({ name }) => name !== me)
      this.searchError = ''
    } catch (error) {
      if (this.#run === run) this.searchError = error instanceof Error ? error.message : String(error)
    } finally {
      if (this.#run === run) this.searching = false
    }
  }

  #onKeydown(event: KeyboardEvent): void {
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>('.row')]
    const at = rows.indexOf(this.shadowRoot?.activeElement as HTMLElement)
    if (event.key === 'Enter' && at < 0 && !event.isComposing) {
      event.preventDefault()
      if (this.search.trim() && rows[0]) {
        rows[0].click()
        this.search = ''
        void this.#find(0)
      } else if (this.picked.length > 0) void this.#create()
      return
    }
    if (event.key === 'Backspace' && at < 0 && !this.search) this.picked = this.picked.slice(0, -1)
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    if (at + step < 0) this.input.focus()
    else rows[Math.min(at + step, rows.length - 1)]?.focus()
  }

  #onSubmit(event: Event): void {
    event.preventDefault()
    void this.#create()
  }

  async #create(): Promise<void> {
    const [first] = this.picked
    const group = this.#isGroup
    const name = group ? this.groupName.trim() : (first?.fullName ?? '')
    if (this.busy || !name) return
    this.busy = true
    this.error = ''
    try {
      const answer = await deskClient().call<Wire>('f_chat.create_chat_room', {
        room_name: name,
        room_type: group ? 'Group Chat' : 'Direct Message',
        members: this.picked.map((person) => person.name),
      })
      const room = str(asWire(answer.data).room_id)
      await this.#store.ensureRoom(room)
      this.dispatchEvent(new CustomEvent('f-chat-open-room', { detail: room }))
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error)
    } finally {
      this.busy = false
    }
  }

  #back(): void {
    this.dispatchEvent(new Event('f-chat-back'))
  }
}

const skeleton = (): TemplateResult => html`
  <div class="skeleton" aria-hidden="true">
    ${Array.from(
      { length: 6 },
      () =>
        html`<div class="row">
          <span class="avatar bone"></span><span class="main"><i class="bone"></i><i class="bone"></i></span>
        </div>`,
    )}
  </div>
`

declare global {
  interface HTMLElementTagNameMap {
    'f-chat-new': FChatNew
  }
}
