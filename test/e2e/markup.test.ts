import axe from 'axe-core'
import type { BrowserContextOptions } from 'playwright-core'
import t from 'tap'
import { logIn, needsChromium, openBrowser, type Person } from './support/browser.ts'
import { demoDesk } from './support/desk.ts'

const ASHA = 'asha@demo.example'
const TOMAS = 'tomas@demo.example'

const STATUS = [
  '**Truck 7** is late, see `dock.log` and https://example.com/orders/4711?line=3',
  '> Bay 2, please.',
  'What to do:',
  '- call the _carrier_',
  '- move ~~bay 2~~ bay 3',
  '  1. papers',
  '  2. pallets',
].join('\n')

const CODE = [
  'The query that is slow:',
  '```sql',
  'select name, room_name, last_message_at from `tabChat Room` where room_status = "Active" order by last_message_at desc',
  '  limit 20',
  '```',
].join('\n')

/** Each tries to be more than text. */
const HOSTILE = [
  '<img src=x onerror="window.broken = 1"><script>window.broken = 1</script>',
  '[click](javascript:window.broken=1) [click](JaVaScRiPt:alert(1)) [x](java\tscript:alert(1)) [x](&#106;avascript:alert(1))',
  '[x](data:text/html,<script>window.broken=1</script>) [x](vbscript:x) [x](//evil.example) [x](\\\\evil.example)',
  '![x](x" onerror="window.broken=1) ![x](https://example.com/"onerror="window.broken=1)',
  '<a href="javascript:window.broken=1">x</a> <svg/onload=window.broken=1> {{constructor}} ${window.broken=1}',
  '[https://bank.example](https://evil.example/login) https://аррӏе.com',
  '\u202Egpj.exe https://example.com/\u202Egpj.exe \u2066\u2067 unclosed',
  `${'>'.repeat(500)} deep ${'*'.repeat(500)} ${'['.repeat(500)}`,
  '```"><script>window.broken=1</script>\n</code></pre><script>window.broken=1</script>\n```',
]

const RTL = 'مرحبا **تومas**، الموعد في `bay 2` الساعة 5\n- أولا\n- ثانيا\n> اقتباس من https://example.com/ar'

const looks: Record<string, BrowserContextOptions> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
}

t.test('messages with markup', needsChromium, async (t) => {
  const desk = await demoDesk(t)
  const browser = await openBrowser(t)
  const asha = await logIn(browser, desk, ASHA)
  const room_id = await asha.roomId('Warehouse')
  const post = (message_content: string) => asha.call('f_chat.send_message', { room_id, message_content })
  const tomas = await logIn(browser, desk, TOMAS)
  await tomas.openChat()
  await tomas.openRoom('Warehouse')

  await t.test('are shown as what they mean', async (t) => {
    await post(STATUS)
    const bubble = newest(tomas)
    await bubble.locator('strong', { hasText: 'Truck 7' }).waitFor()
    t.equal(await bubble.locator('code').innerText(), 'dock.log')
    t.equal(await bubble.locator('blockquote').innerText(), 'Bay 2, please.')
    t.same(await bubble.locator('ul > li > ol > li').allInnerTexts(), ['papers', 'pallets'])
    t.equal(await bubble.locator('s').innerText(), 'bay 2')
    const link = bubble.locator('a')
    t.equal(await link.getAttribute('href'), 'https://example.com/orders/4711?line=3')
    t.equal(await link.getAttribute('rel'), 'noopener noreferrer nofollow')
    t.equal(await link.getAttribute('target'), '_blank')
  })

  await t.test('mark who is named, and most of all the reader', async (t) => {
    await post('@Tomas, please help @Mikael Lindqvist, nobody called @Nobody')
    await newest(tomas).getByText('nobody called').waitFor()
    t.same(await newest(tomas).locator('.mention.mine').allInnerTexts(), ['@Tomas'])
    t.same(await newest(tomas).locator('.mention').allInnerTexts(), ['@Tomas', '@Mikael Lindqvist'])
    await post('All hands, @everyone')
    await newest(tomas).locator('.mention.mine', { hasText: '@everyone' }).waitFor()
  })

  await t.test('nothing of them is code of the page', async (t) => {
    for (const content of HOSTILE) await post(content)
    await newest(tomas).locator('pre', { hasText: '</code></pre>' }).waitFor()
    const found = await tomas.chat.locator('f-chat-messages').evaluate((host) => {
      const elements = [...(host.shadowRoot?.querySelectorAll('.text *') ?? [])]
      return {
        tags: [...new Set(elements.map(({ localName }) => localName))].sort(),
        attributes: [...new Set(elements.flatMap((element) => element.getAttributeNames()))].sort(),
        hrefs: elements.flatMap((element) => element.getAttribute('href') ?? []),
        broken: 'broken' in window,
      }
    })
    const allowed = [
      'a',
      'bdi',
      'blockquote',
      'br',
      'code',
      'em',
      'li',
      'ol',
      'p',
      'pre',
      's',
      'strong',
      'ul',
    ]
    t.same(
      found.tags.filter((tag) => !allowed.includes(tag)),
      [],
    )
    const harmless = [
      'aria-label',
      'class',
      'dir',
      'href',
      'rel',
      'role',
      'tabindex',
      'target',
      'title',
      'value',
    ]
    t.same(
      found.attributes.filter((name) => !harmless.includes(name)),
      [],
    )
    t.ok(found.hrefs.length > 0)
    t.same(
      found.hrefs.filter((href) => !/^(https?:\/\/[a-z]|mailto:)/.test(href)),
      [],
    )
    t.notOk(found.broken)
    await tomas.message('(evil.example)').waitFor()
    await tomas.message('(xn--80ak6aa92e.com)').waitFor()
  })

  await t.test('what is wide scrolls or breaks within its bubble', async (t) => {
    await post(CODE)
    await post(RTL)
    await post('🎉🚚')
    await newest(tomas).filter({ hasText: '🎉🚚' }).waitFor()
    t.ok(await newest(tomas).evaluate((bubble) => bubble.classList.contains('large')))
    const code = tomas.chat.locator('pre', { hasText: 'select name' })
    t.ok(await code.evaluate((pre) => pre.scrollWidth > pre.clientWidth), 'the code scrolls')
  })

  await t.test('the room list shows them as one plain line', async (t) => {
    await post('**Done**: see `log` and [the order](https://example.com)')
    await tomas.message('the order').waitFor()
    await tomas.backToRooms()
    const line = tomas.room('Warehouse').getByText('Done: see log and the order')
    await line.waitFor()
    t.notMatch(await line.innerText(), /[*`[\]]/)
  })

  for (const [look, options] of Object.entries(looks)) {
    await t.test(`in the look of the rest: ${look}`, async (t) => {
      const reader = await logIn(browser, desk, look === 'dark' ? ASHA : TOMAS, options)
      await reader.openChat()
      await reader.openRoom('Warehouse')
      const scroller = reader.chat.getByRole('region', { name: 'Messages' })
      const strong = reader.chat.locator('strong', { hasText: 'Truck 7' })
      await reader.message('the order').waitFor()
      while ((await strong.count()) === 0) await scroller.evaluate((element) => element.scrollTo(0, 0))
      await strong.scrollIntoViewIfNeeded()
      await reader.screenshot(`markup-${look}-top`)
      t.same(await violations(reader), [], 'nothing that axe objects to')
      await reader.chat.locator('pre').first().scrollIntoViewIfNeeded()
      await reader.screenshot(`markup-${look}-middle`)
      await reader.message('the order').scrollIntoViewIfNeeded()
      await reader.screenshot(`markup-${look}-end`)
      t.notOk(
        await scroller.evaluate((element) => element.scrollWidth > element.clientWidth),
        'nothing sticks out',
      )
      t.same(reader.problems, [])
    })
  }
  t.same([...asha.problems, ...tomas.problems], [])
})

const newest = (person: Person) => person.chat.locator('.bubble').last()

async function violations({ page }: Person): Promise<string[]> {
  await page.evaluate(axe.source)
  const results = await page.evaluate(async () => {
    const runner = (window as unknown as { axe: typeof axe }).axe
    return await runner.run('f-chat-navbar', { resultTypes: ['violations'] })
  })
  return results.violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map((node) => node.html).join(' ')}`.slice(0, 400),
  )
}
