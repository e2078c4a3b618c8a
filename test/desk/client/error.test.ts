import t from 'tap'
import { answerError, unreachable } from '../../../desk/client/error.ts'
import { encodeQuery } from '../../../desk/client/http.ts'

t.test("an error of ours: its code and message come from the result's error", async (t) => {
  const error = answerError(409, {
    exc_type: 'DuplicateEntryError',
    message: { success: false, error: { code: 'CONFLICT', message: 'A call is running.' } },
  })
  t.match(error, {
    status: 409,
    excType: 'DuplicateEntryError',
    code: 'CONFLICT',
    message: 'A call is running.',
    retryable: false,
  })
})

t.test("an error of Frappe's: _server_messages is decoded twice", async (t) => {
  const error = answerError(417, {
    exc_type: 'MandatoryError',
    _server_messages: JSON.stringify([
      JSON.stringify({ message: 'Title is required' }),
      JSON.stringify({ message: 'So is Date' }),
    ]),
  })
  t.equal(error.message, 'Title is required')
  t.same(error.messages, ['Title is required', 'So is Date'])
  t.equal(error.code, 'VALIDATION_ERROR')
})

t.test('what is no answer of ours still makes an error that says what happened', async (t) => {
  t.equal(answerError(502, null).message, 'The server answered 502.')
  t.equal(answerError(401, { message: 'Invalid login credentials' }).message, 'Invalid login credentials')
  t.equal(answerError(417, { _server_messages: '[oops' }).code, 'VALIDATION_ERROR')
})

t.test('only what may succeed unchanged later is retryable', async (t) => {
  const retryable = [429, 502, 503, 504].map((status) => answerError(status, {}).retryable)
  t.same(retryable, [true, true, true, true])
  t.ok(unreachable().retryable)
  t.notOk([400, 401, 403, 404, 409, 417, 500].some((status) => answerError(status, {}).retryable))
})

t.test('a query carries lists and objects as JSON, and leaves out what is not set', async (t) => {
  const query = encodeQuery({
    fields: ['name'],
    filters: { a: ['>', 1] },
    limit_start: 0,
    order_by: undefined,
    or_filters: null,
  })
  t.same(
    [...new URLSearchParams(query)],
    [
      ['fields', '["name"]'],
      ['filters', '{"a":[">",1]}'],
      ['limit_start', '0'],
    ],
  )
  t.equal(encodeQuery({}), '')
})
