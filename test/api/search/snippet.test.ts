import t from 'tap'
import { selective } from '../../../doctypes/chat_message/find-sql.ts'
import { beginning, highlighted, snippetOf } from '../../../doctypes/chat_message/snippet.ts'
import { locate, phrasesOf, tokensOf } from '../../../doctypes/chat_message/tokens.ts'

const marks = (text: string, term: string): string => highlighted(snippetOf(text, phrasesOf(term)))

t.test('what was found is marked as it is written', (t) => {
  t.equal(marks('Größe der STRASSE', 'gros strasse'), '<mark>Größ</mark>e der <mark>STRASSE</mark>')
  t.equal(marks('cafe\u0301s', 'café'), '<mark>cafe\u0301</mark>s')
  t.equal(marks('東京都に行く', '京都'), '東<mark>京都</mark>に行く')
  t.equal(marks('हिन्दी में', 'हि'), '<mark>हि</mark>न्दी में')
  t.equal(marks('the quick brown', '"quick brown"'), 'the <mark>quick brown</mark>')
  t.equal(marks('quick the brown', '"quick brown"'), 'quick the brown')
  t.equal(marks('at 👩‍💻 work', '👩‍💻'), 'at <mark>👩‍💻</mark> work')
  t.equal(marks('warehouse ware', 'ware warehouse'), '<mark>warehouse</mark> <mark>ware</mark>')
  t.equal(marks('<mark>x</mark>', 'x'), '&lt;mark&gt;<mark>x</mark>&lt;/mark&gt;')
  t.end()
})

t.test('a long text is cut around the first hit, between characters', (t) => {
  const family = '👩‍👩‍👧‍👦'
  const { text, highlights } = snippetOf(
    `${family.repeat(300)} needle ${'é'.normalize('NFD').repeat(300)}`,
    phrasesOf('needle'),
  )
  const inner = text.slice(1, -1)
  t.ok(text.startsWith('…') && text.endsWith('…'))
  t.equal([...new Intl.Segmenter().segment(inner)].length, 200)
  t.ok(inner.startsWith(family))
  t.ok(inner.endsWith('e\u0301'))
  t.same(
    highlights.map(([start, end]) => text.slice(start, end)),
    ['needle'],
  )
  const first = snippetOf(`needle ${'x'.repeat(500)}`, phrasesOf('needle'))
  t.same([first.text.length, first.highlights], [201, [[0, 6]]])
  const last = snippetOf(`${'x '.repeat(500)}needle`, phrasesOf('needle'))
  t.ok(last.text.endsWith('needle'))
  const none = snippetOf('y'.repeat(300), phrasesOf('needle'))
  t.same([none.text, none.highlights], [`${'y'.repeat(200)}…`, []])
  t.same(snippetOf('', phrasesOf('x')), { text: '', highlights: [] })
  t.equal(beginning(family.repeat(3), 2), family.repeat(2))
  t.equal(beginning('short', 100), 'short')
  t.end()
})

t.test('places are apart and in order', (t) => {
  t.same(locate('one two one', phrasesOf('one two on')), [
    [0, 3],
    [4, 7],
    [8, 11],
  ])
  t.same(locate('大大大', phrasesOf('大大')), [[0, 3]])
  t.end()
})

t.test('tokens are of letters that every index takes for one word', (t) => {
  const all = tokensOf('Zażółć gęślą 東京 👍 हिन्दी достопримечательность \ud800 ñ')
  t.ok(
    all.every((token) => /^[a-z0-9_]{1,77}$/.test(token)),
    all.join(' '),
  )
  t.ok(tokensOf('x'.repeat(4000)).every((token) => token.length <= 77))
  t.ok(tokensOf('жизнь'.repeat(800)).every((token) => token.length <= 77))
  t.end()
})

t.test('the index is asked for rare words, and for all where none is', (t) => {
  t.same(selective([0.3, 0.002]).chosen, [1])
  t.same(selective([0.3, 0.05]).chosen, [1, 0])
  t.same(selective([0.1, 0.1, 0.5]).chosen, [0, 1])
  t.same(selective([0.4]).chosen, [0])
  t.ok(selective([0.3, 0.05]).cost > 10 * selective([0.3, 0.002]).cost)
  t.end()
})
