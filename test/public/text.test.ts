import fc from 'fast-check'
import t from 'tap'
import { tokenize } from '../../public/shared/text.ts'

const links = (text: string) => tokenize(text).flatMap((token) => (token.kind === 'link' ? [token.text] : []))

t.test('links are found, without the punctuation around them', async (t) => {
  t.same(links('see https://example.com/a?b=c#d.'), ['https://example.com/a?b=c#d'])
  t.same(links('(http://a.io/x), https://en.wikipedia.org/wiki/Lit_(song)!'), [
    'http://a.io/x',
    'https://en.wikipedia.org/wiki/Lit_(song)',
  ])
  t.same(links('"https://a.io"\nHTTPS://B.io/ü'), ['https://a.io', 'HTTPS://B.io/ü'])
  t.same(links('http://192.168.0.1:8000/app'), ['http://192.168.0.1:8000/app'])
})

t.test('nothing else becomes a link', async (t) => {
  const texts = [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.io',
    'https://',
    'https://.',
    'www.a.io',
    'xhttps://a.io',
  ]
  for (const text of texts) t.same(links(text), [], text)
  t.same(links('<img src=x onerror=alert(1)>'), [])
})

t.test('nothing is lost, and an address is http or https', async (t) => {
  const piece = fc.constantFrom(
    'https://',
    'http://',
    'a.io',
    '/x',
    '(',
    ')',
    '.',
    ' ',
    '"',
    'javascript:',
    '<',
    'é',
    '\n',
  )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const tokens = tokenize(text)
          const whole = tokens.map((token) => token.text).join('') === text
          return whole && tokens.every((token) => token.kind === 'text' || /^https?:\/\/./.test(token.href))
        },
      ),
    ),
  )
})
