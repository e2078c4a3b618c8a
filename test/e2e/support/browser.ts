import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { PASSWORD, type RunningDesk } from './desk.ts'

const CHROMIUM = '/usr/bin/chromium'
const screens = path.resolve(import.meta.dirname, '../../../.artifacts/screens')

/** Options of a subtest that needs a browser: skipped where there is none. */
export const needsChromium = {
  skip: (process.env.F_CHAT_MISSING ?? '').includes('Chromium') && 'Chromium is not installed',
}

export async function openBrowser(t: Test): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    chromiumSandbox: false,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      // A page that a test makes up has no address; Chromium would not let it open a socket to this machine.
      '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets',
    ],
  })
  t.teardown(() => browser.close())
  mkdirSync(screens, { recursive: true })
  return browser
}

/** A person at a browser of their own, logged in to the desk. */
export class Person {
  readonly page: Page
  readonly #problems: string[]

  constructor(page: Page, problems: string[]) {
    this.page = page
    this.#problems = problems
  }

  /** Uncaught errors of the page, and requests that were refused by its security policy. */
  get problems(): readonly string[] {
    return this.#problems
  }

  get chatButton(): Locator {
    return this.page.locator('f-chat-navbar').getByRole('button', { name: /^Chat/ })
  }

  get chat(): Locator {
    return this.page.getByRole('dialog', { name: 'Chat' })
  }

  async openChat(): Promise<void> {
    await this.chatButton.click()
    await this.chat.waitFor()
  }

  /** A row of the room list. */
  room(name: string): Locator {
    return this.chat.getByRole('list', { name: 'Chats' }).getByRole('listitem').filter({ hasText: name })
  }

  async openRoom(name: string): Promise<void> {
    await this.room(name).click()
    await this.composer.waitFor()
  }

  async backToRooms(): Promise<void> {
    await this.chat.getByRole('button', { name: 'Back to chats' }).click()
  }

  get composer(): Locator {
    return this.chat.getByRole('textbox', { name: /^Message / })
  }

  message(text: string): Locator {
    return this.chat.getByRole('region', { name: 'Messages' }).getByText(text, { exact: true })
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** Calls a method as this person, from their page; resolves with the answer's data. */
  async call<Data = unknown>(method: string, args: object = {}): Promise<Data> {
    const call = async ({ method, args }: { method: string; args: object }) => {
      const { frappe } = window as unknown as {
        frappe: { xcall(method: string, args: object): Promise<{ data: unknown }> }
      }
      return (await frappe.xcall(method, args)).data
    }
    return (await this.page.evaluate(call, { method, args })) as Data
  }

  /** The id of a room, by its name in the list. */
  async roomId(name: string): Promise<string> {
    const args = { search: name, page_size: 1 }
    const { rooms } = await this.call<{ rooms: { name: string }[] }>('f_chat.get_user_chat_rooms', args)
    return rooms[0]?.name ?? ''
  }

  /** Another tab of the same browser, on the same desk. */
  async secondTab(): Promise<Person> {
    const page = await this.page.context().newPage()
    watch(page, this.#problems)
    await page.goto(this.page.url())
    return new Person(page, this.#problems)
  }

  /** How many animations with an end run in the page; resolves when they have ended. */
  async stillness(): Promise<number> {
    return await this.page.evaluate(async () => {
      const roots: (Document | ShadowRoot)[] = [document]
      for (const root of roots)
        for (const { shadowRoot } of root.querySelectorAll('*')) if (shadowRoot) roots.push(shadowRoot)
      const running = roots
        .flatMap((root) => root.getAnimations())
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
      await Promise.allSettled(running.map(({ finished }) => finished))
      return running.length
    })
  }

  /** Keeps a picture under .artifacts/screens, for people to look at. */
  async screenshot(name: string): Promise<void> {
    await this.stillness()
    await this.page.screenshot({ path: path.join(screens, `${name}.png`) })
  }
}

/** Logs a demo user in through the login page, in a browser context of their own. */
export async function logIn(
  browser: Browser,
  desk: RunningDesk,
  email: string,
  options: BrowserContextOptions = {},
): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  const problems: string[] = []
  watch(page, problems)
  await page.goto(`${desk.url}/login`)
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.waitForURL('**/desk')
  return new Person(page, problems)
}

function watch(page: Page, problems: string[]): void {
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) problems.push(message.text())
  })
}
