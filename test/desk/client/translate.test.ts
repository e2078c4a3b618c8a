import t from 'tap'
import { __ } from '../../../desk/client/translate.ts'

t.test('placeholders are replaced, those without a value stay', async (t) => {
  t.equal(__('Hello'), 'Hello')
  t.equal(__('{1} of {0}', ['ten', 3]), '3 of ten')
  t.equal(__('{0} and {2}', ['$&']), '$& and {2}')
})
