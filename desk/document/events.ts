import type { DocEvent } from '../app.ts'
import type { Document } from './document.ts'

/** Runs an event: the controller's method, then the apps' doc_events for this DocType, then those for `*`. */
export async function runEvent(doc: Document, event: DocEvent): Promise<void> {
  const { ctx } = doc
  await doc[event]?.(ctx)
  for (const handler of ctx.site.registry.docEvents(doc.doctype, event)) await handler(doc, ctx, event)
}
