import { Type } from 'typebox'
import { defineDocMethod } from '../../desk/document/doc-method.ts'
import { Document } from '../../desk/document/document.ts'
import { defineMethod } from '../../desk/method.ts'
import { field, forManagers, type TestApp } from './fixtures-app.ts'

/** A controller with methods that may be called from outside, and one that may not. */
export class Ticket extends Document {
  declare subject: string
  declare rank: number | null

  static whitelisted = {
    shout: defineDocMethod({
      input: Type.Object({ marks: Type.Integer({ default: 1 }) }),
      handler: (ticket: Ticket, { marks }) => ticket.subject.toUpperCase() + '!'.repeat(marks),
    }),
    promote: defineDocMethod({
      writes: true,
      input: Type.Object({ by: Type.Integer({ minimum: 1, default: 1 }) }),
      async handler(ticket: Ticket, { by }) {
        ticket.rank = (ticket.rank ?? 0) + by
        await ticket.save()
        return ticket.rank
      },
    }),
    quiet: defineDocMethod({ input: Type.Object({}), handler: () => null }),
  }

  secretly(): string {
    return 'not from outside'
  }
}

const everybody = { role: 'All', read: 1, write: 1, create: 1, delete: 1 }

/** DocTypes for everything that a client of Frappe asks of a desk. */
export const clientApp: TestApp = {
  doctypes: {
    Ticket: {
      autoname: 'T-.####',
      permissions: [...forManagers, { role: 'Clerk', read: 1 }, { role: 'Manager', read: 1, permlevel: 1 }],
      sort_field: 'creation',
      sort_order: 'ASC',
      title_field: 'subject',
      search_fields: 'note',
      fields: [
        field('subject', 'Data', { reqd: 1, label: 'Subject' }),
        field('note', 'Small Text'),
        field('rank', 'Int'),
        field('cost', 'Int', { permlevel: 1 }),
        field('secret', 'Password'),
        field('label', 'Link', { options: 'Label' }),
        field('origin', 'Link', { options: 'Label', ignore_user_permissions: 1 }),
        field('picture', 'Attach'),
        field('steps', 'Table', { options: 'Step' }),
      ],
    },
    Step: { istable: 1, fields: [field('title', 'Data', { reqd: 1 }), field('hours', 'Float')] },
    Label: {
      autoname: 'Prompt',
      allow_rename: 1,
      permissions: [...forManagers, { role: 'Chooser', select: 1 }],
      title_field: 'color',
      fields: [field('color')],
    },
    Preferences: {
      issingle: 1,
      permissions: forManagers,
      fields: [field('theme', 'Data', { default: 'light' }), field('limit', 'Int'), field('key', 'Password')],
    },
    Note: { permissions: [{ ...everybody, if_owner: 1 }], fields: [field('body')] },
    Drawer: {
      autoname: 'Prompt',
      allow_rename: 1,
      permissions: [everybody],
      fields: [field('open', 'Check')],
    },
    Notice: {
      autoname: 'Prompt',
      permissions: [...forManagers, { role: 'Guest', read: 1 }],
      fields: [field('body'), field('secret', 'Password')],
    },
  },
  controllers: { Ticket },
  has_permission: { Drawer: (doc) => doc.get('open') === 1 },
  permission_query_conditions: { Drawer: (query) => void query.where('tabDrawer.open', 1) },
  methods: [
    defineMethod({ name: 'lab.nothing', allowGuest: true, input: Type.Object({}), handler: () => null }),
    defineMethod({
      name: 'lab.echo',
      input: Type.Object({
        text: Type.Optional(Type.String()),
        list: Type.Optional(Type.Array(Type.String())),
        box: Type.Optional(Type.Object({ a: Type.Integer() })),
      }),
      handler: (args) => args,
    }),
    defineMethod({
      name: 'lab.write',
      writes: true,
      input: Type.Object({ text: Type.String() }),
      handler: ({ text }) => text,
    }),
  ],
}
