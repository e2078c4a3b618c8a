import { Type } from 'typebox'

/** A DocType, in the arguments of frappe.client and its neighbours. */
export const DocTypeName = Type.String({ minLength: 1, maxLength: 140 })

/** A document's name: those that count by themselves (autoincrement) may come as numbers. */
export const Name = Type.Union([Type.String({ minLength: 1 }), Type.Integer()])

/** Any JSON value; in a form or a query it is the text itself. */
export const AnyValue = Type.Union([
  Type.String(),
  Type.Number(),
  Type.Boolean(),
  Type.Array(Type.Unknown()),
  Type.Object({}, { additionalProperties: true }),
])
