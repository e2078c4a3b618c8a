import t from 'tap'
import { targetOf } from '../../markup/links.ts'
import { parse } from '../../markup/parse.ts'
import type { Block, Inline, Link } from '../../markup/tree.ts'
import { textOf } from '../../markup/tree.ts'

function links(content: string): Link[] {
  const inInline = (node: Inline): Link[] =>
    node.kind === 'link' ? [node] : 'inline' in node ? node.inline.flatMap(inInline) : []
  const inBlock = (block: Block): Link[] => (block.kind === 'paragraph' ? block.inline.flatMap(inInline) : [])
  return parse(content).flatMap(inBlock)
}

const found = (content: string): [text: string, href: string][] =>
  links(content).map(({ inline, href }) => [textOf(inline), href])

t.test('addresses are found, without the punctuation around them', async (t) => {
  const texts = (content: string): string[] => found(content).map(([text]) => text)
  t.same(texts('see https://example.com/a?b=c#d.'), ['https://example.com/a?b=c#d'])
  t.same(texts('(http://a.io/x), https://en.wikipedia.org/wiki/Lit_(song)!'), [
    'http://a.io/x',
    'https://en.wikipedia.org/wiki/Lit_(song)',
  ])
  t.same(texts('"https://a.io"\nHTTPS://B.io/ü'), ['https://a.io', 'HTTPS://B.io/ü'])
  t.same(texts('http://192.168.0.1:8000/app'), ['http://192.168.0.1:8000/app'])
  t.same(texts('**https://a.io** _https://b.io_'), ['https://a.io', 'https://b.io'])
  t.same(texts('请看https://a.io。谢谢'), [], 'a word does not begin within another')
  t.same(texts('请看 https://a.io。谢谢'), ['https://a.io'])
  t.same(found('www.a.io, ann@a.io. mailto:bob@a.io tel:+49123456'), [
    ['www.a.io', 'https://www.a.io/'],
    ['ann@a.io', 'mailto:ann@a.io'],
    ['mailto:bob@a.io', 'mailto:bob@a.io'],
    ['tel:+49123456', 'tel:+49123456'],
  ])
})

t.test('links have a text of their own, and images are links', async (t) => {
  t.same(found('[the **order**](https://a.io/1 "title") [x](<https://a.io/2>) [](https://a.io/3)'), [
    ['the order', 'https://a.io/1'],
    ['x', 'https://a.io/2'],
    ['https://a.io/3', 'https://a.io/3'],
  ])
  t.same(found('![a truck](https://a.io/t.png)'), [['a truck', 'https://a.io/t.png']])
  t.same(found('[a [b](https://a.io) c](https://b.io)')[0], ['b', 'https://a.io/'], 'none within another')
})

t.test('nothing but http, https, mailto and tel is led to', async (t) => {
  const refused = [
    ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', '\u0001javascript:alert(1)'],
    ...[
      'data:text/html,x',
      'vbscript:x',
      'blob:https://a.io/x',
      'file:///etc/passwd',
      'ftp://a.io',
      'about:blank',
    ],
    ...[
      'view-source:https://a.io',
      'intent://a#Intent',
      '//a.io',
      '/desk',
      '#x',
      'a.io',
      '&#106;avascript:x',
    ],
    ...[
      'https:a.io',
      'https:/a.io',
      'https:\\\\a.io',
      'https://a.io\\@b.io',
      'https://',
      'https://.',
      'https:///a.io',
    ],
    ...[
      'https://user@a.io',
      'https://a.io:x@b.io',
      'https://a.io\u202E/x',
      'https://a\u200B.io',
      'https://a.io/\ud800',
    ],
    ...['https://a.io/a b', 'https://a.io/\n', 'https://[::1', `https://a.io/${'x'.repeat(2100)}`],
    ...[
      'mailto:x',
      'mailto:a@a.io?bcc=b@b.io',
      'mailto:a@a.io,b@b.io',
      'mailto:a%0Ab@a.io',
      'tel:evil',
      'tel:+',
    ],
    ...['javascript\u003aalert(1)', 'ｊａｖａｓｃｒｉｐｔ:alert(1)', 'jaｖascript:alert(1)', ''],
  ]
  for (const address of refused) {
    t.equal(targetOf(address), null, JSON.stringify(address).slice(0, 60))
    const shown = links(`[click](${address}) [click](<${address}>)`).map(({ href }) => href)
    t.same(
      shown.filter((href) => !/^(https?:\/\/[\w[]|mailto:\w+@[\w.]+$|tel:\+?\d)/.test(href)),
      [],
    )
  }
  t.same(found('xhttps://a.io javascript:alert(1) <img src=x onerror=alert(1)> a@b'), [])
})

t.test('a text that says another place than the link leads to is shown with the place', async (t) => {
  const place = (content: string): (string | null)[] => links(content).map(({ leadsTo }) => leadsTo)
  t.same(place('[https://bank.example](https://evil.example/x)'), ['evil.example'])
  t.same(place('[bank.example/login](https://evil.example)'), ['evil.example'])
  t.same(place('[**bank**.example](https://evil.example)'), ['evil.example'])
  t.same(place('[bank․example](https://evil.example)'), ['evil.example'], 'another dot')
  t.same(place('[ｂａｎｋ．example](https://evil.example)'), ['evil.example'], 'wide letters')
  t.same(place('[bank。example](https://evil.example)'), ['evil.example'])
  t.same(place('[10.0.0.1](https://evil.example)'), ['evil.example'])
  t.same(place('[ann@bank.example](mailto:eve@evil.example)'), ['eve@evil.example'])
  t.same(place('[ann@bank.example](https://evil.example)'), ['evil.example'])
  t.same(place('[call 030 1234](tel:+49900999)'), ['+49900999'])
  t.same(place('https://аррӏе.com'), ['xn--80ak6aa92e.com'], 'letters that look like others')
  t.same(place('[bank.example](https://evil.example:8443)'), ['evil.example:8443'])
  t.same(place('https://ex%61mple.com'), ['example.com'])
  const honest = [
    '[here](https://a.io)',
    '[a.io](https://www.a.io/x)',
    '[https://a.io/very/long](https://a.io/very/long?x=1)',
    'https://müller.de/x',
    'https://a.io:8443',
    'ann@a.io',
    '[write to ann@a.io](mailto:ann@a.io)',
    '[3.14 metres](https://a.io)',
    '[call us](tel:+4930)',
    'tel:+4930123',
  ]
  for (const content of honest) t.same(place(content), [null], content)
})
