import t from 'tap'
import { mariaDbSocket, needsMariaDb } from '../support/databases.ts'
import { logIn, needsChromium, openBrowser } from './support/browser.ts'
import { demoDesk } from './support/desk.ts'

const ASHA = 'asha@demo.example'
const MIKAEL = 'mikael@demo.example'
const TOMAS = 'tomas@demo.example'

const databases = {
  sqlite: { options: needsChromium, newSite: () => Promise.resolve<string[]>([]) },
  mariadb: {
    options: { skip: needsChromium.skip || needsMariaDb.skip },
    newSite: async () => ['--db-type', 'mariadb', '--db-socket', await mariaDbSocket()],
  },
}

for (const [kind, { options, newSite }] of Object.entries(databases)) {
  void t.test(`two people talk, on ${kind}`, options, async (t) => {
    const desk = await demoDesk(t, await newSite())
    const browser = await openBrowser(t)
    const asha = await logIn(browser, desk, ASHA)
    const mikael = await logIn(browser, desk, MIKAEL, { colorScheme: 'dark' })
    const tomas = await logIn(browser, desk, TOMAS)

    await t.test('what one sends appears in the other’s room, live', async (t) => {
      await asha.openChat()
      await asha.screenshot(`${kind}-room-list`)
      await asha.openRoom('Warehouse')
      await mikael.openChat()
      await mikael.openRoom('Warehouse')
      await asha.send('Truck 7 is at the gate.')
      await mikael.message('Truck 7 is at the gate.').waitFor()
      await mikael.send('Bay 2, please.')
      await asha.message('Bay 2, please.').waitFor()
      await asha.screenshot(`${kind}-room`)
      await mikael.screenshot(`${kind}-room-dark`)
      t.equal(await asha.message('Truck 7 is at the gate.').count(), 1, 'shown once to the sender')
    })

    await t.test('it counts as unread until it is read', async (t) => {
      await tomas.openChat()
      const row = tomas.room('Warehouse')
      await row.getByText('Bay 2, please.').waitFor()
      const before = await unread(row)
      t.ok(before >= 2, `${String(before)} unread`)
      await mikael.send('And the papers?')
      await row.getByText('And the papers?').waitFor()
      t.equal(await unread(row), before + 1, 'one more arrives while the list is open')
      await tomas.openRoom('Warehouse')
      await tomas.message('And the papers?').waitFor()
      await tomas.backToRooms()
      await tomas.room('Warehouse').locator('.count').waitFor({ state: 'detached' })
      t.equal(await unread(tomas.room('Warehouse')), 0, 'read')
    })

    await t.test('a reload keeps messages and read marks', async (t) => {
      await tomas.page.reload()
      await tomas.openChat()
      t.equal(await unread(tomas.room('Warehouse')), 0)
      await tomas.openRoom('Warehouse')
      await tomas.message('Truck 7 is at the gate.').waitFor()
    })

    await t.test('after the server was killed, both catch up by themselves', async (t) => {
      await desk.stop('SIGKILL')
      await asha.chat.getByText('Reconnecting').waitFor()
      await asha.screenshot(`${kind}-reconnecting`)
      await asha.send('Written while the server was down.')
      await asha.chat.getByText('Waiting for the connection').waitFor()
      await desk.start()
      await mikael.message('Written while the server was down.').waitFor()
      await asha.chat.getByText('Waiting for the connection').waitFor({ state: 'detached' })
      t.equal(await asha.message('Written while the server was down.').count(), 1)
      await mikael.send('You are back.')
      await asha.message('You are back.').waitFor()
      t.equal(await mikael.message('Written while the server was down.').count(), 1, 'stored once')
      await asha.screenshot(`${kind}-caught-up`)
    })

    t.same([...asha.problems, ...mikael.problems, ...tomas.problems], [], 'no page had an error')
  })
}

async function unread(row: import('playwright-core').Locator): Promise<number> {
  const badge = row.locator('.count')
  return (await badge.count()) === 0 ? 0 : Number.parseInt(await badge.innerText(), 10)
}
