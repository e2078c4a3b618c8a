import { Type } from 'typebox'
import { defineMethod } from '../../desk/method.ts'
import { field, forManagers, type TestApp } from './fixtures-app.ts'

const nothing = Type.Object({})

/** An app with a method and a DocType for each thing that can go right or wrong over the wire. */
export const wireApp: TestApp = {
  doctypes: {
    Ticket: {
      autoname: 'T-.####',
      permissions: forManagers,
      sort_field: 'creation',
      sort_order: 'ASC',
      fields: [
        field('subject', 'Data', { reqd: 1, label: 'Subject' }),
        field('note', 'Small Text'),
        field('rank', 'Int'),
        field('steps', 'Table', { options: 'Step' }),
      ],
    },
    Step: { istable: 1, fields: [field('title')] },
    Label: { autoname: 'Prompt', permissions: forManagers, fields: [field('color')] },
    Wishes: { issingle: 1, permissions: forManagers, fields: [field('color', 'Data', { default: 'blue' })] },
    Notice: {
      autoname: 'Prompt',
      permissions: [...forManagers, { role: 'Guest', read: 1 }],
      fields: [field('body')],
    },
    Letter: {
      permissions: [...forManagers, { role: 'Guest', create: 1 }],
      fields: [field('body', 'Small Text')],
    },
    Drawer: {
      autoname: 'Prompt',
      fields: [field('open', 'Check')],
      permissions: [{ role: 'All', read: 1, write: 1, create: 1, delete: 1 }],
    },
  },
  has_permission: { Drawer: (doc) => doc.get('open') === 1 },
  permission_query_conditions: { Drawer: (query) => void query.where('tabDrawer.open', 1) },
  methods: [
    defineMethod({ name: 'lab.nothing', allowGuest: true, input: nothing, handler: () => null }),
    defineMethod({ name: 'lab.private', input: nothing, handler: (_args, ctx) => ctx.user }),
    defineMethod({
      name: 'lab.echo',
      aliases: ['lab.long.path.echo'],
      allowGuest: true,
      input: Type.Object({
        text: Type.Optional(Type.String()),
        count: Type.Optional(Type.Integer()),
        price: Type.Optional(Type.Number()),
        flag: Type.Optional(Type.Boolean()),
        list: Type.Optional(Type.Array(Type.String())),
        box: Type.Optional(Type.Object({ a: Type.Integer() })),
        kind: Type.Optional(Type.Union([Type.Literal('one'), Type.Literal('two')])),
      }),
      handler: (args) => args,
    }),
    defineMethod({
      name: 'lab.needs',
      allowGuest: true,
      input: Type.Object({ room: Type.String(), times: Type.Integer({ default: 3 }) }),
      handler: (args) => args,
    }),
    defineMethod({
      name: 'lab.empty',
      allowGuest: true,
      input: Type.Object({ which: Type.String() }),
      handler: ({ which }) => ({ text: '', zero: 0, list: [] as string[] })[which],
    }),
    defineMethod({
      name: 'lab.write',
      writes: true,
      input: Type.Object({ name: Type.String(), then: Type.String({ default: 'nothing' }) }),
      async handler({ name, then }, ctx) {
        await ctx.insert('Label', { name }, { ignorePermissions: true })
        ctx.publish('label', name, { user: ctx.user })
        if (then === 'fail') throw new Error('the secret reason is 4711')
      },
    }),
    defineMethod({
      name: 'lab.crash',
      allowGuest: true,
      input: nothing,
      handler: () => {
        throw new TypeError('the secret reason is 4711')
      },
    }),
  ],
}
