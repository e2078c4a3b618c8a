import { html } from './html.ts'
import { commonAssets, renderPage, type AssetUrl } from './page.ts'

export interface AppPageOptions {
  title: string
  siteTitle: string
  lang: string
  boot: unknown
  assets: AssetUrl
  /** The app's modules and styles; its scripts fill `#page`. */
  scripts: readonly string[]
  styles: readonly string[]
}

/** A shell for an app's page outside the desk: the look's styles, the boot data, and the app's own script. */
export function renderAppPage(options: AppPageOptions): string {
  const { title, siteTitle, lang, boot, assets, scripts, styles } = options
  const common = commonAssets(assets)
  return renderPage({
    title: `${title} · ${siteTitle}`,
    lang,
    boot,
    styles: [...common.styles, ...styles],
    earlyScripts: common.earlyScripts,
    icon: common.icon,
    scripts,
    body: html`<main id="page"></main>
      <noscript><p class="notice">This page needs JavaScript.</p></noscript>`,
  })
}
