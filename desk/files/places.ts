import type { Context } from '../context.ts'
import { rowsOfUrl } from './access.ts'
import { placeOf, urlOf, withSuffix } from './names.ts'
import type { Place } from './store.ts'

/** Files whose URL this process has just given content to: nobody else can say that of a URL. */
const trusted = new WeakSet()

/** The document's URL, type and size are the framework's own word. */
export function trust(doc: object): void {
  trusted.add(doc)
}

export const isTrusted = (doc: object): boolean => trusted.has(doc)

const MOST_TRIES = 20

/**
 * Takes the wanted place, or one of a similar name, and gives it back where the transaction does not commit.
 * @param take answers false where the place is taken already
 */
export async function choosePlace(
  ctx: Context,
  wanted: Place,
  take: (place: Place) => Promise<boolean>,
): Promise<Place> {
  let place = wanted
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    // A row whose content is missing keeps its URL.
    if ((await rowsOfUrl(ctx, urlOf(place))).length === 0 && (await take(place))) {
      const taken = place
      ctx.afterRollback(() => ctx.site.files.remove(taken))
      return taken
    }
    place = { ...wanted, name: withSuffix(wanted.name) }
  }
  throw new Error(`There is no free name like ${wanted.name}.`)
}

/**
 * A row no longer names a content, in this transaction: after the commit the content goes, unless another row names
 * it. The rows are locked, so that of two transactions that let go of the same content the later one sees it.
 */
export async function releaseContent(ctx: Context, url: string): Promise<void> {
  const place = placeOf(url)
  if (!place || (await rowsOfUrl(ctx, url, { lock: true })).length > 0) return
  ctx.afterCommit(() => ctx.site.files.remove(place))
}
