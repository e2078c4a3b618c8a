import type { Context } from '../context.ts'
import { toPlain } from '../document/plain.ts'
import { DoesNotExistError } from '../errors.ts'
import { personalRules, type PersonalRule } from './rules.ts'

const ROWS_AT_ONCE = 200

/**
 * Everything that the site's apps say is a person's, as the lines of one JSON object
 * `{user, exported_at, profile, documents: {<DocType>: [document, …]}, apps: {<app>: {<section>: [piece, …]}}}`, read a
 * piece at a time. `apps` is what `export_user` of each gives.
 * @throws DoesNotExistError where there is no such user
 */
export async function* exportPersonalData(ctx: Context, user: string): AsyncGenerator<string> {
  if (!(await ctx.exists('User', user))) throw new DoesNotExistError(`There is no user ${user}.`)
  const profile = toPlain(await ctx.getDoc('User', user))
  const head = JSON.stringify({ user, exported_at: ctx.now(), time_zone: ctx.site.clock.zone, profile })
  yield `${head.slice(0, -1)},\n"documents": {`
  let separator = '\n'
  for (const [doctype, rules] of byDocType(personalRules(ctx.site))) {
    yield `${separator}${JSON.stringify(doctype)}: [`
    separator = ',\n'
    let between = '\n'
    for await (const name of namesOf(ctx, rules, user)) {
      yield between + JSON.stringify(toPlain(await ctx.getDoc(doctype, name)))
      between = ',\n'
    }
    yield ']'
  }
  yield '\n},\n"apps": {'
  separator = '\n'
  for (const { definition } of ctx.site.registry.apps) {
    const sections = definition.export_user?.(user, ctx)
    if (!sections) continue
    yield `${separator}${JSON.stringify(definition.name)}: {`
    separator = ',\n'
    yield* sectionsOf(sections)
    yield '}'
  }
  yield '\n}}\n'
}

async function* sectionsOf(
  sections: Readonly<Record<string, AsyncIterable<unknown>>>,
): AsyncGenerator<string> {
  let separator = '\n'
  for (const [section, pieces] of Object.entries(sections)) {
    yield `${separator}${JSON.stringify(section)}: [`
    separator = ',\n'
    let between = '\n'
    for await (const piece of pieces) {
      yield between + JSON.stringify(piece)
      between = ',\n'
    }
    yield ']'
  }
}

function byDocType(rules: readonly PersonalRule[]): Map<string, PersonalRule[]> {
  const found = new Map<string, PersonalRule[]>()
  for (const rule of rules) found.set(rule.doctype, [...(found.get(rule.doctype) ?? []), rule])
  return found
}

/** Names of the documents that any of the rules says are the person's, in order, each once. */
async function* namesOf(ctx: Context, rules: readonly PersonalRule[], user: string): AsyncGenerator<string> {
  const [first] = rules
  if (!first) return
  let last = ''
  for (;;) {
    const names = await ctx
      .db(first.meta.table)
      .where((any) => {
        for (const { column } of rules) void any.orWhere(column, user)
      })
      .where('name', '>', last)
      .orderBy('name')
      .limit(ROWS_AT_ONCE)
      .pluck<string[]>('name')
    yield* names
    if (names.length < ROWS_AT_ONCE) return
    last = names.at(-1) ?? ''
  }
}
