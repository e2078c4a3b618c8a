import { Eye } from 'lucide'
import { avatarHtml } from './avatar.ts'
import { html, type Html } from './html.ts'
import { iconHtml } from './icon.ts'
import { commonAssets, logoTile, renderPage, type AssetUrl, type Theme } from './page.ts'
import { safeRedirect } from './routes.ts'

/** A login that the demo site shows on its own login page. Never pass one on a real site. */
export interface DemoLogin {
  email: string
  password: string
  name: string
}

export interface LoginOptions {
  siteTitle: string
  assets: AssetUrl
  /** Shown at once, for example after a session has ended. */
  error?: string | undefined
  /** Where to go after login; anything but a path of this site is dropped. */
  redirectTo?: string | undefined
  demoLogins?: readonly DemoLogin[] | undefined
  lang?: string | undefined
  theme?: Theme | undefined
}

/** The login page. Its form is sent by `login.js` to `/api/method/login`. */
export function renderLogin(options: LoginOptions): string {
  const { siteTitle, assets, error, demoLogins = [], lang = 'en', theme } = options
  const common = commonAssets(assets)
  return renderPage({
    title: `Log in · ${siteTitle}`,
    lang,
    theme,
    styles: [...common.styles, assets('login.css')],
    earlyScripts: common.earlyScripts,
    icon: common.icon,
    scripts: [assets('login.js')],
    body: html`<main class="login">
      <div class="login-head">
        ${logoTile(siteTitle)}
        <h1>Log in to ${siteTitle}</h1>
      </div>
      ${loginForm(safeRedirect(options.redirectTo), error)}
      <noscript
        ><p class="notice">
          Logging in needs JavaScript. Please allow it for this site and load the page again.
        </p></noscript
      >
      ${demoLogins.length > 0 ? demoList(demoLogins) : null}
    </main>`,
  })
}

function loginForm(redirectTo: string | null, error: string | undefined): Html {
  return html`<form
    id="login"
    class="login-form"
    method="post"
    action="/login"
    ${redirectTo ? html` data-redirect-to="${redirectTo}"` : null}
  >
    <div id="login-error" class="notice notice-danger" role="alert" ${error ? null : html` hidden`}>
      ${error}
    </div>
    <div class="field">
      <label for="usr">Email</label>
      <input
        id="usr"
        name="usr"
        type="text"
        inputmode="email"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        required
        autofocus
      />
    </div>
    <div class="field">
      <label for="pwd">Password</label>
      <div class="input-with-button">
        <input id="pwd" name="pwd" type="password" autocomplete="current-password" required />
        <button
          type="button"
          id="show-password"
          class="icon-button"
          aria-controls="pwd"
          aria-pressed="false"
          aria-label="Show password"
        >
          ${iconHtml(Eye)}
        </button>
      </div>
      <p id="caps-lock" class="hint" role="status"></p>
    </div>
    <button type="submit" class="button button-primary button-wide">Log in</button>
    <p class="login-links"><a href="/forgot-password">Forgot your password?</a></p>
  </form>`
}

function demoList(logins: readonly DemoLogin[]): Html {
  return html`<section class="demo-logins" aria-labelledby="demo-logins">
    <h2 id="demo-logins">Demo site: log in as</h2>
    <ul>
      ${logins.map(
        ({ email, password, name }) =>
          html` <li>
            <button type="button" class="demo-login" data-usr="${email}" data-pwd="${password}">
              ${avatarHtml({ name: email, full_name: name })}<span class="demo-name">${name}</span
              ><span class="demo-email">${email}</span>
            </button>
          </li>`,
      )}
    </ul>
  </section>`
}
