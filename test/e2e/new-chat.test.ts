import t from 'tap'
import { logIn, needsChromium, openBrowser, type Person } from './support/browser.ts'
import { demoDesk } from './support/desk.ts'

const ASHA = 'asha@demo.example'
const MIKAEL = 'mikael@demo.example'
const RANIA = 'rania@demo.example'

t.test('starting chats', needsChromium, async (t) => {
  const desk = await demoDesk(t)
  const browser = await openBrowser(t)
  const asha = await logIn(browser, desk, ASHA)
  const rania = await logIn(browser, desk, RANIA)
  const mikael = await logIn(browser, desk, MIKAEL)
  await asha.openChat()
  await rania.openChat()
  await mikael.openChat()

  await t.test('one person makes a direct message, which both have at once', async (t) => {
    await pick(asha, 'Rania')
    await asha.screenshot('new-chat')
    await asha.chat.getByRole('button', { name: /^Chat with Rania/ }).click()
    await asha.composer.waitFor()
    await asha.send('Hello, only you.')
    await rania.room('Asha').getByText('Hello, only you.').waitFor()
    t.equal(await mikael.room('Hello, only you.').count(), 0, 'nobody else has it')
    await rania.openRoom('Asha')
    await rania.message('Hello, only you.').waitFor()
    await rania.send('Hello, you.')
    await asha.message('Hello, you.').waitFor()
    await rania.backToRooms()
    await asha.backToRooms()
  })

  await t.test('opening it again finds the same room', async () => {
    await pick(rania, 'Asha')
    await rania.chat.getByRole('button', { name: /^Chat with Asha/ }).click()
    await rania.message('Hello, only you.').waitFor()
    await rania.backToRooms()
  })

  await t.test('several people make a group with a name', async () => {
    await pick(asha, 'Rania', 'Mikael')
    await asha.chat.getByPlaceholder('Name of the group').fill('Fair in Lyon')
    await asha.chat.getByRole('button', { name: 'Create group' }).click()
    await asha.composer.waitFor()
    await asha.send('Who books the train?')
    await mikael.openRoom('Fair in Lyon')
    await mikael.message('Who books the train?').waitFor()
    await mikael.send('I do.')
    await asha.message('I do.').waitFor()
    await rania.room('Fair in Lyon').getByText('I do.').waitFor()
    await asha.chat.getByText('3 members').waitFor()
  })

  await t.test('markup is text, everywhere it shows', async (t) => {
    const markup = '<img src=x onerror="window.pwned=1"><b>bold</b>'
    await asha.send(markup)
    await mikael.message(markup).waitFor()
    await rania.room('Fair in Lyon').getByText(markup).waitFor()
    await asha.backToRooms()
    await pick(asha, 'Rania', 'Mikael')
    await asha.chat.getByPlaceholder('Name of the group').fill('<script>window.pwned=1</script>')
    await asha.chat.getByRole('button', { name: 'Create group' }).click()
    await rania.room('<script>window.pwned=1</script>').waitFor()
    for (const { page } of [asha, mikael, rania]) {
      t.equal(await page.evaluate(() => 'pwned' in window), false)
    }
  })

  await t.test('Shift+Enter breaks a line, and what is too long is refused before it is sent', async (t) => {
    await asha.composer.fill('first')
    await asha.composer.press('Shift+Enter')
    await asha.composer.pressSequentially('second')
    await asha.composer.press('Enter')
    // The break is an element: what is looked for is the text around it.
    const broken = asha.chat.getByRole('region', { name: 'Messages' }).getByText('firstsecond')
    await broken.waitFor()
    t.equal(await broken.innerText(), 'first\nsecond')
    await asha.composer.fill('x'.repeat(4001))
    t.equal(await asha.chat.getByRole('button', { name: 'Send' }).isDisabled(), true)
    await asha.composer.fill('')
  })

  await t.test('history loads upward', async (t) => {
    const room = 'Warehouse'
    await asha.backToRooms()
    await asha.page.evaluate(async () => {
      const { frappe } = window as unknown as {
        frappe: {
          xcall(
            method: string,
            args: object,
          ): Promise<{ data: { rooms: { name: string; room_name: string }[] } }>
        }
      }
      const { data } = await frappe.xcall('f_chat.get_user_chat_rooms', {})
      const id = data.rooms.find(({ room_name }) => room_name === 'Warehouse')?.name
      for (let i = 1; i <= 260; i++) {
        await frappe.xcall('f_chat.send_message', { room_id: id, message_content: `Box ${String(i)}` })
      }
    })
    await mikael.backToRooms()
    await mikael.room(room).getByText('Box 260').waitFor()
    await mikael.page.reload()
    await mikael.openChat()
    await mikael.openRoom(room)
    const history = mikael.chat.getByRole('region', { name: 'Messages' })
    await mikael.message('Box 260').waitFor()
    t.equal(await mikael.message('Box 1').count(), 0, 'the beginning is not loaded yet')
    while ((await mikael.message('Box 1').count()) === 0) {
      await history.evaluate(
        (element) =>
          new Promise((next) => {
            element.scrollTop = 0
            requestAnimationFrame(next)
          }),
      )
    }
    t.equal(await mikael.message('Box 60').count(), 1, 'each message once')
  })

  t.same([...asha.problems, ...rania.problems, ...mikael.problems], [], 'no page had an error')
})

async function pick(person: Person, ...names: string[]): Promise<void> {
  await person.chat.getByRole('button', { name: 'New chat' }).first().click()
  for (const name of names) {
    await person.chat
      .getByRole('searchbox', { name: 'Search people' })
      .or(person.chat.getByRole('textbox', { name: 'Search people' }))
      .fill(name)
    await person.chat
      .getByRole('list', { name: 'People' })
      .getByRole('button', { name: new RegExp(name) })
      .click()
  }
}
