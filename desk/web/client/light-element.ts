import { LitElement } from 'lit'

/** An element without a shadow root: the desk's own pages share one stylesheet, and apps may style them as in Frappe. */
export class LightElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this
  }
}
