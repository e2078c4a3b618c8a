import t from 'tap'
import { defaultSort, listQuery, nextSort, pageLength } from '../../../../desk/web/client/list-query.ts'
import { doctype, field, order } from './fixtures.ts'

const sort = { field: 'modified', descending: true }

t.test('a page asks for its columns and one row more than it shows', async (t) => {
  t.same(listQuery(order, { text: '', sort, start: 20 }), {
    fields: ['name', 'customer', 'status', 'order_date', 'modified'],
    or_filters: [],
    order_by: 'modified desc, name desc',
    limit_start: 20,
    limit_page_length: pageLength + 1,
  })
})

t.test('the name alone orders by itself', async (t) => {
  const query = listQuery(order, { text: '', sort: { field: 'name', descending: false }, start: 0 })
  t.equal(query.order_by, 'name asc')
})

t.test(
  'text is looked for in name, title and search fields, never in a column that does not exist',
  async (t) => {
    const meta = doctype('Customer', [field('title', 'Data'), field('city', 'Data'), field('size', 'Int')], {
      title_field: 'title',
      search_fields: 'city, size, gone',
    })
    t.same(listQuery(meta, { text: ' blue ', sort, start: 0 }).or_filters, [
      ['name', 'like', '%blue%'],
      ['title', 'like', '%blue%'],
      ['city', 'like', '%blue%'],
    ])
  },
)

t.test("the first order is the DocType's; a header turns its own column round", async (t) => {
  t.same(defaultSort(order), sort)
  t.same(defaultSort(doctype('A', [], { sort_field: 'name', sort_order: 'ASC' })), {
    field: 'name',
    descending: false,
  })
  t.same(nextSort(sort, 'modified', true), { field: 'modified', descending: false })
  t.same(nextSort(sort, 'status', false), { field: 'status', descending: false })
  t.same(nextSort(sort, 'order_date', true), { field: 'order_date', descending: true })
})
