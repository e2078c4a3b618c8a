import { html, type TemplateResult } from 'lit'

/** Rows that stand where content will be. */
export function renderSkeleton(rows: number): TemplateResult {
  return html`<div class="skeleton" role="status">
    <span class="visually-hidden">Loading…</span>
    ${Array.from({ length: rows }, () => html`<div class="skeleton-row"><i></i><i></i><i></i></div>`)}
  </div>`
}

/** What went wrong, and the way to try it again. Where it is all that the page has, it is its heading too. */
export function renderFailure(messages: readonly string[], retry: () => void, alone = false): TemplateResult {
  const title = 'This could not be loaded'
  return html`<div class="empty" role="alert">
    ${alone ? html`<h1 class="empty-title">${title}</h1>` : html`<p class="empty-title">${title}</p>`}
    ${messages.map((message) => html`<p>${message}</p>`)}
    <button class="button" @click=${retry}>Try again</button>
  </div>`
}

const good = /^(active|completed?|done|paid|delivered|approved|online|connected|success)$/i
const bad = /^(cancelled|canceled|rejected|failed|overdue|missed|error|lost|expired)$/i
const quiet = /^(draft|closed|archived|inactive|disabled|deleted|offline|ended|none)$/i

/** A Select's value as a pill; its tone follows the usual words for good, bad and over. */
export function tonePill(text: string): TemplateResult {
  const tone = good.test(text) ? 'good' : bad.test(text) ? 'bad' : quiet.test(text) ? 'quiet' : 'plain'
  return html`<span class="pill pill-${tone}">${text}</span>`
}
