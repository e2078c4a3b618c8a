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
      await asha.openChat()
      await asha.room('Warehouse').waitFor()
      await see('rooms')
      await asha.openRoom('Warehouse')
      await see('room')
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

/** A message and a room with long words, which must not break the layout. */
async function narrowNames(person: Person): Promise<void> {
  const word = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'
  await person.send(word.repeat(4))
  await person.message(word.repeat(4)).last().waitFor()
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
