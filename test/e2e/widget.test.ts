import t from 'tap'
import { logIn, needsChromium, openBrowser, type Person } from './support/browser.ts'
import { demoDesk, PASSWORD } from './support/desk.ts'

const ASHA = 'asha@demo.example'
const MIKAEL = 'mikael@demo.example'
const ROOM = 'Warehouse'

const messages = (person: Person) => person.chat.getByRole('region', { name: 'Messages' })

/** Scrolls a room's messages; resolves when that was painted. */
const scrollTo = (person: Person, top: number): Promise<unknown> =>
  messages(person).evaluate(
    (element, top) =>
      new Promise((next) => {
        element.scrollTop = top
        requestAnimationFrame(() => requestAnimationFrame(next))
      }),
    top,
  )

const focused = (person: Person): Promise<string> =>
  person.page.evaluate(() => {
    let at = document.activeElement
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    return at?.getAttribute('aria-label') ?? at?.textContent ?? ''
  })

t.test('the chat in use', needsChromium, async (t) => {
  const desk = await demoDesk(t)
  const browser = await openBrowser(t)
  const asha = await logIn(browser, desk, ASHA)
  const mikael = await logIn(browser, desk, MIKAEL)
  const room = await mikael.roomId(ROOM)
  const say = (person: Person, text: string): Promise<unknown> =>
    person.call('f_chat.send_message', { room_id: room, message_content: text })

  await t.test('with the keyboard alone', async (t) => {
    const { page } = asha
    await asha.chatButton.focus()
    await page.keyboard.press('Enter')
    const search = asha.chat.getByRole('searchbox', { name: 'Search chats' })
    await asha.room(ROOM).waitFor()
    await page.waitForFunction(() => document.activeElement?.tagName === 'F-CHAT-NAVBAR')
    t.equal(await search.evaluate((input) => input.matches(':focus')), true, 'the search has the focus')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowUp')
    t.equal(await search.evaluate((input) => input.matches(':focus')), true, 'back at the top')
    await page.keyboard.type(ROOM.toLowerCase())
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await asha.composer.waitFor()
    await page.waitForFunction(() => {
      let at = document.activeElement
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
      return at?.tagName === 'TEXTAREA'
    })
    await page.keyboard.type('No mouse needed.')
    await page.keyboard.press('Enter')
    await asha.message('No mouse needed.').waitFor()
    for (const stop of ['Messages', 'Back to chats']) {
      await page.keyboard.press('Shift+Tab')
      t.equal(await focused(asha), stop)
    }
    await page.keyboard.press('Enter')
    await asha.room(ROOM).waitFor()
    t.match(await focused(asha), ROOM, 'back on the row that was opened')
    await page.keyboard.press('Escape')
    await asha.chat.waitFor({ state: 'hidden' })
    t.match(await focused(asha), /^Chat/, 'the focus is back on the button')
    await page.keyboard.press('Enter')
    await asha.chat.waitFor()
    await asha.chatButton.focus()
    await page.keyboard.press('Escape')
    await asha.chat.waitFor({ state: 'hidden' })
  })

  await t.test('two tabs of one person agree', async (t) => {
    const other = await asha.secondTab()
    const badge = asha.page.getByRole('button', { name: /^Chat, \d+ unread/ })
    await say(mikael, 'Seen in both?')
    await badge.waitFor()
    await asha.openChat()
    await asha.room(ROOM).locator('.count').waitFor()
    await other.openChat()
    await other.chat.getByRole('searchbox').fill(ROOM)
    await other.openRoom(ROOM)
    await other.message('Seen in both?').waitFor()
    await asha.room(ROOM).locator('.count').waitFor({ state: 'detached' })
    await asha.openRoom(ROOM)
    await other.send('Said in the second tab.')
    await asha.message('Said in the second tab.').waitFor()
    await other.message('Said in the second tab.').waitFor()
    for (const tab of [asha, other]) {
      t.equal(await tab.message('Said in the second tab.').count(), 1)
      t.equal(await tab.message('Seen in both?').count(), 1)
    }
    await other.page.close()
  })

  await t.test('what the server refuses is kept, told, tried again, or given up', async (t) => {
    const mute = (is_muted: number): Promise<void> =>
      desk.database((tx) =>
        tx('tabChat Room Member').where({ parent: room, user: ASHA }).update({ is_muted }),
      )
    await mute(1)
    await asha.send('Can you hear me?')
    await asha.send('And now?')
    const failures = asha.chat.getByRole('alert').filter({ hasText: 'Not sent.' })
    await failures.nth(1).waitFor()
    await asha.screenshot('not-sent')
    await asha.backToRooms()
    await asha.room('Not sent: And now?').waitFor()
    await asha.screenshot('not-sent-list')
    await asha.page.reload()
    await asha.openChat()
    await asha.room('Not sent: And now?').click()
    await asha.chat.getByText('You are muted in this room.', { exact: true }).waitFor()
    await failures.first().getByRole('button', { name: 'Discard' }).click()
    await failures.nth(1).waitFor({ state: 'detached' })
    t.equal(await asha.message('Can you hear me?').count(), 0)
    await mute(0)
    await failures.getByRole('button', { name: 'Retry' }).click()
    await failures.waitFor({ state: 'detached' })
    t.equal(await asha.message('And now?').count(), 1)
    await asha.page.reload()
    await asha.openChat()
    await asha.openRoom(ROOM)
    await asha.message('And now?').waitFor()
    t.equal(await asha.message('And now?').count(), 1, 'stored once')
  })

  await t.test('what is written offline survives a reload and goes out by itself', async (t) => {
    const context = asha.page.context()
    await context.setOffline(true)
    await asha.chat.getByText('Reconnecting').waitFor()
    await asha.send('From the tunnel.')
    await asha.chat.getByText('Waiting for the connection').waitFor()
    await context.setOffline(false)
    await asha.chat.getByText(/You were away/).waitFor()
    await asha.chat.getByText('Waiting for the connection').waitFor({ state: 'detached' })
    t.equal(await asha.message('From the tunnel.').count(), 1)

    await asha.page.route('**/api/method/f_chat.send_message', (route) => route.abort())
    await desk.stop('SIGTERM')
    await asha.chat.getByText('Reconnecting').waitFor()
    await asha.send('Written before the reload.')
    await asha.chat.getByText('Waiting for the connection').waitFor()
    await desk.start()
    await asha.page.reload()
    await asha.page.unroute('**/api/method/f_chat.send_message')
    await asha.openChat()
    await asha.openRoom(ROOM)
    await asha.message('Written before the reload.').waitFor()
    await asha.chat.getByText('Waiting for the connection').waitFor({ state: 'detached' })
    const { messages: stored } = await mikael.call<{ messages: { message_content: string }[] }>(
      'f_chat.get_chat_messages',
      { room_id: room, page_size: 20 },
    )
    const count = stored.filter(({ message_content: text }) => text === 'Written before the reload.').length
    t.equal(count, 1, 'stored once')
  })

  await t.test('what is new begins below a line, and the view keeps its place', async (t) => {
    await asha.backToRooms()
    for (let i = 1; i <= 120; i += 1) await say(mikael, `Pallet ${String(i)}`)
    await asha.room(ROOM).getByText('Pallet 120').waitFor()
    await asha.openRoom(ROOM)
    const line = messages(asha).getByText('New', { exact: true })
    await line.waitFor()
    const order = await messages(asha).evaluate((element) => {
      const texts = [...element.querySelectorAll('.new, .text')].map((node) => node.textContent)
      return texts.slice(texts.indexOf('New') - 1, texts.indexOf('New') + 2)
    })
    t.same(order.slice(1), ['New', 'Pallet 1'])
    await asha.screenshot('new-line')
    await asha.chat.getByRole('button', { name: /^\d+ new$|newest/ }).click()
    await asha.backToRooms()
    await asha.room(ROOM).locator('.count').waitFor({ state: 'detached' })

    await asha.page.reload()
    await asha.openChat()
    await asha.openRoom(ROOM)
    await asha.message('Pallet 120').waitFor()
    t.equal(await line.count(), 0, 'all is read')
    await scrollTo(asha, 700)
    const anchor = 'Pallet 95'
    const place = () =>
      messages(asha).evaluate((element, text) => {
        const bubble = [...element.querySelectorAll('.bubble')].find((b) => b.textContent.trim() === text)
        return bubble ? Math.round(bubble.getBoundingClientRect().top) : null
      }, anchor)
    await scrollTo(asha, 500)
    const before = await place()
    // Older messages, and a new one, come in while the view stands here.
    await messages(asha).evaluate((element) => element.dispatchEvent(new Event('scroll')))
    const shown = await messages(asha).locator('.bubble').count()
    await scrollTo(asha, 300)
    const moved = await place()
    await say(mikael, 'While you read')
    await asha.chat.getByRole('button', { name: '1 new' }).waitFor()
    await asha.page.waitForFunction((shown) => {
      const room = document
        .querySelector('f-chat-navbar')
        ?.shadowRoot?.querySelector('f-chat-panel')
        ?.shadowRoot?.querySelector('f-chat-room')
      const list = room?.shadowRoot?.querySelector('f-chat-messages')?.shadowRoot
      return (list?.querySelectorAll('.bubble').length ?? 0) > shown + 20
    }, shown)
    t.equal(await place(), moved, 'what was read stays where it was')
    t.not(before, moved)
    await asha.screenshot('pill')
    await asha.chat.getByRole('button', { name: '1 new' }).click()
    await asha.message('While you read').waitFor()
    await asha.chat.getByRole('button', { name: '1 new' }).waitFor({ state: 'detached' })
    await asha.backToRooms()
    await asha.room(ROOM).locator('.count').waitFor({ state: 'detached' })
  })

  await t.test('more rooms than a page holds come in while one scrolls', async (t) => {
    for (let i = 1; i <= 40; i += 1) {
      await asha.call('f_chat.create_chat_room', {
        room_name: `Shelf ${String(i)}`,
        room_type: 'Group Chat',
        members: [MIKAEL],
      })
    }
    await asha.page.reload()
    await asha.openChat()
    await asha.room('Shelf 40').waitFor()
    const rows = asha.chat.getByRole('list', { name: 'Chats' }).getByRole('listitem')
    t.ok((await rows.count()) <= 30, 'one page at first')
    await asha.chat.getByRole('searchbox', { name: 'Search chats' }).fill(ROOM)
    await asha.room(ROOM).waitFor()
    await asha.chat.getByRole('searchbox', { name: 'Search chats' }).fill('')
    await rows.last().scrollIntoViewIfNeeded()
    await asha.room('Shelf 1').first().waitFor()
    await asha.room(ROOM).last().scrollIntoViewIfNeeded()
    t.equal(await asha.room(ROOM).count(), 1, 'each once')
  })

  await t.test('a server that restarts is found again, in order', async () => {
    await asha.chat.getByRole('searchbox', { name: 'Search chats' }).fill(ROOM)
    await asha.openRoom(ROOM)
    await desk.stop('SIGTERM')
    await asha.chat.getByText('Reconnecting').waitFor()
    await desk.start()
    await asha.chat.getByText(/You were away/).waitFor()
    await mikael.page.reload()
    await say(mikael, 'Open again.')
    await asha.message('Open again.').waitFor()
  })

  await t.test('a session that ended elsewhere: log in again, and everything is there', async (t) => {
    const context = asha.page.context()
    const { value: sid = '' } = (await context.cookies()).find(({ name }) => name === 'sid') ?? {}
    const ended = await context.request.post(`${desk.url}/api/method/logout`, {
      headers: {
        Cookie: `sid=${sid}`,
        'X-Frappe-CSRF-Token': await asha.page.evaluate(
          () => (window as unknown as { frappe: { csrf_token: string } }).frappe.csrf_token,
        ),
      },
    })
    t.ok(ended.ok())
    await asha.chat.getByText('You are logged out.').waitFor()
    await asha.send('Did this get lost?')
    await asha.chat.getByText('Waiting for the connection').waitFor()
    await asha.composer.fill('half a sentence')
    await asha.screenshot('logged-out')
    await asha.chat.getByRole('link', { name: 'Log in again' }).click()
    await asha.page.getByLabel('Email').fill(ASHA)
    await asha.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await asha.page.getByRole('button', { name: 'Log in', exact: true }).click()
    await asha.page.waitForURL('**/desk')
    await asha.openChat()
    await asha.openRoom(ROOM)
    await asha.message('Did this get lost?').waitFor()
    await asha.message('Open again.').waitFor()
    t.equal(await asha.composer.inputValue(), 'half a sentence')
    await asha.chat.getByText('Waiting for the connection').waitFor({ state: 'detached' })
    t.equal(await asha.message('Did this get lost?').count(), 1)
  })

  t.same([...asha.problems, ...mikael.problems], [], 'no page had an error')
})
