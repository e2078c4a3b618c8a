import type { Context } from '@f-chat/desk'
import type { Status, StoredPresence } from './user-presence.ts'

/** What is stored of a user in Chat User Activity; times as the database has them. */
export interface ActivityRow {
  user: string
  chat_status: Status
  chosen_status: StoredPresence['chosen']
  is_online: 0 | 1
  /** Null leaves what is stored. */
  last_seen: string | null
  last_activity: string | null
  active_room: string | null
  typing_in_room: string | null
}

const COLUMNS = {
  chat_status: 'varchar(140)',
  chosen_status: 'varchar(140)',
  is_online: 'int',
  last_seen: 'varchar(32)',
  last_activity: 'varchar(32)',
  active_room: 'varchar(140)',
  typing_in_room: 'varchar(140)',
} as const satisfies Record<Exclude<keyof ActivityRow, 'user'>, string>
const NAMES = Object.keys(COLUMNS)

const INTO =
  'insert into `tabChat User Activity` (name, user, owner, modified_by, creation, modified, docstatus, idx,' +
  ` full_name, ${NAMES.join(', ')})` +
  ' select u.name, u.name, u.name, u.name, ?, ?, 0, 0, u.full_name,'

/** What stands in the row anyway where nothing is known of it. */
const KEPT: readonly string[] = ['last_seen', 'last_activity']

/** @param given how the dialect writes the value that was to be inserted */
const updates = (given: (column: string) => string): string =>
  ['modified', 'full_name', ...NAMES]
    .map((name) => {
      const value = given(name)
      return `${name} = ${KEPT.includes(name) ? `coalesce(${value}, \`tabChat User Activity\`.${name})` : value}`
    })
    .join(', ')

/** The rows travel as one JSON text, so that the statement is the same for one user and for thousands. */
const STATEMENT = {
  mariadb:
    `${INTO} ${NAMES.map((name) => `v.${name}`).join(', ')}` +
    " from json_table(?, '$[*]' columns (user varchar(140) path '$.user'," +
    ` ${Object.entries(COLUMNS)
      .map(([name, type]) => `${name} ${type} path '$.${name}'`)
      .join(', ')})) v` +
    ' join `tabUser` u on u.name = v.user' +
    ` on duplicate key update ${updates((name) => `values(${name})`)}`,
  // `where true` tells ON CONFLICT from the ON of a join.
  sqlite:
    `${INTO} ${NAMES.map((name) => `json_extract(v.value, '$.${name}')`).join(', ')}` +
    " from json_each(?) v join `tabUser` u on u.name = json_extract(v.value, '$.user') where true" +
    ` on conflict (name) do update set ${updates((name) => `excluded.${name}`)}`,
}

/** Stores what is known of these users, in one statement; users who do not exist (any more) get no row. */
export async function writeActivity(ctx: Context, rows: readonly ActivityRow[]): Promise<void> {
  if (rows.length === 0) return
  const now = ctx.now()
  await ctx.db.raw(STATEMENT[ctx.kind], [now, now, JSON.stringify(rows)])
}

/** A user as the last process left them. */
export type StoredUser = Omit<StoredPresence, 'lastActivity' | 'lastSeen'> & {
  user: string
  last_activity: string | null
  last_seen: string | null
}

/** Users who were there when their rows were written, or who have chosen a status. */
export async function readActivity(ctx: Context): Promise<StoredUser[]> {
  return await ctx
    .db('tabChat User Activity')
    .where({ is_online: 1 })
    .orWhere('chosen_status', '>', '')
    .select<StoredUser[]>(
      'user',
      'chat_status as status',
      'chosen_status as chosen',
      'active_room as activeRoom',
      'last_activity',
      'last_seen',
    )
}
