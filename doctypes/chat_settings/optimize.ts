import { ADMINISTRATOR, PermissionError, type Context } from '@f-chat/desk'
import { SEARCH_TABLE } from '../chat_message/search-index.ts'
import { SEARCH_TEXT } from '../chat_message/search-tables.ts'
import { rowsOf } from '../query.ts'
import { recountRooms, type Recounted } from '../chat_room/recount.ts'

/** What was done to the database. */
export interface Optimized {
  database: 'sqlite' | 'mariadb'
  tables: { table: string; done: string[] }[]
  /** Counters of rooms and members that were wrong. */
  repaired: Recounted
}

/** MariaDB: bytes that a table must give back for rebuilding it to be worth while. */
const WORTH_BYTES = 64 * 1024 * 1024
/** Seconds that a rebuild waits for open transactions before it gives up: all others would queue behind it. */
const WAIT_SECONDS = 5

/**
 * Renews what the database knows of the chat's tables, gives back space that deleted rows have left, and corrects
 * counters. Each step by itself, none in a transaction around the others; people go on chatting meanwhile.
 * @throws PermissionError for all but System Managers
 */
export async function optimizeDatabase(ctx: Context): Promise<Optimized> {
  const manages = ctx.user === ADMINISTRATOR || (await ctx.roles()).has('System Manager')
  if (!manages) throw new PermissionError('Only System Managers optimize the database.')
  const repaired = await recountRooms(ctx.site, ctx.user)
  const tables = ctx.kind === 'mariadb' ? await optimizeMariaDb(ctx) : await optimizeSqlite(ctx)
  return { database: ctx.kind, tables, repaired }
}

/** The tables that documents of the app have, and the index of their words. */
function chatTables(ctx: Context): string[] {
  const tables = [...ctx.site.registry.metas()]
    .filter(({ module, isSingle, isVirtual }) => module === 'F Chat' && !isSingle && !isVirtual)
    .map(({ table }) => table)
  return [...tables, SEARCH_TABLE].sort()
}

interface TableState {
  table: string
  free: number
  bytes: number
}

async function optimizeMariaDb(ctx: Context): Promise<Optimized['tables']> {
  const states = new Map((await readStates(ctx)).map((state) => [state.table, state]))
  const optimized: Optimized['tables'] = []
  for (const table of chatTables(ctx)) {
    const done = ['analyze']
    await ctx.db.raw('analyze table ??', [table])
    const { free = 0, bytes = 0 } = states.get(table) ?? {}
    if (free >= WORTH_BYTES && free * 4 >= bytes) {
      await ctx.db.raw('optimize table ?? wait ?', [table, WAIT_SECONDS])
      done.push('optimize')
    }
    optimized.push({ table, done })
  }
  return optimized
}

async function readStates(ctx: Context): Promise<TableState[]> {
  return await rowsOf<TableState>(
    ctx
      .db('information_schema.tables')
      .whereRaw('table_schema = database()')
      .select('table_name as table', 'data_free as free')
      .select(ctx.db.raw('data_length + index_length as bytes')),
  )
}

/** Pages of the index that are merged at once: a write of some milliseconds, however large the index is. */
const MERGED_PAGES = 500

/** The connections that read may let the log of changes be taken into the file; statistics are written. */
async function optimizeSqlite(ctx: Context): Promise<Optimized['tables']> {
  const tables = chatTables(ctx)
  await ctx.site.write({ user: ctx.user }, async ({ db }) => {
    for (const table of tables) await db.raw('analyze ??', [table])
    await db.raw("insert into ?? (??, rank) values ('merge', ?)", [SEARCH_TEXT, SEARCH_TEXT, MERGED_PAGES])
  })
  await ctx.db.raw('pragma wal_checkpoint(passive)')
  return tables.map((table) => ({ table, done: table === SEARCH_TABLE ? ['analyze', 'merge'] : ['analyze'] }))
}
