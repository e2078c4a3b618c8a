import fc from 'fast-check'
import t from 'tap'
import { Meta } from '../../../desk/meta/meta.ts'
import { DocTypeError, parseDocType } from '../../../desk/meta/parse.ts'
import { docType } from '../../support/doctypes.ts'

const problems = (json: unknown): readonly string[] => {
  try {
    parseDocType(json, 'thing.json')
    return []
  } catch (error) {
    if (error instanceof DocTypeError) return error.problems
    throw error
  }
}

const fieldProblem = (field: object, keys: object = {}): readonly string[] =>
  problems(docType({ fields: [{ fieldname: 'a', fieldtype: 'Data', ...field }], ...keys }))

t.test('a good DocType passes, with keys that desk does not know', async (t) => {
  const json = docType({
    autoname: 'format:T-{YYYY}-{a}-{####}',
    title_field: 'a',
    search_fields: 'a, modified',
    sort_field: 'b',
    sort_order: 'ASC',
    field_order: ['b', 'a'],
    something_new: { x: 1 },
    fields: [
      { fieldname: 'a', fieldtype: 'Data', length: 300, default: 'x' },
      { fieldtype: 'Section Break', label: 'More' },
      { fieldname: 'b', fieldtype: 'Date', default: 'Today' },
      { fieldname: 'kind', fieldtype: 'Link', options: 'DocType', default: ':Company' },
      { fieldname: 'what', fieldtype: 'Dynamic Link', options: 'kind' },
    ],
    permissions: [{ role: 'All', read: 1 }],
    indexes: [{ fields: ['owner', 'a'], unique: 1 }],
  })
  const parsed = parseDocType(json, 'thing.json')
  t.equal(parsed.fields[1]?.fieldname, 'section_break_2', 'a break gets a name')
})

t.test('all problems come at once, each with file, field and reason', async (t) => {
  const json = docType({
    fields: [
      { fieldname: 'a', fieldtype: 'Dta' },
      { fieldname: 'b', fieldtype: 'Data' },
      { fieldname: 'B', fieldtype: 'Int' },
      { fieldname: 'to', fieldtype: 'Link' },
    ],
  })
  t.throws(() => parseDocType(json, 'apps/x/thing.json'), {
    name: 'DocTypeError',
    message: new RegExp(
      [
        '^apps/x/thing.json: field "a": unknown fieldtype "Dta"; known are Data, .*',
        'apps/x/thing.json: field "to": Link needs options: a DocType',
        'apps/x/thing.json: field "b": used 2 times$',
      ].join('\n'),
    ),
  })
})

t.test('what is not a DocType at all', async (t) => {
  for (const json of [null, 3, 'x', []]) t.match(problems(json), [/a DocType is a JSON object/])
  t.match(problems(docType({ fields: 'a' })), [/fields must be a list/])
  t.match(problems(docType({ fields: [1] })), [/fields\[0\] must be an object/])
  t.match(problems(docType({ fields: [{}] })), [/fieldname is missing/, /unknown fieldtype ""/])
  t.match(problems(docType({ fields: null })), [/fields must be a list/])
  t.match(fieldProblem({ reqd: 'yes', length: '20 or so' }), [
    /"a": reqd must be a flag, 0 or 1/,
    /"a": length must be/,
  ])
  t.match(problems(docType({ doctype: 'Role', name: '1st', module: '' })), [
    /doctype/,
    /name "1st"/,
    /module/,
  ])
  t.match(problems(docType({ name: 'x'.repeat(62) })), [/at most 61 characters/])
  t.match(problems(docType({ sort_order: 'up' })), [/ASC or DESC/])
})

t.test('every spelling that is in Frappe’s own files', async (t) => {
  const json = docType({
    name: 'Wood',
    is_tree: '1',
    track_changes: true,
    sort_field: 'b desc, modified',
    sort_order: '',
    field_order: ['gone_long_ago', 'a'],
    search_fields: 'a,b',
    links: [],
    states: [{ title: 'New' }],
    actions: null,
    idx: 413,
    fields: [
      { idx: 1, name: '8ab', owner: 'Administrator', docstatus: 0, fieldname: 'a', fieldtype: 'Data' },
      { fieldname: 'b', fieldtype: 'Check', default: false, reqd: '0', length: '255', permlevel: '1' },
      { fieldname: 'c', fieldtype: 'Link', options: 'User\n', length: '0', precision: null },
      { fieldname: 'd', fieldtype: 'Small Text', search_index: 1, description: 7 },
      { fieldname: 'e', fieldtype: 'Select' },
      { label: 'Is this it?', fieldtype: 'Data' },
      { fieldname: 'owner', fieldtype: 'Link', options: 'User' },
      { fieldtype: 'Column Break' },
    ],
    permissions: [{ idx: 2, role: 'All', read: true, write: '0', permlevel: '0', amend: null }],
  })
  const { fields, sort_order, track_changes, permissions } = parseDocType(json, 'wood.json')
  t.match(fields.slice(0, 8), [
    { fieldname: 'a' },
    { fieldname: 'b', reqd: 0, length: 255, permlevel: 1, default: '0' },
    { fieldname: 'c', options: 'User', length: 0 },
    { fieldname: 'd', description: '7' },
    { fieldname: 'e' },
    { fieldname: 'is_this_it' },
    { fieldname: 'owner' },
    { fieldname: 'column_break_8' },
  ])
  t.same(
    fields.slice(8).map(({ fieldname, options }) => [fieldname, options]),
    [
      ['lft', undefined],
      ['rgt', undefined],
      ['is_group', undefined],
      ['old_parent', 'Wood'],
      ['parent_wood', 'Wood'],
    ],
    'a tree has its fields',
  )
  t.match({ sort_order, track_changes }, { sort_order: 'DESC', track_changes: 1 })
  t.match(permissions, [{ role: 'All', read: 1, write: 0, permlevel: 0 }])
  const meta = new Meta(parseDocType(json, 'wood.json'), 'test')
  t.equal(meta.columns().filter((name) => name === 'owner').length, 1, 'the column is the framework’s')
  t.equal(meta.columns().filter((name) => name === 'lft').length, 1)
})

t.test('fieldnames', async (t) => {
  for (const fieldname of ['name', 'parent', 'docstatus', 'doctype', '__proto__', 'constructor']) {
    t.match(fieldProblem({ fieldname }), [/reserved/], fieldname)
  }
  t.match(fieldProblem({ fieldname: 'a-b' }), [/letters, digits and _/])
  t.match(fieldProblem({ fieldname: 'é' }), [/letters, digits and _/])
  t.match(fieldProblem({ fieldname: 'x'.repeat(64) }), [/at most 63/])
  t.match(fieldProblem({ fieldname: '' }), [/missing/])
  t.same(fieldProblem({ fieldname: 'x'.repeat(63) }), [])
})

t.test('what a field asks of its column', async (t) => {
  t.match(fieldProblem({ fieldtype: 'Text', unique: 1 }), [/it cannot be unique/])
  t.same(fieldProblem({ fieldtype: 'Code', search_index: 1 }), [])
  t.match(fieldProblem({ fieldtype: 'Table', options: 'X', unique: 1 }), [/has no column/])
  t.match(fieldProblem({ fieldtype: 'Table' }), [/needs options/])
  t.match(fieldProblem({ fieldtype: 'Dynamic Link', options: 'nope' }), [/options: no field "nope"/])
  t.match(fieldProblem({ length: 1001 }), [/1 to 1000/])
  t.match(fieldProblem({ length: 1000, unique: 1 }), [/768 characters/])
  t.same(fieldProblem({ unique: 1 }, { issingle: 1 }), [])
  for (const keys of [{ issingle: 1 }, { is_virtual: 1 }]) {
    t.same(fieldProblem({ fieldtype: 'Small Text', unique: 1 }, keys), [], 'without a table, all is well')
    t.same(fieldProblem({ length: 1000, unique: 1, search_index: 1 }, keys), [])
  }
})

t.test('defaults that Frappe reads, too', (t) => {
  const said = [
    ['Int', '1.0', '1'],
    ['Int', ' 5', '5'],
    ['Check', '1.', '1'],
    ['Time', '9:00', '09:00:00'],
    ['Time', '10:30:15', '10:30:15'],
    ['Data', '9:00', '9:00'],
    ['Data', ' x', ' x'],
    ['Float', '1,000.5', '1000.5'],
    ['Float', ' 2 ', '2'],
    ['Datetime', '2026-01-31', '2026-01-31 00:00:00'],
    ['Datetime', '2026-01-31 09:30', '2026-01-31 09:30:00'],
    ['Datetime', '2026-01-31 09:30:15', '2026-01-31 09:30:15'],
    ['Datetime', 'Today', 'Today'],
  ] as const
  for (const [fieldtype, fallback, read] of said) {
    const json = docType({ fields: [{ fieldname: 'a', fieldtype, default: fallback }] })
    t.equal(parseDocType(json, 'test').fields[0]?.default, read, `${fieldtype} ${fallback}`)
  }
  t.end()
})

t.test('defaults', async (t) => {
  t.match(fieldProblem({ fieldtype: 'Check', default: '2' }), [/0 or 1/])
  t.match(fieldProblem({ fieldtype: 'Int', default: '1.5' }), [/whole number/])
  t.match(fieldProblem({ fieldtype: 'Float', default: 'x' }), [/a number/])
  t.match(fieldProblem({ fieldtype: 'Date', default: 'tomorrow' }), [/YYYY-MM-DD/])
  t.match(fieldProblem({ default: 'x'.repeat(141) }), [/longer than the field's 140/])
  t.same(fieldProblem({ fieldtype: 'Datetime', default: 'now' }), [])
  t.same(fieldProblem({ fieldtype: 'Int', default: 3 }), [], 'a number will do')
})

t.test('autoname', async (t) => {
  const named = (autoname: string): readonly string[] => fieldProblem({}, { autoname })
  const good = [
    'hash',
    'Prompt',
    'field:a',
    'format:X-{#####}',
    'CR-.YYYY.-.####',
    'autoincrement',
    'UUID',
    '',
    'X-.YYYY.-',
    'EMP/',
    'PROMPT',
    'field: a',
    'format:{timestamp}-{JJJ}',
  ]
  for (const autoname of good) t.same(named(autoname), [], autoname)
  t.match(named('field:b'), [/no field "b"/])
  t.match(named('format:X-{b}-{##}'), [/no field "b"/])
  t.match(named('format:X-{##'), [/brace/])
  t.match(named('format:X'), [/needs a \{token\}/])
  t.match(named('felid:a'), [/use field:f/])
  t.match(named('X<.####'), [/use field:f/])
  t.match(named('naming_series:'), [/no field "naming_series"/])
})

t.test('indexes and permissions', async (t) => {
  const indexed = (fields: unknown, type = 'Data'): readonly string[] =>
    fieldProblem({ fieldtype: type }, { indexes: [{ fields }] })
  t.match(indexed(['b']), [/indexes\[0\]: no field "b"/])
  t.match(indexed([]), [/at least one/])
  t.match(indexed(['a'], 'Text'), [/cannot be indexed/])
  t.match(indexed(['owner', 'creation', 'a', 'a', 'name', 'parent', 'modified_by']), [/768 characters/])
  t.match(fieldProblem({}, { permissions: [{ read: 1 }] }), [/permissions\[0\]: role/])
})

t.test('whatever it is given, it answers or throws a DocTypeError', async (t) => {
  const keys = fc.constantFrom(
    'name',
    'module',
    'autoname',
    'permissions',
    'indexes',
    'field_order',
    'title_field',
  )
  const json = fc.tuple(fc.dictionary(keys, fc.jsonValue()), fc.jsonValue()).map(([head, fields]) => ({
    ...docType(),
    ...head,
    fields,
  }))
  const field = fc.dictionary(
    fc.constantFrom('fieldname', 'options', 'default', 'length', 'unique'),
    fc.jsonValue(),
  )
  const fields = fc.array(fc.tuple(field, fc.constantFrom('Data', 'Link', 'Table', 'Int', 'Text', 'Select')))
  fc.assert(fc.property(json, (value) => problems(value).length >= 0))
  fc.assert(
    fc.property(fields, (list) => {
      const all = list.map(([given, fieldtype]) => ({ ...given, fieldtype }))
      return problems(docType({ fields: all })).length >= 0
    }),
  )
  t.pass()
})
