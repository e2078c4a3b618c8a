import type { Context } from '@f-chat/desk'

export type Row = Readonly<Record<string, string | number | null>>

/** SQLite takes at most 32,766 values in a statement, MariaDB 65,535. */
const MOST_VALUES = 30_000
/** Far below MariaDB's default max_allowed_packet of 16 MB. */
const MOST_CHARACTERS = 2_000_000

/** Inserts rows of the same columns in few plain statements: building one row by row would cost more than the insert. */
export async function insertRows(ctx: Context, doctype: string, rows: readonly Row[]): Promise<void> {
  const [first] = rows
  if (!first) return
  const columns = Object.keys(first)
  const most = Math.floor(MOST_VALUES / columns.length)
  const marks = `(${columns.map(() => '?').join()})`
  const into = `insert into \`tab${doctype}\` (${columns.map((column) => `\`${column}\``).join()}) values `
  let values: (string | number | null)[] = []
  let characters = 0
  const flush = async (): Promise<void> => {
    if (values.length === 0) return
    const count = values.length / columns.length
    await ctx.db.raw(into + new Array<string>(count).fill(marks).join(), values)
    values = []
    characters = 0
  }
  for (const row of rows) {
    const size = columns.reduce((sum, column) => {
      const value = row[column]
      return sum + (typeof value === 'string' ? value.length : 0)
    }, 0)
    if (values.length >= most * columns.length || characters + size > MOST_CHARACTERS) await flush()
    for (const column of columns) values.push(row[column] ?? null)
    characters += size
  }
  await flush()
}

/** The columns that every document has. */
export function standardColumns(name: string, owner: string, creation: string, modified = creation): Row {
  return { name, owner, modified_by: owner, creation, modified }
}

/** The columns that place a child row. */
export function childColumns(parent: string, parenttype: string, parentfield: string, idx: number): Row {
  return { parent, parenttype, parentfield, idx }
}
