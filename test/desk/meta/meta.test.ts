import t from 'tap'
import { columnDefault, columnType, fieldtypeNames } from '../../../desk/meta/fieldtypes.ts'
import { Meta, scrub, slug } from '../../../desk/meta/meta.ts'
import { parseDocType } from '../../../desk/meta/parse.ts'
import { describe, desiredTable, diff } from '../../../desk/schema/index.ts'
import { docType } from '../../support/doctypes.ts'

const meta = (keys: Record<string, unknown>): Meta => new Meta(parseDocType(docType(keys), 'test'), 'an_app')

t.test('names of folders and routes', async (t) => {
  t.equal(scrub('Chat Room'), 'chat_room')
  t.equal(scrub('Sub-Task'), 'sub_task')
  t.equal(slug('Chat Room'), 'chat-room')
})

t.test('what a Meta tells of its fields', async (t) => {
  const room = meta({
    name: 'Chat Room',
    field_order: ['members', 'room_name', 'more', 'owner_link', 'computed'],
    title_field: 'room_name',
    search_fields: 'room_name,owner',
    fields: [
      { fieldname: 'room_name', fieldtype: 'Data' },
      { fieldname: 'owner_link', fieldtype: 'Link', options: 'User' },
      { fieldname: 'more', fieldtype: 'Section Break' },
      { fieldname: 'members', fieldtype: 'Table', options: 'Chat Room Member' },
      { fieldname: 'computed', fieldtype: 'Int', is_virtual: 1 },
    ],
  })
  const names = (fields: readonly { fieldname: string }[]): string[] => fields.map((field) => field.fieldname)
  t.same(names(room.fields), ['members', 'room_name', 'more', 'owner_link', 'computed'])
  t.same(names(room.valueFields), ['room_name', 'owner_link'])
  t.same(names(room.tableFields), ['members'])
  t.same(names(room.linkFields), ['owner_link'])
  t.equal(room.field('owner_link')?.options, 'User')
  t.equal(room.field('nothing'), undefined)
  t.match(room, { table: 'tabChat Room', titleField: 'room_name', sortField: 'modified', sortOrder: 'DESC' })
  t.same(room.columns().slice(-2), ['room_name', 'owner_link'])
  t.ok(room.columns().includes('_assign'))
})

t.test('columns and indexes as Frappe makes them', async (t) => {
  const parent = desiredTable(
    meta({ fields: [{ fieldname: 'a', fieldtype: 'Data', unique: 1, search_index: 1 }] }),
  )
  t.match(parent?.columns.slice(0, 7), [
    { name: 'name', type: 'varchar(140)', nullable: false },
    { name: 'creation', type: 'datetime(6)', nullable: true },
    { name: 'modified' },
    { name: 'modified_by' },
    { name: 'owner' },
    { name: 'docstatus', type: 'tinyint', nullable: false, default: '0' },
    { name: 'idx', type: 'int', nullable: false, default: '0' },
  ])
  t.same(
    parent?.indexes.map((index) => [index.columns.join(), index.unique]),
    [
      ['creation', false],
      ['modified', false],
      ['a', true],
    ],
  )
  const child = desiredTable(meta({ istable: 1 }))
  t.same(
    child?.columns.slice(7).map(({ name }) => name),
    ['parent', 'parentfield', 'parenttype'],
  )
  t.same(
    child?.indexes.map(({ columns }) => columns),
    [['parent']],
  )
  t.equal(desiredTable(meta({ issingle: 1 })), null)
  const tree = desiredTable(meta({ is_tree: 1, track_seen: 1, sort_field: 'creation' }))
  const names = tree?.columns.map(({ name }) => name) ?? []
  t.ok(['lft', 'rgt', '_seen'].every((name) => names.includes(name)))
  t.same(
    tree?.indexes.map(({ columns }) => columns),
    [['creation']],
  )
  t.equal(desiredTable(meta({ autoname: 'autoincrement' }))?.columns[0]?.type, 'bigint')
})

t.test("the fieldtypes' columns", async (t) => {
  const type = (fieldtype: string, more: object = {}): string | null =>
    columnType({ fieldname: 'a', fieldtype, ...more })
  t.equal(type('Data', { length: 300 }), 'varchar(300)')
  t.equal(type('Int'), 'int')
  t.equal(type('Int', { length: 12 }), 'bigint')
  t.equal(type('Rating'), 'decimal(3,2)')
  t.equal(type('Table', { options: 'X' }), null)
  t.equal(fieldtypeNames.length, new Set(fieldtypeNames).size)
  const fallback = (fieldtype: string, value?: string): string | null =>
    columnDefault({ fieldname: 'a', fieldtype, ...(value !== undefined && { default: value }) })
  t.equal(fallback('Int'), '0')
  t.equal(fallback('Float', '1.50'), '1.5')
  t.equal(fallback('Data', ':Company'), null)
  t.equal(fallback('Date', 'Today'), null)
  t.equal(fallback('Small Text', 'x'), 'x')
  t.equal(fallback('JSON', '{}'), '{}')
  t.equal(fallback('JSON', 'x'), null, 'MariaDB takes only JSON')
  const implied = (fieldtype: string): string | null =>
    columnDefault({ fieldname: 'a', fieldtype, not_nullable: 1 })
  t.equal(implied('Data'), '')
  t.equal(implied('Long Text'), '')
  t.equal(implied('Duration'), '0')
  t.equal(implied('Date'), null)
  t.equal(fallback('Datetime', '2026-01-01 10:00:00.5'), '2026-01-01 10:00:00.500000')
})

t.test('a change in one line', async (t) => {
  const before = desiredTable(meta({ fields: [{ fieldname: 'a', fieldtype: 'Data', search_index: 1 }] }))
  const after = desiredTable(
    meta({
      fields: [
        { fieldname: 'a', fieldtype: 'Small Text' },
        { fieldname: 'b', fieldtype: 'Check', default: '1' },
        { fieldname: 'c', fieldtype: 'Code', default: 'a {\n  b\n}' },
      ],
      indexes: [{ fields: ['owner', 'b'], unique: 1 }],
    }),
  )
  if (!before || !after) throw new Error('no table')
  t.same(diff(before, after).map(describe), [
    'tabThing: drop index (a)',
    'tabThing: change a varchar(140) to a text',
    "tabThing: add b tinyint not null default '1'",
    "tabThing: add c longtext default 'a { b }'",
    'tabThing: add unique index (owner, b)',
  ])
  t.same(diff(null, before).map(describe), ['create tabThing (12 columns)'])
})
