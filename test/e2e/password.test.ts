import path from 'node:path'
import t from 'tap'
import { createDatabase } from '../../desk/db/index.ts'
import { readSecretText } from '../../desk/mail/secret-text.ts'
import { buildOnce } from '../support/bench-cli.ts'
import { addUser, labSiteOn, PASSWORD } from '../support/fixtures-app.ts'
import { wireApp } from '../support/lab.ts'
import { serve } from '../support/server.ts'
import { needsChromium, openBrowser, Person } from './support/browser.ts'

const ANN = 'ann@test.example'
const NEW = 'correct horse staple'

t.test('a forgotten password', needsChromium, async (t) => {
  buildOnce()
  const database = createDatabase({ db_type: 'sqlite', db_name: path.join(t.testdir({}), 'site.db') })
  const site = await labSiteOn(t, database, wireApp)
  await addUser(site, ANN, [], { new_password: PASSWORD })
  site.start()
  const served = await serve(t, site)
  const browser = await openBrowser(t)
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  const page = await context.newPage()
  const refused: string[] = []
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) refused.push(message.text())
  })
  const ann = new Person(page, refused)
  const fits = (): Promise<boolean> =>
    page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)

  await page.goto(`${served.url}/login`)
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await page.getByLabel('Email').fill(ANN)
  t.ok(await fits(), 'nothing is cut off at 360 px')
  await ann.screenshot('forgot-password')
  await page.getByRole('button', { name: 'Send link' }).click()
  await page.getByRole('status').getByText('a link is on its way').waitFor()

  let mail: { name: string } | undefined
  while (!mail)
    mail = await site.database.reader('tabEmail Queue').first<{ name: string } | undefined>('name')
  const { name } = mail
  const said = await site.read({ user: ANN }, (ctx) => readSecretText(ctx, name))
  const link = /http\S+\/update-password\?key=\w+/.exec(said?.text ?? '')?.[0] ?? ''
  t.ok(link.startsWith(served.url), 'the link leads where the reader was')
  await page.goto(link)
  const set = async (first: string, second: string): Promise<void> => {
    await page.getByLabel('New password', { exact: true }).fill(first)
    await page.getByLabel('New password, again').fill(second)
    await page.getByRole('button', { name: 'Set password' }).click()
  }
  await set(NEW, `${NEW}!`)
  await page.getByRole('alert').getByText('not the same').waitFor()
  await set('short', 'short')
  await page.getByRole('alert').getByText('at least 8 characters').waitFor()
  t.ok(await fits())
  await ann.screenshot('update-password')
  await set(NEW, NEW)
  await page.waitForURL('**/login')
  t.notMatch(page.url(), 'key=')
  await page.getByLabel('Email').fill(ANN)
  await page.getByLabel('Password', { exact: true }).fill(NEW)
  await page.getByRole('button', { name: 'Log in', exact: true }).click()
  await page.waitForURL('**/desk')

  await page.goto(link)
  await set('another horse', 'another horse')
  await page.getByRole('alert').getByText('used already or is too old').waitFor()
  await page.goto(`${served.url}/update-password`)
  await page.getByLabel('Present password').fill(NEW)
  await set('another horse', 'another horse')
  await page.waitForURL('**/desk')
  t.same(refused, [])
})
