import t from 'tap'
import {
  changesOf,
  draftOf,
  isDirty,
  newDraft,
  problemsOf,
  rowsOf,
  settled,
  textOf,
  withRows,
  withText,
  withValue,
} from '../../../../desk/web/client/draft.ts'
import { metaFrom } from '../../../../desk/web/client/meta.ts'
import { field, item, meta, order } from './fixtures.ts'

const full = meta(order, item)
const stored = {
  name: 'SO-1',
  customer: 'Blue',
  status: 'Open',
  modified: '2026-11-23 10:00:00.000001',
  items: [{ name: 'r1', idx: 1, item: 'Seal', qty: 3 }],
}

t.test('the answer of getdoctype becomes one meta with children and rights', async (t) => {
  t.equal(full.children.get('Sales Order Item')?.name, 'Sales Order Item')
  t.same(full.rights, { read: true, write: true, create: false, delete: false })
  t.throws(() => metaFrom({ docs: [], permissions: {} }))
})

t.test('a new document starts with static defaults only', async (t) => {
  t.same(newDraft(order).values, { status: 'Draft', items: [] })
  t.same(newDraft(item).values, { qty: 1 })
})

t.test('only what differs is sent', async (t) => {
  const draft = draftOf(stored)
  t.same(changesOf(draft, stored, full), {})
  t.notOk(isDirty(draft, stored, full, '.'))
  const changed = withValue(draft, 'status', 'Draft')
  t.same(changesOf(changed, stored, full), { status: 'Draft' })
  t.ok(isDirty(changed, stored, full, '.'))
  t.notOk(isDirty(withValue(changed, 'status', 'Open'), stored, full, '.'), 'put back')
  t.same(stored.status, 'Open', 'the stored document is left alone')
})

t.test('a changed child table is sent whole, numbered anew, with the names of its old rows', async (t) => {
  const draft = withRows(draftOf(stored), 'items', (rows) => [
    withValue(newDraft(item), 'item', 'Crate'),
    ...rows,
  ])
  t.same(changesOf(draft, stored, full), {
    items: [
      { qty: 1, item: 'Crate', idx: 1 },
      { name: 'r1', idx: 2, item: 'Seal', qty: 3 },
    ],
  })
})

t.test('typed text stays as typed until the field is left', async (t) => {
  const qty = field('qty', 'Int')
  const typing = withText(newDraft(item), qty, '1 000', '.')
  t.equal(textOf(typing, qty, '.'), '1 000')
  t.equal(typing.values.qty, 1000)
  t.equal(textOf(settled(typing, qty, '.'), qty, '.'), '1000')
})

t.test('text without a meaning keeps the value, stays in sight and blocks saving', async (t) => {
  const qty = field('qty', 'Int')
  const draft = withRows(draftOf(stored), 'items', (rows) =>
    rows.map((row) => settled(withText(row, qty, 'many', '.'), qty, '.')),
  )
  const [row] = rowsOf(draft, 'items')
  t.equal(row && textOf(row, qty, '.'), 'many')
  t.same(changesOf(draft, stored, full), {})
  t.ok(isDirty(draft, stored, full, '.'), 'leaving would lose it')
  t.same(problemsOf(draft, full, '.', full.children), { items: 'Row 1 is not complete.' })
})

t.test('what is needed is asked for, a stored password is not', async (t) => {
  t.same(problemsOf(newDraft(order), full, '.', full.children), {
    customer: 'This is needed.',
    secret: 'This is needed.',
  })
  t.same(problemsOf(draftOf(stored), full, '.', full.children), {})
})

t.test('a password is sent only when one was typed', async (t) => {
  const secret = field('secret', 'Password')
  const typed = withText(draftOf(stored), secret, 'hunter2', '.')
  t.same(changesOf(typed, stored, full), { secret: 'hunter2' })
  t.equal(textOf(settled(typed, secret, '.'), secret, '.'), 'hunter2', 'it stays in its input until saved')
  t.same(changesOf(withText(typed, secret, '', '.'), stored, full), {})
})
