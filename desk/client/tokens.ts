/**
 * Gives a page that is not the desk's the design tokens, once; the desk's own pages link the same file. Loaded only
 * when it is needed. Resolves when the tokens are in force.
 */
export async function adoptTokens(): Promise<void> {
  if (getComputedStyle(document.documentElement).getPropertyValue('--fc-surface')) return
  const { default: css } = await import('./tokens.css')
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
}
