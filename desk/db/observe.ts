import type { Knex } from 'knex'

/** Tells `listener` of each statement of these handles and their transactions, until the result is called. */
export function observe(handles: readonly Knex[], listener: (sql: string) => void): () => void {
  const tell = ({ sql }: { sql: string }): void => listener(sql)
  for (const handle of handles) handle.on('query', tell)
  return () => {
    for (const handle of handles) handle.off('query', tell)
  }
}
