import Driver from 'libsql'

/** Copies a SQLite database, as it is at one moment, into an empty file. Others may read and write meanwhile. */
export function vacuumInto(file: string, copy: string): void {
  withFile(file, (connection) => {
    connection.prepare<[string]>('VACUUM INTO ?').run(copy)
  })
}

/**
 * Folds the write-ahead log into the file, so that the file is all there is of the database.
 * @returns false while another connection has it open
 */
export function foldLog(file: string): boolean {
  return withFile(file, (connection) => {
    try {
      const row = connection.prepare('PRAGMA journal_mode = DELETE').get() as { journal_mode: string }
      return row.journal_mode === 'delete'
    } catch {
      return false
    }
  })
}

/** Runs queries on a database file, one after the other. @returns the rows of each */
export function queryFile(file: string, queries: readonly string[]): Record<string, unknown>[][] {
  return withFile(file, (connection) =>
    queries.map((sql) => connection.prepare<[]>(sql).all() as Record<string, unknown>[]),
  )
}

function withFile<T>(file: string, work: (connection: InstanceType<typeof Driver>) => T): T {
  const connection = new Driver(file)
  try {
    connection.exec('PRAGMA busy_timeout = 10000')
    return work(connection)
  } finally {
    connection.close()
  }
}
