import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser } from 'playwright-core'
import t, { type Test } from 'tap'
import { needsChromium, openBrowser, Person } from './support/browser.ts'

const example = path.resolve(import.meta.dirname, '../../examples/embedded')
const NORA = 'nora@harbour.example'
const JONAS = 'jonas@harbour.example'

/** The example as its README starts it, with a bench that it makes itself. */
async function harbour(t: Test, prefix = ''): Promise<{ url: string; stop: () => Promise<number | null> }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'f-chat-harbour-'))
  const app = spawn(process.execPath, ['app.js'], {
    cwd: example,
    env: { ...process.env, PORT: '0', BENCH_PATH: path.join(folder, 'bench'), PREFIX: prefix },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => app.once('exit', resolve))
  const stop = (): Promise<number | null> => {
    app.kill('SIGTERM')
    return ended
  }
  t.teardown(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  for await (const line of createInterface({ input: app.stdout })) {
    const url = /open at (http:\S+)/.exec(line)?.[1]
    if (url) return { url, stop }
  }
  throw new Error('the example did not start')
}

/** Somebody who has logged in to the application, in its own way. */
async function logIn(browser: Browser, url: string, user: string): Promise<Person> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 760 } })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.text().includes('Security Policy')) problems.push(message.text())
  })
  page.on('response', (response) => {
    const asked = response.url()
    if (response.status() >= 400 && !asked.endsWith('/favicon.ico')) problems.push(asked)
  })
  await page.goto(`${url}/login`)
  await page.getByLabel('Who are you?').selectOption(user)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('heading', { name: 'Ships today' }).waitFor()
  return new Person(page, problems)
}

async function talk(t: Test, browser: Browser, url: string, prefix: string, shot: string): Promise<void> {
  const nora = await logIn(browser, url, NORA)
  const jonas = await logIn(browser, url, JONAS)
  for (const person of [nora, jonas])
    await person.page.locator('header.navbar ul.navbar-nav f-chat-navbar').waitFor()
  t.equal(await nora.page.locator('f-chat-navbar').count(), 1)

  await nora.openChat()
  await nora.chat.getByRole('button', { name: 'New chat' }).first().click()
  await nora.chat.getByLabel('Search people').fill('Jonas')
  await nora.chat.getByRole('list', { name: 'People' }).getByText('Jonas Weber').click()
  await nora.chat.getByRole('button', { name: 'Chat with Jonas Weber' }).click()
  await nora.composer.waitFor()
  await nora.send('Is Aurora at pier 2?')
  await nora.message('Is Aurora at pier 2?').waitFor()

  await jonas.page.locator('f-chat-navbar .badge').waitFor()
  await jonas.openChat()
  await jonas.openRoom('Nora Lind')
  await jonas.message('Is Aurora at pier 2?').waitFor()
  await jonas.send('She is.')
  await nora.message('She is.').waitFor()
  await nora.screenshot(`${shot}-navbar`)

  await jonas.page.goto(`${url}/map`)
  await jonas.page.locator('f-chat-navbar[floating]').waitFor()
  await jonas.openChat()
  await jonas.openRoom('Nora Lind')
  await jonas.send('From the map.')
  await nora.message('From the map.').waitFor()
  await jonas.screenshot(`${shot}-floating`)

  const cookies = await nora.page.context().cookies()
  t.same(
    cookies.map(({ name }) => name),
    ['harbour'],
    'desk sets no cookies',
  )
  await nora.page.goto(`${url}${prefix}/desk`)
  await nora.page.getByRole('heading', { name: 'Welcome, Nora' }).waitFor()
  await nora.page.getByRole('link', { name: 'Chat Room', exact: true }).first().click()
  await nora.page.waitForURL(`**${prefix}/desk/chat-room`)
  await nora.page.getByRole('heading', { name: 'Chat Room' }).waitFor()
  await nora.screenshot(`${shot}-desk`)
  t.same([...nora.problems, ...jonas.problems], [])
}

t.test('two people chat inside an application of its own', needsChromium, async (t) => {
  const browser = await openBrowser(t)
  await t.test('at its root', async (t) => {
    const { url, stop } = await harbour(t)
    await talk(t, browser, url, '', 'embedded')
    const guest = await browser.newPage()
    const sockets: string[] = []
    guest.on('websocket', (socket) => sockets.push(socket.url()))
    await guest.goto(`${url}/map`)
    await guest.waitForFunction(() => customElements.get('f-chat-navbar') !== undefined)
    await guest.waitForLoadState('networkidle')
    t.equal(await guest.locator('f-chat-navbar').count(), 0, 'who is not logged in sees nothing of it')
    t.same(sockets, [])
    await guest.context().close()
    t.match(await (await fetch(`${url}/api/ships`)).json(), [{ name: 'Aurora' }])
    t.match(await (await fetch(`${url}/nowhere`)).json(), { error: 'Not Found' }, 'Fastify’s own 404')
    t.equal(await stop(), 0, 'it closes in order')
  })
  await t.test('with desk below a prefix', async (t) => {
    const { url, stop } = await harbour(t, '/chat-desk')
    await talk(t, browser, url, '/chat-desk', 'embedded-prefix')
    t.equal((await fetch(`${url}/desk`)).status, 404)
    t.equal(await stop(), 0, 'it closes in order')
  })
})
