import t from 'tap'
import { choicesOf, gridFields, kindOf, layoutOf, listFields } from '../../../../desk/web/client/fields.ts'
import { isShown } from '../../../../desk/web/client/depends-on.ts'
import { labelOf, titleOf } from '../../../../desk/web/client/meta.ts'
import { doctype, field, item, order } from './fixtures.ts'

const names = (fields: readonly { fieldname: string }[]) => fields.map(({ fieldname }) => fieldname)

t.test('breaks make sections and columns; hidden fields and empty places are left out', async (t) => {
  const sections = layoutOf(order)
  t.same(
    sections.map(({ label, columns }) => [label, columns.map(names)]),
    [
      [undefined, [['customer', 'status'], ['order_date']]],
      ['Goods', [['items', 'secret', 'total']]],
    ],
  )
  const tabs = layoutOf(
    doctype('T', [
      field('a', 'Data'),
      field('t', 'Tab Break', { label: 'More' }),
      field('s', 'Section Break', { label: 'Deep' }),
      field('b', 'Data'),
      field('s2', 'Section Break', { label: 'Empty' }),
      field('h', 'HTML'),
    ]),
  )
  t.same(
    tabs.map(({ tab, label }) => [tab, label]),
    [
      [undefined, undefined],
      ['More', 'Deep'],
    ],
  )
})

t.test('a list shows title, what is meant for lists, and the name', async (t) => {
  t.same(names(listFields(order)), ['customer', 'status', 'order_date', 'name'])
  const many = Array.from({ length: 9 }, (_, index) => field(`f${index}`, 'Data', { in_list_view: 1 }))
  t.equal(listFields(doctype('Wide', many)).length, 6)
  t.same(names(listFields(doctype('Plain', []))), ['name'])
  const named = doctype('Customer', [field('n', 'Data')], { title_field: 'n', autoname: 'field:n' })
  t.same(names(listFields(named)), ['n'], 'the name would say the title again')
})

t.test('a grid shows what is meant for lists, else the first fields', async (t) => {
  t.same(names(gridFields(item)), ['item', 'qty'])
  const plain = Array.from({ length: 7 }, (_, index) => field(`f${index}`, 'Data'))
  t.equal(gridFields(doctype('Row', plain)).length, 5)
})

t.test('a Select may stay empty unless it is needed', async (t) => {
  t.same(choicesOf(field('s', 'Select', { options: 'A\nB\nA' })), ['', 'A', 'B'])
  t.same(choicesOf(field('s', 'Select', { options: 'A\nB', reqd: 1 })), ['A', 'B'])
  t.same(choicesOf(field('s', 'Select', { options: '\nA', reqd: 1 })), ['', 'A'])
})

t.test('an unknown fieldtype is text; labels and titles fall back', async (t) => {
  t.equal(kindOf({ fieldtype: 'Hologram' }), 'text')
  t.equal(labelOf(field('order_date', 'Date')), 'Order date')
  t.equal(titleOf(order, { name: 'SO-1', customer: 'Blue' }), 'Blue')
  t.equal(titleOf(order, { name: 'SO-1', customer: null }), 'SO-1')
})

t.test(
  'depends_on shows a field by a name or by simple comparisons; what it cannot read is shown',
  async (t) => {
    const doc = { kind: 'Team Chat', count: 3, off: 0 }
    const cases: [string | undefined, boolean][] = [
      [undefined, true],
      ['kind', true],
      ['off', false],
      ['eval:doc.kind=="Team Chat"', true],
      ["eval:doc.kind !== 'Team Chat'", false],
      ['eval:doc.count > 2 && !doc.off', true],
      ['eval:doc.count > 5 || doc.off', false],
      ['eval:in_list(["Group", "Team Chat"], doc.kind)', true],
      ['eval:!["Group"].includes(doc.kind)', true],
      ['eval:frappe.user.has_role("X")', true],
    ]
    for (const [condition, shown] of cases)
      t.equal(isShown(condition, doc), shown, condition ?? 'no condition')
  },
)
