import { Eye, EyeOff } from 'lucide'
import { siteAddress } from '../../client/base.ts'
import { icon } from '../../client/icon.ts'
import { safeRedirect } from '../routes.ts'

const form = one('login', HTMLFormElement)
const user = one('usr', HTMLInputElement)
const password = one('pwd', HTMLInputElement)
const problem = one('login-error', HTMLElement)
const capsLock = one('caps-lock', HTMLElement)
const reveal = one('show-password', HTMLButtonElement)
const demoButtons = [...document.querySelectorAll<HTMLButtonElement>('.demo-login')]

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void logIn(user.value.trim(), password.value)
})

for (const button of demoButtons) {
  button.addEventListener('click', () => {
    user.value = button.dataset.usr ?? ''
    password.value = button.dataset.pwd ?? ''
    void logIn(user.value, password.value)
  })
}

reveal.addEventListener('click', () => {
  const shown = password.type === 'password'
  password.type = shown ? 'text' : 'password'
  reveal.setAttribute('aria-pressed', String(shown))
  reveal.replaceChildren(icon(shown ? EyeOff : Eye))
  password.focus()
})

for (const type of ['keydown', 'keyup'] as const) {
  password.addEventListener(type, (event) => {
    // What a browser's own filling-in dispatches is no KeyboardEvent.
    const on = event instanceof KeyboardEvent && event.getModifierState('CapsLock')
    capsLock.textContent = on ? 'Caps Lock is on.' : ''
  })
}
password.addEventListener('blur', () => (capsLock.textContent = ''))

async function logIn(usr: string, pwd: string): Promise<void> {
  setBusy(true)
  problem.hidden = true
  try {
    const answer = await fetch(siteAddress('/api/method/login'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ usr, pwd }),
    })
    const body: unknown = await answer.json().catch(() => ({}))
    if (!answer.ok) {
      fail(explain(answer.status, body))
      return
    }
    location.assign(nextPage(body))
  } catch {
    fail('The server could not be reached. Check your connection and try again.')
  }
}

function nextPage(body: unknown): string {
  const query = new URLSearchParams(location.search).get('redirect-to')
  const wanted = safeRedirect(form.dataset.redirectTo) ?? safeRedirect(query)
  const home = isRecord(body) && typeof body.home_page === 'string' ? body.home_page : null
  return wanted ?? safeRedirect(home) ?? siteAddress('/desk')
}

function explain(status: number, body: unknown): string {
  if (status === 401) return 'Email or password is wrong.'
  if (status === 429) return 'Too many tries. Wait a minute, then try again.'
  const said = isRecord(body) && typeof body.message === 'string' ? body.message : ''
  return said || 'Logging in did not work. Please try again.'
}

function fail(text: string): void {
  setBusy(false)
  problem.textContent = text
  problem.hidden = false
  password.focus()
  password.select()
}

function setBusy(busy: boolean): void {
  const submit = form.querySelector<HTMLButtonElement>('button[type="submit"]')
  if (submit) submit.textContent = busy ? 'Logging in…' : 'Log in'
  form.setAttribute('aria-busy', String(busy))
  for (const control of [submit, user, password, reveal, ...demoButtons]) {
    if (control) control.disabled = busy
  }
}

function one<T extends HTMLElement>(id: string, type: abstract new (...args: never[]) => T): T {
  const element = document.getElementById(id)
  if (!(element instanceof type)) throw new Error(`The login page has no #${id}.`)
  return element
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

// A page that comes back from the browser's history is ready for another try.
addEventListener('pageshow', (event) => {
  if (event.persisted) setBusy(false)
})
