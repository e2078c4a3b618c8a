import t from 'tap'
import { withoutNames } from '../../doctypes/text.ts'
import { replaceMentions } from '../../markup/names.ts'

t.test('names go where they stand as words', async (t) => {
  const cases: [text: string, names: string[], left: string][] = [
    ['Ann created Annual plans', ['Ann'], 'X created Annual plans'],
    ['Ann Bee and ann', ['Ann Bee', 'Ann'], 'X and X'],
    ['a.b@c.example, axb@c.example', ['a.b@c.example'], 'X, axb@c.example'],
    ['Zoë, Zoës', ['Zoë'], 'X, Zoës'],
    ['costs $1 (x)', ['$1 (x)'], 'costs X'],
    ['李明 created', ['李明'], 'X created'],
    ['nothing', [], 'nothing'],
  ]
  for (const [text, names, left] of cases) t.equal(withoutNames(text, names, 'X'), left, text)
})

t.test('mentions go wherever they stand, whole', async (t) => {
  const cases: [content: string, labels: string[], left: string][] = [
    ['@Ann and @ANN, not @Anna or a@Ann', ['Ann'], '@X and @X, not @Anna or a@Ann'],
    ['@Ann Bee @Ann', ['Ann', 'Ann Bee'], '@X @X'],
    ['`@Ann` **@Ann**', ['Ann'], '`@X` **@X**'],
    ['@@Ann@', ['Ann'], '@@X@'],
    ['no one', ['Ann'], 'no one'],
  ]
  for (const [content, labels, left] of cases) t.equal(replaceMentions(content, labels, 'X'), left, content)
})
