import type { DocTypeJson } from '../../../../desk/meta/doctype.ts'
import { metaFrom, type DocField, type Meta } from '../../../../desk/web/client/meta.ts'

export function field(fieldname: string, fieldtype: string, more: Partial<DocField> = {}): DocField {
  return { fieldname, fieldtype, ...more }
}

export function doctype(name: string, fields: DocField[], more: Partial<DocTypeJson> = {}): DocTypeJson {
  return { doctype: 'DocType', name, module: 'Selling', fields, ...more }
}

export function meta(main: DocTypeJson, ...children: DocTypeJson[]): Meta {
  return metaFrom({ docs: [main, ...children], permissions: { read: 1, write: 1, create: 0 } })
}

export const item = doctype('Sales Order Item', [
  field('item', 'Data', { reqd: 1, in_list_view: 1 }),
  field('qty', 'Int', { default: '1', in_list_view: 1 }),
  field('note', 'Small Text'),
])

export const order = doctype(
  'Sales Order',
  [
    field('customer', 'Link', { options: 'Customer', reqd: 1, in_list_view: 1 }),
    field('status', 'Select', { options: 'Draft\nOpen', reqd: 1, in_list_view: 1 }),
    field('middle', 'Column Break'),
    field('order_date', 'Date', { default: 'Today', in_list_view: 1 }),
    field('goods', 'Section Break', { label: 'Goods' }),
    field('items', 'Table', { options: 'Sales Order Item', in_list_view: 1 }),
    field('internal', 'Data', { hidden: 1 }),
    field('secret', 'Password', { reqd: 1 }),
    field('total', 'Currency', { read_only: 1 }),
  ],
  { title_field: 'customer' },
)
