import { html, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Route } from '../routes.ts'
import { DeskForm } from './form-view.ts'
import { LightElement } from './light-element.ts'
import './list-view.ts'
import type { Meta } from './meta.ts'
import { renderFailure, renderSkeleton } from './parts.ts'
import { loadMeta, messagesOf } from './server.ts'

/**
 * One DocType's place in the desk: loads its meta, then shows its list or a form; a Single opens as its form.
 * @fires desk-meta - when the meta is there (Meta)
 */
@customElement('desk-doctype')
export class DeskDoctype extends LightElement {
  @property({ attribute: false }) accessor doctype = ''
  @property({ attribute: false }) accessor route: Route = { view: 'home' }
  @state() private accessor meta: Meta | null = null
  @state() private accessor failure: string[] | null = null

  /** True when nothing unsaved is left behind, or the user agrees to lose it. */
  mayLeave(): true | Promise<boolean> {
    const form = this.querySelector('desk-form')
    return form instanceof DeskForm ? form.mayLeave() : true
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('doctype')) void this.#load()
  }

  async #load(): Promise<void> {
    const { doctype } = this
    this.meta = null
    this.failure = null
    try {
      const meta = await loadMeta(doctype)
      if (doctype !== this.doctype) return
      this.meta = meta
      this.dispatchEvent(new CustomEvent<Meta>('desk-meta', { detail: meta }))
    } catch (error) {
      if (doctype === this.doctype) this.failure = messagesOf(error)
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const { meta, route } = this
    if (this.failure) return renderFailure(this.failure, () => void this.#load(), true)
    if (!meta) return renderSkeleton(8)
    if (meta.issingle) return html`<desk-form .meta=${meta} .docname=${meta.name}></desk-form>`
    switch (route.view) {
      case 'list':
        return html`<desk-list .meta=${meta}></desk-list>`
      case 'new':
      case 'form':
        return html`<desk-form
          .meta=${meta}
          .docname=${route.view === 'form' ? route.name : null}
        ></desk-form>`
      case 'home':
        return nothing
    }
  }
}
