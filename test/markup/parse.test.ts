import fc from 'fast-check'
import t, { type Test } from 'tap'
import { isEmojiOnly } from '../../markup/emoji.ts'
import { renderHtml } from '../../markup/html.ts'
import { parse } from '../../markup/parse.ts'
import { plainText } from '../../markup/plain.ts'
import { textOf, type Block, type Inline } from '../../markup/tree.ts'
import { HOSTILE_PATTERNS } from './hostile.ts'

/** As HTML without what every block and link has, which is easy to read in a test. */
const html = (content: string): string =>
  renderHtml(parse(content))
    .replaceAll(' dir="auto"', '')
    .replaceAll(' rel="noopener noreferrer nofollow"', '')

const shows = (t: Test, cases: Record<string, string>): void => {
  for (const [content, expected] of Object.entries(cases)) t.equal(html(content), expected, content)
}
t.test('emphasis', async (t) => {
  shows(t, {
    '**b** *i* _i_ __b__ ~~s~~':
      '<p><strong>b</strong> <em>i</em> <em>i</em> <strong>b</strong> <s>s</s></p>',
    '***both***': '<p><em><strong>both</strong></em></p>',
    '**a *b* c**': '<p><strong>a <em>b</em> c</strong></p>',
    '*foo**bar**baz*': '<p><em>foo<strong>bar</strong>baz</em></p>',
    '**over\nlines**': '<p><strong>over<br>lines</strong></p>',
    'snake_case_name and __init__.py': '<p>snake_case_name and <strong>init</strong>.py</p>',
    '2*3*4 and 5 * 6 * 7': '<p>2*3*4 and 5 * 6 * 7</p>',
    '**「重要」**です': '<p><strong>「重要」</strong>です</p>',
    '**not closed': '<p>**not closed</p>',
    '~5 minutes, ~~~': '<p>~5 minutes, ~~~</p>',
    '\\*as typed\\* \\\\server\\folder': '<p>*as typed* \\\\server\\folder</p>',
  })
})

t.test('code is as it was typed', async (t) => {
  shows(t, {
    '`**x** <b>`': '<p><code>**x** &lt;b&gt;</code></p>',
    '`` a`b ``': '<p><code>a`b</code></p>',
    '```one line```': '<p><code>one line</code></p>',
    '`not closed': '<p>`not closed</p>',
    '```js\nlet *a* = "<"\n\n  b\n```\nafter':
      '<pre><code>let *a* = &quot;&lt;&quot;\n\n  b</code></pre><p>after</p>',
    '~~~\n```\n~~~': '<pre><code>```</code></pre>',
    '```\nnot closed **b**': '<p>```<br>not closed <strong>b</strong></p>',
  })
  t.match(parse('```c++ title\nx\n```'), [{ kind: 'code', language: 'c++', text: 'x' }])
})

t.test('quotes and lists', async (t) => {
  shows(t, {
    'see:\n> a\n> b\nc': '<p>see:</p><blockquote><p>a<br>b</p></blockquote><p>c</p>',
    '>_< and\n>5 kg': '<p>&gt;_&lt; and<br>&gt;5 kg</p>',
    '> > x': '<blockquote><blockquote><p>x</p></blockquote></blockquote>',
    'Buy:\n- a\n- b': '<p>Buy:</p><ul><li><p>a</p></li><li><p>b</p></li></ul>',
    '- a\n  - b\n  c\n\n- d': '<ul><li><p>a</p><ul><li><p>b</p></li></ul><p>c</p></li><li><p>d</p></li></ul>',
    '1. a\n1. b\n4. c':
      '<ol><li value="1"><p>a</p></li><li value="2"><p>b</p></li><li value="4"><p>c</p></li></ol>',
    '- a\nb': '<ul><li><p>a</p></li></ul><p>b</p>',
    '-5 degrees\n+1\n* * *\n---': '<p>-5 degrees<br>+1<br>* * *<br>---</p>',
  })
})

t.test('what is no markup here stays the text that it is', async (t) => {
  shows(t, {
    '# no heading': '<p># no heading</p>',
    '| a | b |\n|---|---|': '<p>| a | b |<br>|---|---|</p>',
    '<b>no</b> &amp; &lt;': '<p>&lt;b&gt;no&lt;/b&gt; &amp;amp; &amp;lt;</p>',
    'a\r\nb\rc': '<p>a<br>b<br>c</p>',
    '  indented\n\n\n\nfar': '<p>  indented</p><p>far</p>',
  })
})

t.test('one plain line', async (t) => {
  t.equal(plainText('**a**\n> b\n\n- c\n- d\n1. e'), 'a b • c • d 1. e')
  t.equal(plainText('[site](https://a.example) `x`  @Ben'), 'site x @Ben')
  t.equal(plainText('x'.repeat(200), 100), `${'x'.repeat(99)}…`)
  t.equal(plainText('👍🏽'.repeat(60), 100).length <= 400, true)
  t.equal(plainText('a \u202Eb\u2066'), 'a b', 'nothing that turns what stands behind it')
  t.equal(plainText('**'), '**')
})

t.test('one to three emoji alone', async (t) => {
  for (const text of ['🎉', '👩‍👩‍👧‍👦 👍🏽', '🇩🇪🇫🇷\n❤️', '1️⃣']) t.ok(isEmojiOnly(text), text)
  for (const text of ['', 'a', '🎉 ok', '12', '🎉🎉🎉🎉', '#']) t.notOk(isEmojiOnly(text), text)
})

const texts = (blocks: readonly Block[]): string =>
  blocks
    .map((block): string => {
      switch (block.kind) {
        case 'paragraph':
          return textOf(block.inline)
        case 'code':
          return block.text
        case 'quote':
          return texts(block.blocks)
        case 'list':
          return block.items.map(({ blocks }) => texts(blocks)).join('')
      }
    })
    .join('')

const letters = (text: string): string => text.replaceAll(/[^\p{L}]/gu, '')

const piece = fc.constantFrom(
  ...['*', '**', '_', '__', '~~', '`', '``', '```\n', '~~~\n', '\n', '\n\n', '> ', '- ', '1. ', '    ', '\t'],
  ...['\\', '(', ')', '<', '>', '"', '&', '@', '#', '|', ' ', 'a', 'Ωb', 'עב', '重', '🎉', '\u202E', '\0'],
)
const written = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(piece).map((pieces) => pieces.join('')),
)

t.test('nothing that was typed is lost but markup', async (t) => {
  const check = fc.property(written, (content) => {
    // A fence's language and a link's address are markup; neither is in here.
    fc.pre(!/[`~]{3,}[^\n]*\p{L}/u.test(content) && !content.includes(']('))
    return letters(texts(parse(content))) === letters(content)
  })
  t.doesNotThrow(() => fc.assert(check, { numRuns: 2000 }))
})

const withLinks = fc
  .array(
    fc.oneof(
      piece,
      fc.constantFrom('[', ']', '](', '![', 'https://a.io', 'javascript:', 'mailto:', 'x@y.zz', '://'),
    ),
  )
  .map((pieces) => pieces.join(''))

t.test('whatever is typed can be shown, and is nothing but the shapes of messages', async (t) => {
  const tag =
    /^<(?:\/?(?:p|pre|code|blockquote|ul|ol|li|strong|em|s|b|bdi|a)|br|p dir="auto"|li value="\d+"|a href="(?:https?:\/\/|mailto:|tel:)[^"<>\s]+" rel="noopener noreferrer nofollow")>$/
  const check = fc.property(fc.oneof(written, withLinks), (content) => {
    const shown = renderHtml(parse(content))
    plainText(content, 100)
    return [...shown.matchAll(/<[^>]*>?/g)].every(([found]) => tag.test(found))
  })
  t.doesNotThrow(() => fc.assert(check, { numRuns: 3000 }))
})

/** Levels of a tree, and its nodes. */
function sizeOf(nodes: readonly (Block | Inline)[]): { depth: number; count: number } {
  let depth = 0
  let count = 0
  for (const node of nodes) {
    const inner =
      'inline' in node
        ? [node.inline]
        : 'blocks' in node
          ? [node.blocks]
          : 'items' in node
            ? node.items.map(({ blocks }) => blocks)
            : []
    count++
    for (const part of inner) {
      const below = sizeOf(part)
      depth = Math.max(depth, below.depth)
      count += below.count
    }
  }
  return { depth: depth + 1, count }
}

/** How often a text is looked at: every regular expression that is run, and every piece that is cut out. */
function stepsOf(content: string): number {
  const { exec } = RegExp.prototype
  const { slice, codePointAt } = String.prototype
  let steps = 0
  RegExp.prototype.exec = function (text) {
    steps++
    return exec.call(this, text)
  }
  String.prototype.slice = function (from, to) {
    steps++
    return slice.call(this, from, to)
  }
  String.prototype.codePointAt = function (at) {
    steps++
    return codePointAt.call(this, at)
  }
  try {
    parse(content)
  } finally {
    Object.assign(RegExp.prototype, { exec })
    Object.assign(String.prototype, { slice, codePointAt })
  }
  return steps
}

t.test('hostile input costs no more than its length, and lies no deeper than the limits', async (t) => {
  for (const pattern of HOSTILE_PATTERNS) {
    const content = pattern.repeat(Math.ceil(4000 / pattern.length)).slice(0, 4000)
    const { depth, count } = sizeOf(parse(content))
    t.ok(depth <= 30, `${JSON.stringify(pattern)}: ${String(depth)} deep`)
    t.ok(count <= 4001, `${JSON.stringify(pattern)}: ${String(count)} nodes`)
    const steps = stepsOf(content)
    t.ok(steps <= 60 * 4000, `${JSON.stringify(pattern)}: ${String(steps)} steps`)
    const twice = stepsOf(content + content)
    t.ok(twice <= 2.5 * steps + 100, `${JSON.stringify(pattern)}: ${String(twice)} for twice as much`)
  }
})

t.test('a text longer than any message is shown as it is', async (t) => {
  t.same(parse('**a**'.repeat(5000)), [
    { kind: 'paragraph', inline: [{ kind: 'text', text: '**a**'.repeat(5000) }] },
  ])
})
