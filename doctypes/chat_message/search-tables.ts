import { type Context } from '@f-chat/desk'
import { rowsOf } from '../query.ts'
import { indexMessages, SEARCH_TABLE, type IndexedMessage, type IndexHandle } from './search-index.ts'
import { TOKENIZER } from './tokens.ts'

/** SQLite's full-text index is a table of its own; triggers keep it in step. */
export const SEARCH_TEXT = `${SEARCH_TABLE}_text`

/** In order of time, which is how everything is looked for; the words of one message hold no other order. */
const MARIADB = [
  `create table \`${SEARCH_TABLE}\` (
    at datetime(6) not null,
    chat_room varchar(140) collate utf8mb4_bin not null,
    seq bigint not null,
    tokens mediumtext character set ascii collate ascii_bin not null,
    primary key (at, chat_room, seq),
    unique index \`chat_room,seq\` (chat_room, seq),
    fulltext index tokens (tokens)
  ) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_unicode_ci`,
]

/** The rowid is spelt out: VACUUM, which makes backups, may number rows anew that have no column for it. */
const SQLITE = [
  `create table \`${SEARCH_TABLE}\` (
    id integer primary key, at text not null, chat_room text not null, seq integer not null, tokens text not null
  )`,
  `create unique index \`${SEARCH_TABLE}.chat_room,seq\` on \`${SEARCH_TABLE}\` (chat_room, seq)`,
  `create index \`${SEARCH_TABLE}.at\` on \`${SEARCH_TABLE}\` (at, chat_room, seq)`,
  `create virtual table \`${SEARCH_TEXT}\` using fts5(
    tokens, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '_'"
  )`,
  `create trigger \`${SEARCH_TABLE}.insert\` after insert on \`${SEARCH_TABLE}\` begin
    insert into \`${SEARCH_TEXT}\` (rowid, tokens) values (new.id, new.tokens);
  end`,
  `create trigger \`${SEARCH_TABLE}.delete\` after delete on \`${SEARCH_TABLE}\` begin
    delete from \`${SEARCH_TEXT}\` where rowid = old.id;
  end`,
  `create trigger \`${SEARCH_TABLE}.update\` after update of tokens on \`${SEARCH_TABLE}\` begin
    delete from \`${SEARCH_TEXT}\` where rowid = old.id;
    insert into \`${SEARCH_TEXT}\` (rowid, tokens) values (new.id, new.tokens);
  end`,
]

/** Says which tokenizer has filled the index, once it is complete. */
const FILLED = { doctype: 'Chat Search', field: 'tokenizer' }

/**
 * After a migrate: makes the index of a site that has none, or one of another tokenizer, and fills it from the
 * messages. Where this was stopped in the middle, the next migrate begins anew.
 */
export async function migrateSearch(ctx: Context): Promise<void> {
  const filled = await ctx.db('tabSingles').where(FILLED).first<{ value: string } | undefined>('value')
  if (filled?.value === String(TOKENIZER)) return
  await dropTables(ctx)
  for (const statement of ctx.kind === 'mariadb' ? MARIADB : SQLITE) await outside(ctx).raw(statement)
  await reindexMessages(ctx)
  await ctx
    .db('tabSingles')
    .insert({ ...FILLED, value: String(TOKENIZER) })
    .onConflict(['doctype', 'field'])
    .merge(['value'])
}

/** After the app has gone. */
export async function removeSearch(ctx: Context): Promise<void> {
  await dropTables(ctx)
  await ctx.db('tabSingles').where(FILLED).delete()
}

async function dropTables(ctx: Context): Promise<void> {
  const tables = ctx.kind === 'mariadb' ? [SEARCH_TABLE] : [SEARCH_TABLE, SEARCH_TEXT]
  for (const table of tables) await outside(ctx).raw('drop table if exists ??', [table])
}

/** MariaDB commits a transaction in which tables are made: there, that happens beside it. */
const outside = (ctx: Context): Context['db'] => (ctx.kind === 'mariadb' ? ctx.site.database.reader : ctx.db)

const MESSAGES_PER_BATCH = 1000

/** Puts every message into the index, in batches: for a site that has just got messages or the index. */
export async function reindexMessages(ctx: Context): Promise<void> {
  const { independent } = ctx.site.database
  let after: string | undefined = ''
  while (after !== undefined) {
    const from: string = after
    const batch = (db: Context['db']): Promise<string | undefined> =>
      reindexBatch({ db, kind: ctx.kind }, from)
    after = independent ? await independent(batch) : await batch(ctx.db)
  }
}

/** @returns the last message of the batch; undefined where there was none */
async function reindexBatch(handle: IndexHandle, after: string): Promise<string | undefined> {
  const messages = await rowsOf<IndexedMessage>(
    handle
      .db('tabChat Message')
      .where('name', '>', after)
      .where({ is_deleted: 0 })
      .orderBy('name')
      .limit(MESSAGES_PER_BATCH)
      // Nobody edits or deletes one between here and the commit.
      .forShare()
      .select('name', 'chat_room', 'seq', 'message_type', 'timestamp', 'message_content'),
  )
  const files = await rowsOf<{ parent: string; file_name: string }>(
    handle
      .db('tabChat Message Attachment')
      .whereIn(
        'parent',
        messages.map(({ name }) => name),
      )
      .orderBy('idx')
      .select('parent', 'file_name'),
  )
  const filesOf = new Map<string, string[]>()
  for (const { parent, file_name } of files) filesOf.set(parent, [...(filesOf.get(parent) ?? []), file_name])
  await indexMessages(
    handle,
    messages.map((message) => ({ ...message, files: filesOf.get(message.name) ?? [] })),
  )
  return messages.at(-1)?.name
}
