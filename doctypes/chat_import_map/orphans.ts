import type { ImportRun } from './run.ts'
import { textOf } from './values.ts'

/** Child tables of the chat, with what their rows belong to. */
const CHILDREN = [
  ['Chat Room Member', 'Chat Room'],
  ['Chat Message Attachment', 'Chat Message'],
  ['Chat Message Reaction', 'Chat Message'],
  ['Chat Call Participant', 'Chat Call Session'],
] as const
const ROWS_PER_PAGE = 2000

/** Lists rows whose parent is not there: nothing else would ever come across them. */
export async function listOrphans(run: ImportRun): Promise<void> {
  for (const [child, parent] of CHILDREN) {
    for await (const rows of run.source.pages(child, ['parent'], ROWS_PER_PAGE)) {
      const parents = [...new Set(rows.map((row) => textOf(row.parent)))].filter((name) => name !== '')
      const found = await run.source.rowsBy(parent, 'name', parents, [])
      const there = new Set(found.map(({ name }) => textOf(name)))
      for (const row of rows)
        if (!there.has(textOf(row.parent)))
          run.tally.list(
            child,
            textOf(row.name),
            `belongs to ${parent} "${textOf(row.parent)}", which does not exist`,
          )
    }
  }
}
