import { html, type Html } from './html.ts'
import { commonAssets, logoTile, renderPage, type AssetUrl, type Theme } from './page.ts'

export interface PasswordPageOptions {
  siteTitle: string
  assets: AssetUrl
  lang?: string
  theme?: Theme | undefined
  /** Needed where a session already has one: the page writes with it. */
  csrfToken?: string | undefined
}

/** Where somebody who forgot their password asks for a link by mail. */
export function renderForgotPassword(options: PasswordPageOptions): string {
  return passwordPage(
    options,
    'Forgot your password?',
    html`<form id="forgot-password" class="login-form" method="post" action="/forgot-password">
      ${notices()}
      <p class="hint">Enter your e-mail address. You get a link to choose a new password.</p>
      <div class="field">
        <label for="user">Email</label>
        <input
          id="user"
          name="user"
          type="text"
          inputmode="email"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          required
          autofocus
        />
      </div>
      <button type="submit" class="button button-primary button-wide">Send link</button>
    </form>`,
  )
}

/** Where a new password is chosen: with the key of a mailed link, or with the present password. */
export function renderUpdatePassword(options: PasswordPageOptions & { withKey: boolean }): string {
  return passwordPage(
    options,
    'Choose a new password',
    html`<form id="update-password" class="login-form" method="post" action="/update-password">
      ${notices()}
      ${options.withKey ? null : passwordField('old-password', 'Present password', 'current-password')}
      ${passwordField('new-password', 'New password', 'new-password', 'At least 8 characters, and not your name.')}
      ${passwordField('again', 'New password, again', 'new-password')}
      <button type="submit" class="button button-primary button-wide">Set password</button>
    </form>`,
  )
}

function passwordPage(options: PasswordPageOptions, title: string, form: Html): string {
  const { siteTitle, assets, lang = 'en', theme, csrfToken } = options
  const common = commonAssets(assets)
  return renderPage({
    title: `${title} · ${siteTitle}`,
    lang,
    theme,
    ...(csrfToken === undefined ? {} : { boot: { csrf_token: csrfToken } }),
    styles: [...common.styles, assets('login.css')],
    earlyScripts: common.earlyScripts,
    icon: common.icon,
    scripts: [assets('password.js')],
    body: html`<main class="login">
      <div class="login-head">
        ${logoTile(siteTitle)}
        <h1>${title}</h1>
      </div>
      ${form}
      <p class="login-links"><a href="/login">Go to the login</a></p>
      <noscript
        ><p class="notice">
          This page needs JavaScript. Please allow it for this site and load it again.
        </p></noscript
      >
    </main>`,
  })
}

const notices = (): Html =>
  html`<div id="problem" class="notice notice-danger" role="alert" hidden></div>
    <div id="done" class="notice" role="status" hidden></div>`

function passwordField(id: string, label: string, autocomplete: string, hint?: string): Html {
  return html`<div class="field">
    <label for="${id}">${label}</label>
    <input
      id="${id}"
      name="${id}"
      type="password"
      autocomplete="${autocomplete}"
      required
      ${hint ? html` aria-describedby="${id}-hint"` : null}
    />
    ${hint ? html`<p id="${id}-hint" class="hint">${hint}</p>` : null}
  </div>`
}
