import type { Connection } from 'mariadb'

/** The first line of a MariaDB backup, before what it says of itself. */
export const SQL_HEAD = '-- bench backup '
/** The last line: a file without it was cut short. */
export const SQL_END = '-- end of bench backup'

const STATEMENT_BYTES = 400_000

interface Column {
  name: string
  binary: boolean
}

/**
 * A MariaDB database as SQL, one statement a line: every table with its rows, then the sequences, which other
 * connections may move meanwhile. The connection must be in a snapshot transaction.
 * @param told of each table that is done
 * @throws for a view: nothing of desk makes one, and a backup without it would be silently incomplete
 */
export async function* sqlOf(
  connection: Connection,
  head: object,
  told: (done: number, total: number) => void,
): AsyncGenerator<string> {
  const found = await connection.query<{ name: string; kind: string }[]>(
    `SELECT table_name AS name, table_type AS kind FROM information_schema.tables
     WHERE table_schema = DATABASE() ORDER BY table_name`,
  )
  const own = found.filter(({ name }) => !isTemporary(name))
  const strange = own.find(({ kind }) => !['BASE TABLE', 'SEQUENCE'].includes(kind))
  if (strange)
    throw new Error(
      `${strange.name} is a ${strange.kind.toLowerCase()}, which a backup cannot hold. Drop it first.`,
    )
  yield `${SQL_HEAD}${JSON.stringify(head)}\n`
  yield `SET NAMES utf8mb4, foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO';\n`
  let done = 0
  for (const { name, kind } of own.toSorted((a, b) => a.kind.localeCompare(b.kind))) {
    if (kind === 'SEQUENCE') yield* sequence(connection, name)
    else yield* table(connection, name)
    told((done += 1), own.length)
  }
  yield `${SQL_END}\n`
}

/** Tables that a restore makes on its way. */
export const isTemporary = (table: string): boolean => /^__(restore|replaced)_\d+$/.test(table)

export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``

async function* sequence(connection: Connection, name: string): AsyncGenerator<string> {
  const [made] = await connection.query<Record<string, string>[]>(`SHOW CREATE SEQUENCE ${quoted(name)}`)
  const [state] = await connection.query<{ next: bigint }[]>(
    `SELECT next_not_cached_value AS next FROM ${quoted(name)}`,
  )
  yield `${oneLine(made?.['Create Table'] ?? '')};\n`
  yield `ALTER SEQUENCE ${quoted(name)} RESTART ${String(state?.next ?? 1)};\n`
}

async function* table(connection: Connection, name: string): AsyncGenerator<string> {
  const [made] = await connection.query<Record<string, string>[]>(`SHOW CREATE TABLE ${quoted(name)}`)
  yield `${oneLine(made?.['Create Table'] ?? '')};\n`
  const columns = await storedColumns(connection, name)
  const names = columns.map((column) => quoted(column.name)).join(', ')
  const opening = `INSERT INTO ${quoted(name)} (${names}) VALUES `
  const values = columns.map(({ name: column, binary }) =>
    binary ? `HEX(${quoted(column)})` : quoted(column),
  )
  const rows = connection.queryStream({
    sql: `SELECT ${values.join(', ')} FROM ${quoted(name)}`,
    rowsAsArray: true,
    typeCast: (field: { string(): string | null }) => field.string(),
  })
  let statement = ''
  for await (const row of rows as AsyncIterable<(string | null)[]>) {
    const tuple = `(${row.map((value, at) => literal(value, columns[at]?.binary ?? false)).join(',')})`
    if (statement !== '' && statement.length + tuple.length > STATEMENT_BYTES) {
      yield `${statement};\n`
      statement = ''
    }
    statement = statement === '' ? opening + tuple : `${statement},${tuple}`
  }
  if (statement !== '') yield `${statement};\n`
}

async function storedColumns(connection: Connection, name: string): Promise<Column[]> {
  const rows = await connection.query<{ name: string; type: string; extra: string }[]>(
    `SELECT column_name AS name, data_type AS type, extra FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`,
    [name],
  )
  return rows
    .filter(({ extra }) => !extra.includes('GENERATED'))
    .map(({ name: column, type }) => ({ name: column, binary: /blob|binary|bit/.test(type) }))
}

/** Line breaks of the server's layout; those inside a default or comment are escaped already. */
const oneLine = (sql: string): string => sql.replaceAll('\n', ' ')

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
  '\\': '\\\\',
  "'": "\\'",
}

function literal(value: string | null, binary: boolean): string {
  if (value === null) return 'NULL'
  if (binary) return `X'${value}'`
  return `'${value.replaceAll(/[\0\n\r\x1a\\']/g, (letter) => ESCAPES[letter] ?? letter)}'`
}
