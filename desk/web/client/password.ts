import { siteAddress } from '../../client/base.ts'
import { safeRedirect } from '../routes.ts'

const form = document.querySelector<HTMLFormElement>('#forgot-password, #update-password')
const problem = document.getElementById('problem')
const done = document.getElementById('done')
const button = form?.querySelector<HTMLButtonElement>('button[type="submit"]')

form?.addEventListener('submit', (event) => {
  event.preventDefault()
  void (form.id === 'forgot-password' ? askForLink() : setPassword())
})

async function askForLink(): Promise<void> {
  const answer = await send('reset_password', { user: valueOf('user').trim() })
  if (answer === undefined) return
  finish('If there is an account with this address, a link is on its way. Look into your mail.')
}

async function setPassword(): Promise<void> {
  const chosen = valueOf('new-password')
  if (chosen !== valueOf('again')) {
    show('The two passwords are not the same. Type the new one again.')
    return
  }
  const key = new URLSearchParams(location.search).get('key')
  const proof = key ? { key } : { old_password: valueOf('old-password') }
  const next = await send('update_password', { new_password: chosen, ...proof })
  if (next === undefined) return
  finish('Your new password is set.')
  // The key is used up: it shall not stay in the address.
  location.replace(siteAddress(safeRedirect(typeof next === 'string' ? next : null) ?? '/login'))
}

/** @returns what the method answered (null for nothing), or undefined after a failure, which is shown */
async function send(method: string, args: Record<string, string>): Promise<unknown> {
  setBusy(true)
  try {
    const answer = await fetch(siteAddress(`/api/method/frappe.core.doctype.user.user.${method}`), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...csrfHeader() },
      body: JSON.stringify(args),
    })
    const body: unknown = await answer.json().catch(() => ({}))
    const message = isRecord(body) ? body.message : undefined
    if (answer.ok) return message ?? null
    const error = isRecord(message) && isRecord(message.error) ? message.error.message : undefined
    show(typeof error === 'string' ? error : 'That did not work. Please try again.')
  } catch {
    show('The server could not be reached. Check your connection and try again.')
  }
  return undefined
}

function csrfHeader(): Record<string, string> {
  const boot: unknown = JSON.parse(document.getElementById('boot')?.textContent ?? 'null')
  return isRecord(boot) && typeof boot.csrf_token === 'string'
    ? { 'X-Frappe-CSRF-Token': boot.csrf_token }
    : {}
}

function show(text: string): void {
  setBusy(false)
  if (!problem) return
  problem.textContent = text
  problem.hidden = false
}

function finish(text: string): void {
  setBusy(false)
  for (const field of form?.querySelectorAll<HTMLElement>('.field, button, .hint') ?? []) field.hidden = true
  if (!done) return
  done.textContent = text
  done.hidden = false
}

function setBusy(busy: boolean): void {
  if (problem && busy) problem.hidden = true
  form?.setAttribute('aria-busy', String(busy))
  if (button) button.disabled = busy
}

function valueOf(id: string): string {
  const input = document.getElementById(id)
  return input instanceof HTMLInputElement ? input.value : ''
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
