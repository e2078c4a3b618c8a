import { html } from './html.ts'
import { commonAssets, renderPage, type AssetUrl, type Theme } from './page.ts'

export interface ErrorPageOptions {
  status: number
  title: string
  /** What happened and what to do next, in one or two sentences. */
  message: string
  /** Ways on, the best one first. */
  actions?: readonly { label: string; href: string }[]
  assets: AssetUrl
  lang?: string
  theme?: Theme | undefined
}

/** The HTML page for an error status: what happened, and where to go from here. */
export function renderError(options: ErrorPageOptions): string {
  const {
    status,
    title,
    message,
    actions = [{ label: 'Go to the desk', href: '/desk' }],
    assets,
    lang = 'en',
    theme,
  } = options
  const common = commonAssets(assets)
  return renderPage({
    title,
    lang,
    theme,
    styles: [...common.styles, assets('login.css')],
    earlyScripts: common.earlyScripts,
    icon: common.icon,
    scripts: [],
    body: html`<main class="login error-page">
      <p class="error-status">${status}</p>
      <h1>${title}</h1>
      <p class="error-message">${message}</p>
      <p class="actions">
        ${actions.map(
          ({ label, href }, index) =>
            html`<a class="button${index === 0 ? ' button-primary' : null}" href="${href}">${label}</a>`,
        )}
      </p>
    </main>`,
  })
}
