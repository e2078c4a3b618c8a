import t from 'tap'
import { logIn, needsChromium, openBrowser } from './support/browser.ts'
import { demoDesk } from './support/desk.ts'

const ASHA = 'asha@demo.example'
const MIKAEL = 'mikael@demo.example'

t.test('working at the desk', needsChromium, async (t) => {
  const desk = await demoDesk(t)
  const browser = await openBrowser(t)

  await t.test('a wrong password is told, and nothing is lost', async (t) => {
    const page = await browser.newPage()
    await page.goto(`${desk.url}/desk/customer`)
    t.match(page.url(), '/login?redirect-to=')
    await page.getByLabel('Email').fill(ASHA)
    await page.getByLabel('Password', { exact: true }).fill('wrong')
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    await page.getByRole('alert').getByText('Email or password is wrong.').waitFor()
    t.equal(await page.getByLabel('Email').inputValue(), ASHA)
    await page.getByLabel('Password', { exact: true }).fill('demo')
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    await page.waitForURL('**/desk/customer')
    await page.getByRole('heading', { name: 'Customer' }).waitFor()
    await page.context().close()
  })

  const asha = await logIn(browser, desk, ASHA)
  const { page } = asha

  await t.test('a document is made, found, changed and deleted', async (t) => {
    await page.getByRole('navigation').getByRole('link', { name: 'Customer' }).first().click()
    await page.getByRole('link', { name: 'New', exact: false }).first().click()
    await page.getByLabel('Customer Name').fill('Åkerlund & "Søn" / 1')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL((url) => !url.pathname.endsWith('/new'))
    await page.getByRole('heading', { name: 'Åkerlund & "Søn" / 1' }).waitFor()
    await asha.screenshot('form')
    await page.getByLabel('City').fill('Aarhus <b>N</b>')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved').first().waitFor()
    await page.getByRole('navigation').getByRole('link', { name: 'Customer' }).first().click()
    await page.getByRole('row').filter({ hasText: 'Åkerlund' }).getByText('Aarhus <b>N</b>').waitFor()
    await asha.screenshot('list')
    t.equal(await page.evaluate(() => document.querySelectorAll('main b').length), 0, 'markup is text')
  })

  await t.test('what is missing is named', async () => {
    await page.goto(`${desk.url}/desk/sales-order/new`)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').filter({ hasText: 'Customer' }).first().waitFor()
    await asha.screenshot('form-mandatory')
  })

  await t.test('of two people who save the same document, the second is told', async () => {
    const mikael = await logIn(browser, desk, MIKAEL)
    for (const person of [page, mikael.page]) {
      await person.goto(`${desk.url}/desk/customer`)
      await person.getByRole('row').filter({ hasText: 'Åkerlund' }).click()
      await person.getByLabel('City').waitFor()
    }
    await page.getByLabel('City').fill('Odense')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved').first().waitFor()
    await mikael.page.getByLabel('City').fill('Skagen')
    await mikael.page.getByRole('button', { name: 'Save' }).click()
    await mikael.page
      .getByRole('alert')
      .filter({ hasText: /changed/i })
      .first()
      .waitFor()
    await mikael.screenshot('form-conflict')
  })

  await t.test('the chat stays while the desk navigates', async (t) => {
    await page.goto(`${desk.url}/desk`)
    await asha.openChat()
    await asha.openRoom('Warehouse')
    await asha.composer.fill('half a sentence')
    await page.keyboard.press('Escape')
    await page.getByRole('navigation').getByRole('link', { name: 'Employee' }).first().click()
    await page.getByRole('heading', { name: 'Employee' }).waitFor()
    await asha.openChat()
    t.equal(await asha.composer.inputValue(), 'half a sentence')
    await page.keyboard.press('Escape')
  })

  await t.test('logging out ends the session, in other tabs too', async (t) => {
    const other = await page.context().newPage()
    await other.goto(`${desk.url}/desk`)
    await other.locator('f-chat-navbar').getByRole('button').click()
    await other.getByRole('dialog', { name: 'Chat' }).getByText('Warehouse').waitFor()
    await page.getByRole('button', { name: /^User menu/ }).click()
    await page
      .getByRole('button', { name: 'Log out' })
      .or(page.getByRole('menuitem', { name: 'Log out' }))
      .click()
    await page.waitForURL('**/login**')
    await other.getByText('You are logged out.').waitFor()
    await other.reload()
    t.match(other.url(), '/login')
  })

  t.same(asha.problems, [], 'no page had an error')
})
