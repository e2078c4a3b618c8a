import fc from 'fast-check'
import t from 'tap'
import { findMentions } from '../../markup/mentions.ts'
import { directoryOf, labelsOf } from '../../markup/names.ts'
import { parse } from '../../markup/parse.ts'

const PEOPLE = [
  { user: 'ben@test.example', full_name: 'Ben Carter' },
  { user: 'ben.carter@other.example', full_name: 'Bénédicte Carter-Ωmega' },
  { user: 'tomas@test.example', full_name: 'Tomás Ruiz' },
  { user: 'li_wei@test.example', full_name: '李 伟' },
  { user: 'sam1@test.example', full_name: 'Sam Lee' },
  { user: 'sam2@test.example', full_name: 'Sam Lee' },
  { user: 'Administrator', full_name: 'Administrator' },
]

const named = (content: string): string[] =>
  findMentions(content, PEOPLE).map(({ label, user }) => `${label}=${user}`)

t.test('a mention is an @ with a full name, an id, or a first name that is one’s alone', async (t) => {
  t.same(named('@Ben Carter'), ['Ben Carter=ben@test.example'], 'the longest that fits')
  t.same(named('@ben, @BEN CARTER'), ['ben=ben@test.example', 'BEN CARTER=ben@test.example'])
  t.same(named('@ben@test.example.'), ['ben@test.example=ben@test.example'])
  t.same(named('@li_wei@test.example @李'), [
    'li_wei@test.example=li_wei@test.example',
    '李=li_wei@test.example',
  ])
  t.same(named('(@administrator)'), ['administrator=Administrator'])
  t.same(named('**@Ben** and _@tomás_'), ['Ben=ben@test.example', 'tomás=tomas@test.example'])
  t.same(named('@Benedicte'), ['Benedicte=ben.carter@other.example'], 'without the accents')
  t.same(named('@Toma\u0301s!'), ['Toma\u0301s=tomas@test.example'], 'accents of their own')
  t.same(named('@here and @ALL'), ['here=@all', 'ALL=@all'])
})

t.test('nothing else is one', async (t) => {
  for (const content of [
    ...[
      'ben@test.example',
      'x@Ben',
      '@Benny',
      '@Ben_x',
      '@ Ben',
      '@',
      '@@',
      '@Sam Lee',
      '@Sam',
      '@Eve',
      '@allen',
    ],
    ...[
      '`@Ben`',
      '```\n@Ben\n```',
      '[@Ben](https://a.io)',
      'https://a.io/@Ben',
      '\\@Ben',
      '@undefined',
      '@__proto__',
    ],
  ])
    t.same(named(content), [], content)
  t.same(
    named('@sam2@test.example'),
    ['sam2@test.example=sam2@test.example'],
    'who bears a shared name has an id',
  )
})

t.test('what was found is shown as a mention by its labels alone', async (t) => {
  const piece = fc.constantFrom(
    '@',
    'Ben',
    'Ben Carter',
    '@ben',
    '@Tomas',
    '@all',
    ' ',
    '`',
    '*',
    '\n',
    '> ',
    'x',
    ',',
  )
  const check = fc.property(
    fc.array(piece).map((pieces) => pieces.join('')),
    (content) => {
      const labels = findMentions(content, PEOPLE)
      const again = JSON.stringify(parse(content, directoryOf(labels)))
      return again === JSON.stringify(parse(content, directoryOf(labelsOf(PEOPLE))))
    },
  )
  t.doesNotThrow(() => fc.assert(check, { numRuns: 1000 }))
})
