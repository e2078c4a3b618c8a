import { lettersOf } from './avatar.ts'
import { html, scriptJson, type Html } from './html.ts'

export type Theme = 'light' | 'dark'

/** The URL of one of desk's own browser files, given its name in `/assets/desk/` ("desk.js"). */
export type AssetUrl = (file: string) => string

export interface PageOptions {
  title: string
  lang: string
  /** Fixes the theme. Without it the page follows the browser, or what the user chose there. */
  theme?: Theme | undefined
  /** What scripts find in `<script type="application/json" id="boot">`. */
  boot?: unknown
  styles: readonly string[]
  /** Modules: they run after the page is parsed, in this order. */
  scripts: readonly string[]
  /** Small classic scripts that must run before the first paint. */
  earlyScripts?: readonly string[]
  icon?: string
  body: Html
}

/** A whole HTML page. It has no inline script and no inline style, so it lives under a strict Content-Security-Policy. */
export function renderPage(page: PageOptions): string {
  return html`<!doctype html>
    <html lang="${page.lang}" ${page.theme ? html` data-theme="${page.theme}"` : null}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title}</title>
        ${page.icon ? html`<link rel="icon" href="${page.icon}" />` : null}
        ${(page.earlyScripts ?? []).map((src) => html`<script src="${src}"></script>`)}
        ${page.styles.map((href) => html`<link rel="stylesheet" href="${href}" />`)}
      </head>
      <body>
        ${page.body}
        ${
          page.boot === undefined
            ? null
            : html`<script type="application/json" id="boot">
                ${scriptJson(page.boot)}
              </script>`
        }
        ${page.scripts.map((src) => html`<script type="module" src="${src}"></script>`)}
      </body>
    </html> `.text
}

/** Styles, icon and theme script that every page of the desk has. */
export function commonAssets(assets: AssetUrl): { styles: string[]; earlyScripts: string[]; icon: string } {
  return {
    styles: [assets('inter.css'), assets('tokens.css'), assets('base.css')],
    earlyScripts: [assets('theme.js')],
    icon: assets('favicon.svg'),
  }
}

/** The square tile with the first letter of the site's title. */
export function logoTile(title: string): Html {
  const letter = lettersOf(title.trim())[0] ?? 'D'
  return html`<span class="logo" aria-hidden="true">${letter.toUpperCase()}</span>`
}
