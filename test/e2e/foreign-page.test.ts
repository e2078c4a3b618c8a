import t from 'tap'
import { logIn, needsChromium, openBrowser, Person } from './support/browser.ts'
import { demoDesk } from './support/desk.ts'

const ASHA = 'asha@demo.example'
const MIKAEL = 'mikael@demo.example'
const ROOM = 'Warehouse'

/** Frappe 15's navbar, as its desk renders it: the one that scripts of other apps find. */
const FRAPPE_NAVBAR = `
  <header class="navbar navbar-expand sticky-top" role="navigation"><div class="container">
    <a class="navbar-brand navbar-home" href="/app">Home</a>
    <div class="collapse navbar-collapse justify-content-end"><ul class="navbar-nav">
      <li class="nav-item dropdown dropdown-notifications dropdown-mobile"><button class="btn-reset nav-link">N</button></li>
      <li class="vertical-bar d-none d-sm-block"></li>
      <li class="nav-item dropdown dropdown-navbar-user"><button class="btn-reset nav-link">A</button></li>
    </ul></div>
  </div></header>`

const STYLE = `
  body { margin: 0; font: 13px sans-serif }
  header.navbar { border-bottom: 1px solid #ddd; padding: 6px 16px }
  .container, .navbar-nav { display: flex; align-items: center; gap: 12px; list-style: none; margin: 0 }
  .navbar-collapse { margin-inline-start: auto }`

/** A page of somebody else's, on the site's own origin, that knows what Frappe's desk knows. */
const foreignPage = (body: string, globals: string, script = '/assets/f_chat/f-chat.js'): string => `
  <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Not ours</title>
  <meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style>
  <script>${globals}</script></head>
  <body>${body}<main><h1>Not ours</h1></main><script type="module" src="${script}"></script></body></html>`

t.test('the chat in pages that are not the desk’s', needsChromium, async (t) => {
  const desk = await demoDesk(t)
  const browser = await openBrowser(t)
  const asha = await logIn(browser, desk, ASHA)
  const mikael = await logIn(browser, desk, MIKAEL)
  const room = await mikael.roomId(ROOM)
  const token = await asha.page.evaluate(
    () => (window as unknown as { frappe: { csrf_token: string } }).frappe.csrf_token,
  )
  const boot = {
    user: { name: ASHA },
    user_info: { [ASHA]: { fullname: 'Asha' } },
    time_zone: { system: 'UTC' },
    lang: 'en',
  }
  const asObject = `window.frappe = { boot: ${JSON.stringify(boot)}, csrf_token: ${JSON.stringify(token)} }`
  const asText = `window.frappe = { boot: ${JSON.stringify(JSON.stringify(boot))} }; window.csrf_token = ${JSON.stringify(token)}`

  const open = async (html: string): Promise<Person> => {
    const page = await asha.page.context().newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    await page.route('**/not-ours', (route) => route.fulfill({ contentType: 'text/html', body: html }))
    await page.goto(`${desk.url}/not-ours`)
    return new Person(page, problems)
  }
  const talk = async (person: Person, text: string): Promise<void> => {
    await person.openChat()
    await person.openRoom(ROOM)
    await person.send(text)
    await person.message(text).waitFor()
    await person.chat.getByText('Sending…').waitFor({ state: 'detached' })
    const live = `Heard: ${text}`
    await mikael.call('f_chat.send_message', { room_id: room, message_content: live })
    await person.message(live).waitFor()
    await person.chat.getByText('Reconnecting').waitFor({ state: 'detached' })
  }

  await t.test('in Frappe’s navbar, before the notifications', async (t) => {
    const person = await open(foreignPage(FRAPPE_NAVBAR, asObject))
    await person.chatButton.waitFor()
    const next = person.page.locator('ul.navbar-nav > li:has(f-chat-navbar) + li')
    t.match(await next.getAttribute('class'), 'dropdown-notifications')
    await talk(person, 'From Frappe’s desk.')
    await person.screenshot('foreign-navbar')
    t.equal(await person.page.locator('f-chat-navbar').count(), 1)
    t.same(person.problems, [])
  })

  await t.test('in a navbar that is drawn late', async (t) => {
    const person = await open(foreignPage('', asText))
    await person.page.waitForFunction(() => customElements.get('f-chat-navbar') !== undefined)
    t.equal(await person.page.locator('f-chat-navbar').count(), 0, 'not yet')
    await person.page.evaluate((navbar) => {
      const parsed = new DOMParser().parseFromString(navbar, 'text/html')
      document.body.prepend(...parsed.body.children)
    }, FRAPPE_NAVBAR)
    await person.chatButton.waitFor()
    t.equal(await person.page.locator('ul.navbar-nav f-chat-navbar').count(), 1)
    t.same(person.problems, [])
  })

  await t.test('where the page says', async (t) => {
    const here = '<div id="here"><f-chat-navbar></f-chat-navbar></div>'
    const person = await open(foreignPage(FRAPPE_NAVBAR + here, asText))
    await person.chatButton.waitFor()
    await talk(person, 'From an element of the page.')
    t.equal(await person.page.locator('f-chat-navbar').count(), 1)
    t.equal(await person.page.locator('#here f-chat-navbar').count(), 1)
    await person.screenshot('foreign-element')
    // A page that draws itself anew takes the element along; what was open is closed, and opens again.
    await person.page.evaluate(() => document.body.append(document.querySelector('f-chat-navbar') ?? ''))
    await person.chat.waitFor({ state: 'hidden' })
    await person.openChat()
    await person.message('From an element of the page.').waitFor()
    t.same(person.problems, [])
  })

  await t.test('as a floating button, where nothing else is', async (t) => {
    const person = await open(foreignPage('', `window.csrf_token = ${JSON.stringify(token)}`))
    await person.page.locator('f-chat-navbar[floating]').waitFor()
    await talk(person, 'From a page without a navbar.')
    await person.screenshot('foreign-floating')
    t.same(person.problems, [])
  })

  await t.test('a visitor who is not logged in sees nothing of it', async (t) => {
    const page = await browser.newPage()
    const guest = foreignPage('<f-chat-navbar></f-chat-navbar>', 'window.frappe = {}')
    await page.route('**/not-ours', (route) => route.fulfill({ contentType: 'text/html', body: guest }))
    const asked: string[] = []
    page.on('websocket', (socket) => asked.push(socket.url()))
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(`${desk.url}/not-ours`)
    await page.waitForFunction(() => customElements.get('f-chat-navbar') !== undefined)
    await page.waitForLoadState('networkidle')
    t.equal(await page.locator('f-chat-navbar').getByRole('button').count(), 0)
    t.same(
      asked.filter((url) => /realtime|api\/method/.test(url)),
      [],
    )
    await page.context().close()
  })

  await t.test('a piece of the chat that did not load is told, and asked for again', async (t) => {
    const page = await asha.page.context().newPage()
    let down = true
    await page.route('**/assets/f_chat/chunk-*.js', async (route) => {
      // The drop-down's own chunk names the composer; the entry's do not.
      const response = await route.fetch()
      const isPanel = (await response.text()).includes('f-chat-composer')
      if (isPanel && down) await route.abort()
      else await route.fulfill({ response })
    })
    await page.goto(`${desk.url}/desk`)
    const person = new Person(page, [])
    await person.chatButton.click()
    await page.getByRole('alert').filter({ hasText: 'Chat could not be loaded' }).waitFor()
    down = false
    await person.openChat()
    t.ok(await person.chat.isVisible())
  })
})
