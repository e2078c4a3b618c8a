import type { DocEvent } from '../app.ts'
import type { Document } from './document.ts'

/** Runs an event: the controller's method, then the apps' doc_events for this DocType, then those for `*`. */
export async function runEvent(doc: Document, event: DocEvent): Promise<void> {
  const { ctx } = doc
  // A field may be called like an event: then what is found is its value.
  const method: unknown = Reflect.get(doc, event)
  if (typeof method === 'function') await Reflect.apply(method, doc, [ctx])
  for (const handler of ctx.site.registry.docEvents(doc.doctype, event)) await handler(doc, ctx, event)
}
