import { html, nothing, type TemplateResult } from 'lit'

/** What stands above a form after something did not work. */
export interface Banner {
  kind: 'problems' | 'conflict'
  title: string
  messages: readonly string[]
}

/** The banner; a conflict offers to load the stored version. */
export function renderBanner(banner: Banner, reload: () => void): TemplateResult {
  const [only] = banner.messages
  return html`<div class="notice notice-danger" role="alert">
    <div>
      <strong>${banner.title}</strong>
      ${
        banner.messages.length > 1
          ? html`<ul>
              ${banner.messages.map((message) => html`<li>${message}</li>`)}
            </ul>`
          : html`<p>${only}</p>`
      }
    </div>
    ${
      banner.kind === 'conflict'
        ? html`<button type="button" class="button" @click=${reload}>Reload</button>`
        : nothing
    }
  </div>`
}
