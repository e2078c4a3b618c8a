import axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright-core'
import t from 'tap'
import { logIn, needsChromium, openBrowser, type Person } from './support/browser.ts'
import { demoDesk } from './support/desk.ts'

const ASHA = 'asha@demo.example'

const looks: Record<string, BrowserContextOptions> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  // 200% zoom is half the pixels; a desk's window becomes a narrow one.
  zoomed: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
  rtl: { colorScheme: 'light' },
}

t.test('how it looks', needsChromium, async (t) => {
  const desk = await demoDesk(t)
  const browser = await openBrowser(t)

  for (const [look, options] of Object.entries(looks)) {
    await t.test(look, async (t) => {
      const asha = await logIn(browser, desk, ASHA, options)
      const { page } = asha
      const see = async (state: string): Promise<void> => {
        await asha.screenshot(`${look}-${state}`)
        t.same(await violations(page), [], `${state}: nothing that axe objects to`)
        t.equal(await overflow(page), 0, `${state}: nothing sticks out sideways`)
      }
      await see('home')
      await page.goto(`${desk.url}/desk/sales-order`)
      await page.getByRole('row').nth(1).waitFor()
      await see('list')
      await page.getByRole('row').nth(1).click()
      await page.getByRole('button', { name: 'Save' }).waitFor()
      await see('form')
      if (look === 'rtl') await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'))
      await asha.openChat()
      await asha.room('Warehouse').waitFor()
      await see('rooms')
      t.same(await outside(asha), [], 'the whole panel is on the screen')
      if (look === 'phone') t.same(await smallTargets(asha), [], 'fingers hit everything in the list')
      await asha.chat.getByRole('button', { name: 'New chat' }).first().click()
      await asha.chat.getByRole('list', { name: 'People' }).getByRole('button', { name: /Rania/ }).click()
      await see('new-chat')
      if (look === 'phone') t.same(await smallTargets(asha), [], 'fingers hit everything in a new chat')
      await asha.backToRooms()
      await asha.openRoom('Warehouse')
      await see('room')
      if (look === 'phone') t.same(await smallTargets(asha), [], 'fingers hit everything in a room')
      await narrowNames(asha)
      await see('long-names')
      await asha.backToRooms()
      await asha.chat.getByRole('searchbox', { name: 'Search chats' }).fill('nobody has this name')
      await asha.chat.getByText(/No chat is called/).waitFor()
      await see('nothing-found')
      await page.context().clearCookies()
      await page.goto(`${desk.url}/login`)
      await see('login')
      await page.goto(`${desk.url}/nowhere`)
      await see('not-found')
      t.same(asha.problems, [])
    })
  }
})

t.test('where motion is not wanted, nothing moves', needsChromium, async (t) => {
  const desk = await demoDesk(t)
  const browser = await openBrowser(t)
  const asha = await logIn(browser, desk, ASHA, { reducedMotion: 'reduce' })
  await asha.openChat()
  t.equal(await asha.stillness(), 0, 'the panel is simply there')
  await asha.openRoom('Warehouse')
  t.equal(await asha.stillness(), 0)
  const mover = await logIn(browser, desk, ASHA)
  await mover.openChat()
  t.not(await mover.stillness(), 0, 'otherwise it comes in from where it belongs')
})

/** A message and a room with long words, which must not break the layout. */
async function narrowNames(person: Person): Promise<void> {
  const word = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'
  await person.send(word.repeat(4))
  await person.message(word.repeat(4)).last().waitFor()
}

/** Edges of the panel that lie outside the window. */
function outside(person: Person): Promise<string[]> {
  return person.chat.evaluate((dialog) => {
    const { left, top, right, bottom } = dialog.getBoundingClientRect()
    const edges = {
      left: left >= 0,
      top: top >= 0,
      right: right <= innerWidth,
      bottom: bottom <= innerHeight,
    }
    return Object.entries(edges).flatMap(([edge, inside]) => (inside ? [] : [edge]))
  })
}

/** Buttons, links and fields of the open panel that are smaller than 44 px either way. */
async function smallTargets(person: Person): Promise<string[]> {
  const targets = person.chat.locator('button:visible, a:visible, .field:visible')
  return await targets.evaluateAll((elements) =>
    elements.flatMap((element) => {
      const { width, height } = element.getBoundingClientRect()
      const name = element.getAttribute('aria-label') ?? element.textContent.trim()
      return width >= 44 && height >= 44 ? [] : [`${name}: ${String(width)} × ${String(height)}`]
    }),
  )
}

async function violations(page: Page): Promise<string[]> {
  // As a function's text: a script element would be refused by the page's security policy.
  await page.evaluate(axe.source)
  const results = await page.evaluate(async () => {
    const runner = (window as unknown as { axe: typeof axe }).axe
    return await runner.run(document, { resultTypes: ['violations'] })
  })
  return results.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map((node) => node.target.join(' '))
        .join(', ')
        .slice(0, 300)}`,
  )
}

/** Pixels by which the page is wider than the window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth))
}
