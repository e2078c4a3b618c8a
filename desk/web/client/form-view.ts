import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { deskClient } from '../../client/client.ts'
import { DeskError } from '../../client/error.ts'
import { addressOf } from './paths.ts'
import { showAlert } from './alerts.ts'
import { confirmDialog } from './confirm.ts'
import { mark } from './control.ts'
import { changesOf, draftOf, isDirty, newDraft, problemsOf, type Change, type Draft } from './draft.ts'
import { layoutOf, valueFields } from './fields.ts'
import { renderBanner, type Banner } from './form-banner.ts'
import { renderSections } from './form-body.ts'
import { renderHead, renderNameField } from './form-head.ts'
import { LightElement } from './light-element.ts'
import { labelOf, titleOf, type Doc, type Meta } from './meta.ts'
import { renderFailure, renderSkeleton } from './parts.ts'
import { messagesOf } from './server.ts'
import { plain } from './plain.ts'

/** Where a form wants to go: after a save to the document's own address, after a delete to the list. */
export interface FormMove {
  path: string
  replace: boolean
}

/**
 * The form of one document, generated from its DocType. Without a `docname` it makes a new one.
 * @fires desk-move - when the form is done with this address (FormMove)
 * @fires desk-title - when the document's title is known (string)
 */
@customElement('desk-form')
export class DeskForm extends LightElement {
  @property({ attribute: false }) accessor meta: Meta | null = null
  @property({ attribute: false }) accessor docname: string | null = null
  @state() private accessor stored: Doc | null = null
  @state() private accessor draft: Draft | null = null
  @state() private accessor failure: string[] | null = null
  @state() private accessor banner: Banner | null = null
  @state() private accessor checked = false
  @state() private accessor busy = false
  #loading = 0

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('beforeunload', this.#onUnload)
    addEventListener('keydown', this.#onKey)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('beforeunload', this.#onUnload)
    removeEventListener('keydown', this.#onKey)
  }

  /** Whether there is something that was not saved. */
  get dirty(): boolean {
    const { meta, draft } = this
    if (!meta || !draft) return false
    return isDirty(draft, this.stored ?? newDraft(meta).values, meta, mark())
  }

  /** Asks before unsaved input is left behind; true when the page may move on. */
  mayLeave(): true | Promise<boolean> {
    if (!this.dirty) return true
    return confirmDialog({
      title: 'Leave without saving?',
      message: 'What you changed here is not saved yet.',
      confirm: 'Leave',
      cancel: 'Stay',
      danger: true,
    })
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('meta') && !changed.has('docname')) return
    // A document that was just created is here already; only its address is new.
    if (this.stored?.name === this.docname && !changed.has('meta')) return
    void this.#load()
  }

  async #load(): Promise<void> {
    const { meta, docname } = this
    if (!meta) return
    const turn = ++this.#loading
    this.failure = null
    this.banner = null
    this.checked = false
    this.stored = null
    this.draft = docname === null ? newDraft(meta) : null
    if (docname === null) return
    try {
      const doc = await deskClient().resource.get<Doc>(meta.name, docname)
      if (turn !== this.#loading) return
      this.#accept(doc)
    } catch (error) {
      if (turn === this.#loading) this.failure = messagesOf(error)
    }
  }

  #accept(doc: Doc): void {
    if (!this.meta) return
    this.stored = doc
    this.draft = draftOf(doc)
    this.checked = false
    this.banner = null
    this.dispatchEvent(
      new CustomEvent<string>('desk-title', { bubbles: true, detail: titleOf(this.meta, doc) }),
    )
  }

  async #save(): Promise<void> {
    const { meta, draft } = this
    if (!meta || !draft || this.busy || !this.#writable) return
    this.checked = true
    const problems = this.#problems(meta, draft)
    if (Object.keys(problems).length > 0) {
      this.banner = { kind: 'problems', title: 'Not saved yet', messages: this.#named(meta, problems) }
      await this.updateComplete
      this.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
      return
    }
    this.busy = true
    this.banner = null
    try {
      const isNew = this.stored === null
      const saved = await this.#send(meta, draft)
      this.#accept(saved)
      showAlert({ message: isNew ? `${meta.name} created` : 'Saved', indicator: 'green' })
      if (isNew) this.#move(addressOf(meta.name, String(saved.name)), true)
    } catch (error) {
      this.#fail(error)
    } finally {
      this.busy = false
    }
  }

  #send(meta: Meta, draft: Draft): Promise<Doc> {
    const { resource } = deskClient()
    if (!this.stored) {
      const values = changesOf(draft, {}, meta)
      const given = draft.values.name
      return resource.create<Doc>(meta.name, given ? { ...values, name: given } : values)
    }
    const changes = { ...changesOf(draft, this.stored, meta), modified: this.stored.modified }
    return resource.update<Doc>(meta.name, plain(this.stored.name ?? this.docname), changes)
  }

  #fail(error: unknown): void {
    if (error instanceof DeskError && error.excType === 'TimestampMismatchError') {
      this.banner = {
        kind: 'conflict',
        title: 'Somebody else changed this document',
        messages: ['Nothing was overwritten. Load their version, then make your change again.'],
      }
    } else {
      this.banner = { kind: 'problems', title: 'Not saved', messages: messagesOf(error) }
    }
    scrollTo({ top: 0 })
  }

  async #delete(): Promise<void> {
    const { meta, stored } = this
    if (!meta || !stored || this.busy) return
    const name = String(stored.name)
    const title = titleOf(meta, stored)
    const sure = await confirmDialog({
      title: title === name ? `Delete ${name}?` : `Delete ${title} (${name})?`,
      message: `This ${meta.name} is removed for everybody. There is no way back.`,
      confirm: 'Delete',
      danger: true,
    })
    if (!sure) return
    this.busy = true
    try {
      await deskClient().resource.delete(meta.name, name)
      this.draft = draftOf(stored)
      showAlert({ message: `${name} deleted`, indicator: 'green' })
      this.#move(addressOf(meta.name), true)
    } catch (error) {
      this.banner = { kind: 'problems', title: 'Not deleted', messages: messagesOf(error) }
    } finally {
      this.busy = false
    }
  }

  #move(path: string, replace: boolean): void {
    this.dispatchEvent(new CustomEvent<FormMove>('desk-move', { bubbles: true, detail: { path, replace } }))
  }

  readonly #onUnload = (event: BeforeUnloadEvent): void => {
    if (this.dirty) event.preventDefault()
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey) return
    event.preventDefault()
    void this.#save()
  }

  get #writable(): boolean {
    const rights = this.meta?.rights
    return Boolean(this.docname === null && !this.stored ? rights?.create : rights?.write)
  }

  get #asksName(): boolean {
    return this.docname === null && !this.stored && this.meta?.autoname?.toLowerCase() === 'prompt'
  }

  #problems(meta: Meta, draft: Draft): Record<string, string> {
    const problems = problemsOf(draft, meta, mark(), meta.children)
    return this.#asksName && !draft.values.name ? { name: 'This is needed.', ...problems } : problems
  }

  #named(meta: Meta, problems: Record<string, string>): string[] {
    const labels = new Map(valueFields(meta).map((field) => [field.fieldname, labelOf(field)]))
    return Object.entries(problems).map(([field, problem]) => `${labels.get(field) ?? 'Name'}: ${problem}`)
  }

  protected override render(): TemplateResult | typeof nothing {
    const { meta, draft } = this
    if (!meta) return nothing
    if (this.failure) return renderFailure(this.failure, () => void this.#load(), true)
    if (!draft) return renderSkeleton(6)
    const writable = this.#writable
    const change: Change = (update) => (this.draft = this.draft && update(this.draft))
    return html`<form class="form" novalidate @submit=${(event: Event) => this.#onSubmit(event)}>
      ${renderHead({
        meta,
        stored: this.stored,
        busy: this.busy,
        dirty: this.dirty,
        writable,
        remove: () => void this.#delete(),
      })}
      ${this.banner ? renderBanner(this.banner, () => void this.#load()) : nothing}
      ${this.#asksName ? renderNameField(draft, change, this.checked) : nothing}
      ${renderSections(layoutOf(meta), {
        meta,
        draft,
        isNew: this.stored === null,
        problems: this.checked ? this.#problems(meta, draft) : {},
        checked: this.checked,
        ...(writable ? { change } : {}),
      })}
    </form>`
  }

  #onSubmit(event: Event): void {
    event.preventDefault()
    void this.#save()
  }
}
