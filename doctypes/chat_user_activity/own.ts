import { ADMINISTRATOR, type Context, type Document } from '@f-chat/desk'
import type { Query } from '../query.ts'

async function seesEverybody(ctx: Context): Promise<boolean> {
  return ctx.user === ADMINISTRATOR || (await ctx.roles()).has('System Manager')
}

/** A user's activity is their own; System Managers see everybody's. */
export async function mayAccessActivity(doc: Document, _ptype: string, ctx: Context): Promise<boolean> {
  return doc.text('user') === ctx.user || (await seesEverybody(ctx))
}

export async function narrowActivity(query: Query, ctx: Context): Promise<void> {
  if (!(await seesEverybody(ctx))) void query.where('tabChat User Activity.user', ctx.user)
}
