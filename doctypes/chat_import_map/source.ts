import { openForeignDatabase, type ForeignDatabase, type ForeignLogin } from '@f-chat/desk'
import { textOf, timeOf, type SourceRow } from './values.ts'
import { digest } from './digest.ts'

const NAMES_PER_STATEMENT = 500

/** By name in lower case. */
type Tables = ReadonlyMap<string, { table: string; columns: ReadonlySet<string> }>

/** A Frappe site's database, as of the moment of opening; nothing is ever written to it. */
export class FrappeSource {
  /** The same for every copy of the site's database, whatever it is called. */
  readonly id: string
  readonly #db: ForeignDatabase
  /** By table in lower case: MariaDB on some systems keeps names so. */
  readonly #tables: Tables

  private constructor(db: ForeignDatabase, tables: Tables, id: string) {
    this.#db = db
    this.#tables = tables
    this.id = id
  }

  /** @throws where it cannot be reached, is not Frappe's, or has no chat: one line that says what to check */
  static async open(login: ForeignLogin): Promise<FrappeSource> {
    const db = await openForeignDatabase(login)
    try {
      const tables = await readTables(db)
      const here = `The database ${login.database}`
      if (!tables.has('tabuser'))
        throw new Error(`${here} is not a Frappe site's: it has no table tabUser. Check --db-name.`)
      if (!tables.has('tabchat room') || !tables.has('tabchat message'))
        throw new Error(
          `${here} has no chat: the tables tabChat Room and tabChat Message are missing. Did F Chat run on that site?`,
        )
      return new FrappeSource(db, tables, await identify(db, login.database))
    } catch (error) {
      await db.close()
      throw error
    }
  }

  close(): Promise<void> {
    return this.#db.close()
  }

  has(doctype: string): boolean {
    return this.#tables.has(`tab${doctype}`.toLowerCase())
  }

  async count(doctype: string): Promise<number> {
    const table = this.#table(doctype)
    if (!table) return 0
    const [row] = await this.#db.rows<{ n: number }>(`select count(*) as n from ${table.sql}`)
    return row?.n ?? 0
  }

  /** Pages of all rows, by name. */
  async *pages(doctype: string, columns: readonly string[], size: number): AsyncGenerator<SourceRow[]> {
    const table = this.#table(doctype)
    if (!table) return
    const list = table.list(['name', ...columns])
    for (let after = ''; ;) {
      const rows = await this.#db.rows<SourceRow>(
        `select ${list} from ${table.sql} where \`name\` > ? order by \`name\` limit ${String(size)}`,
        [after],
      )
      if (rows.length > 0) yield rows
      if (rows.length < size) return
      after = textOf(rows.at(-1)?.name)
    }
  }

  /** Rows whose `key` is one of these. */
  async rowsBy(
    doctype: string,
    key: string,
    values: readonly string[],
    columns: readonly string[],
  ): Promise<SourceRow[]> {
    const table = this.#table(doctype)
    if (!table?.has(key)) return []
    const list = table.list([...new Set(['name', key, ...columns])])
    const order = table.has('idx') ? 'order by `idx`, `name`' : 'order by `name`'
    const rows: SourceRow[] = []
    for (let start = 0; start < values.length; start += NAMES_PER_STATEMENT) {
      const part = values.slice(start, start + NAMES_PER_STATEMENT)
      const marks = part.map(() => '?').join()
      const found = await this.#db.rows<SourceRow>(
        `select ${list} from ${table.sql} where \`${key}\` in (${marks}) ${order}`,
        part,
      )
      for (const row of found) rows.push(row)
    }
    return rows
  }

  /** What a column holds, each value once. */
  async distinct(doctype: string, column: string): Promise<string[]> {
    const table = this.#table(doctype)
    if (!table?.has(column)) return []
    const rows = await this.#db.rows<SourceRow>(`select distinct \`${column}\` as v from ${table.sql}`)
    return rows.map(({ v }) => textOf(v)).filter((value) => value !== '')
  }

  /** Values of a Single, by field. */
  async single(doctype: string): Promise<Map<string, string>> {
    const table = this.#table('Singles')
    if (!table) return new Map()
    const rows = await this.#db.rows<SourceRow>(
      `select \`field\`, \`value\` from ${table.sql} where \`doctype\` = ?`,
      [doctype],
    )
    return new Map(rows.map(({ field, value }) => [textOf(field), textOf(value)]))
  }

  #table(
    doctype: string,
  ): { sql: string; has(column: string): boolean; list(columns: readonly string[]): string } | undefined {
    const found = this.#tables.get(`tab${doctype}`.toLowerCase())
    if (!found) return undefined
    const has = (column: string): boolean => found.columns.has(column)
    return {
      sql: `\`${found.table}\``,
      has,
      list: (columns) =>
        columns
          .filter(has)
          .map((column) => `\`${column}\``)
          .join(),
    }
  }
}

async function readTables(
  db: ForeignDatabase,
): Promise<Map<string, { table: string; columns: Set<string> }>> {
  const rows = await db.rows<{ t: string; c: string }>(
    'select table_name as t, column_name as c from information_schema.columns where table_schema = database()',
  )
  const tables = new Map<string, { table: string; columns: Set<string> }>()
  for (const { t, c } of rows) {
    const key = t.toLowerCase()
    const found = tables.get(key) ?? { table: t, columns: new Set<string>() }
    found.columns.add(c.toLowerCase())
    tables.set(key, found)
  }
  return tables
}

/** A site's Administrator was made in a microsecond of its own, and goes wherever a copy of the database goes. */
async function identify(db: ForeignDatabase, database: string): Promise<string> {
  const [row] = await db.rows<SourceRow>("select `creation` from `tabUser` where `name` = 'Administrator'")
  const made = timeOf(row?.creation)
  return digest(made ?? database).slice(0, 20)
}
