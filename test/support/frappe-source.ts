import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { createDatabase, type Database } from '../../desk/db/index.ts'
import { mariaDbSocket } from './databases.ts'

type Value = string | number | null
export type SourceRow = Record<string, Value>

/** Columns of a table as Frappe 15 makes them (frappe-contract.md §3). */
const STANDARD = `name varchar(140) not null primary key, creation datetime(6), modified datetime(6),
  modified_by varchar(140), owner varchar(140), docstatus tinyint not null default 0, idx int not null default 0`
/** As older versions made them. */
const OLD_STANDARD = `name varchar(140) not null primary key, creation datetime(6), modified datetime(6),
  modified_by varchar(140), owner varchar(140), docstatus int(1) not null default 0, idx int(8) not null default 0`
const CHILD = 'parent varchar(140), parentfield varchar(140), parenttype varchar(140), index parent(parent)'
const DOCUMENT = '_user_tags text, _comments text, _assign text, _liked_by text, index modified(modified)'

/** The fields of f-chat-api.md §5, and of Frappe's own DocTypes as far as the chat needs them. */
const TABLES: Record<string, { child?: boolean; fields: string }> = {
  User: {
    fields: `email varchar(140), first_name varchar(140), last_name varchar(140), full_name varchar(140),
      enabled tinyint(4) not null default 1, user_image text, user_type varchar(140)`,
  },
  'Has Role': { child: true, fields: 'role varchar(140)' },
  File: {
    fields: `file_name varchar(140), file_url longtext, is_private tinyint(4) not null default 0, file_size int(11) not null default 0,
      attached_to_doctype varchar(140), attached_to_name varchar(140), content_hash varchar(140)`,
  },
  'Chat Room': {
    fields: `room_name varchar(140) unique, room_type varchar(140) default 'Group Chat', description text, room_status varchar(140) default 'Active',
      created_by varchar(140), creation_date datetime(6), team_master varchar(140), is_private tinyint(4) not null default 0,
      max_members int(11) not null default 50, allow_file_sharing tinyint(4) not null default 1,
      auto_delete_messages_after_days int(11) not null default 0`,
  },
  'Chat Room Member': {
    child: true,
    fields: `user varchar(140), role varchar(140) default 'Member', joined_date datetime(6), is_admin tinyint(4) not null default 0,
      is_muted tinyint(4) not null default 0, last_read_timestamp datetime(6)`,
  },
  'Chat Message': {
    fields: `chat_room varchar(140), sender varchar(140), message_type varchar(140) default 'Text', timestamp datetime(6),
      message_content longtext, reply_to_message varchar(140), is_edited tinyint(4) not null default 0, edit_timestamp datetime(6),
      is_deleted tinyint(4) not null default 0, delete_timestamp datetime(6)`,
  },
  'Chat Message Attachment': {
    child: true,
    fields: `file_name varchar(140), file_url varchar(140), file_size int(11) not null default 0, file_type varchar(140),
      uploaded_timestamp datetime(6)`,
  },
  'Chat Message Reaction': {
    child: true,
    fields: 'user varchar(140), reaction_emoji varchar(140), timestamp datetime(6)',
  },
  'Chat Call Session': {
    fields: `chat_room varchar(140), call_type varchar(140) default 'Audio', call_status varchar(140) default 'Initiated',
      initiated_by varchar(140), start_time datetime(6), end_time datetime(6), session_id varchar(140), ice_servers_config longtext,
      total_duration int(11) not null default 0, recording_url varchar(140), is_recorded tinyint(4) not null default 0`,
  },
  'Chat Call Participant': {
    child: true,
    fields: `user varchar(140), status varchar(140) default 'Invited', joined_time datetime(6), left_time datetime(6),
      duration int(11) not null default 0`,
  },
  'Chat User Activity': {
    fields: `user varchar(140) unique, chat_status varchar(140) default 'offline', last_seen datetime(6), last_activity datetime(6),
      is_online tinyint(4) not null default 0, unread_count int(11) not null default 0, active_room varchar(140),
      typing_in_room varchar(140), full_name varchar(140)`,
  },
}

export interface SourceOptions {
  /** Tables that the site does not have. */
  without?: readonly string[]
  /** `int(1)` checks, latin1 rooms, a mixture of collations, columns missing and columns that nobody knows. */
  old?: boolean
}

/** A Frappe site's database with the chat of the Python app, and a user who may SELECT in it and nothing else. */
export class FrappeDatabase {
  readonly name: string
  readonly user: string
  readonly password: string
  readonly socket: string
  readonly #root: Database
  #child = 0

  private constructor(name: string, socket: string, root: Database) {
    this.name = name
    this.user = `${name}_reader`.slice(0, 32)
    this.password = 'reads only'
    this.socket = socket
    this.#root = root
  }

  static async create(t: Test, { without = [], old = false }: SourceOptions = {}): Promise<FrappeDatabase> {
    const socket = await mariaDbSocket()
    const name = `frappe_${randomBytes(5).toString('hex')}`
    const root = { db_type: 'mariadb', db_socket: socket, db_user: 'root', db_password: '' } as const
    const server = createDatabase({ ...root, db_name: 'mysql', pool_size: 1 })
    const source = new FrappeDatabase(name, socket, createDatabase({ ...root, db_name: name, pool_size: 1 }))
    await server.reader.raw(`create database ${name} character set utf8mb4 collate utf8mb4_unicode_ci`)
    await server.reader.raw(`create user '${source.user}'@'localhost' identified by '${source.password}'`)
    await server.reader.raw(`grant select on ${name}.* to '${source.user}'@'localhost'`)
    t.teardown(async () => {
      await source.#root.close()
      await server.reader.raw(`drop database ${name}`)
      await server.reader.raw(`drop user '${source.user}'@'localhost'`)
      await server.close()
    })
    // As on many servers that Frappe runs on: `0000-00-00` can be stored.
    await source.sql("set session sql_mode = ''")
    for (const [doctype, table] of Object.entries(TABLES))
      if (!without.includes(doctype)) await source.#make(doctype, table, old)
    await source.sql(
      'create table tabSingles (doctype varchar(255), field varchar(255), value longtext, index doctype(doctype, field))',
    )
    await source.insert('User', [
      {
        name: 'Administrator',
        email: 'admin@example.com',
        full_name: 'Administrator',
        creation: '2023-01-02 03:04:05.060708',
      },
      { name: 'Guest', email: 'guest@example.com', full_name: 'Guest' },
    ])
    return source
  }

  async #make(
    doctype: string,
    { child, fields }: { child?: boolean; fields: string },
    old: boolean,
  ): Promise<void> {
    const collation = old && doctype === 'Chat Room Member' ? 'utf8mb4_general_ci' : 'utf8mb4_unicode_ci'
    const charset = old && doctype === 'Chat Room' ? 'latin1' : `utf8mb4 collate ${collation}`
    const columns = old
      ? fields
          .replaceAll('tinyint(4)', 'int(1)')
          .replace(
            /,\s*delete_timestamp datetime\(6\)|,\s*auto_delete_messages_after_days int\(11\) not null default 0/g,
            '',
          )
      : fields
    await this.sql(
      `create table \`tab${doctype}\` (${old ? OLD_STANDARD : STANDARD}, ${columns}, ${child ? CHILD : DOCUMENT}
        ${old ? ", custom_note varchar(140) default 'x'" : ''}) engine=InnoDB row_format=dynamic default charset=${charset}`,
    )
  }

  /** As root, past the reader. */
  async sql(text: string, values: readonly Value[] = []): Promise<unknown> {
    return await this.#root.reader.raw(text, [...values])
  }

  async insert(doctype: string, rows: readonly SourceRow[]): Promise<void> {
    for (const row of rows) {
      const all = {
        creation: row.creation ?? row.timestamp ?? '2024-01-01 08:00:00.000000',
        modified: row.modified ?? row.creation ?? row.timestamp ?? '2024-01-01 08:00:00.000000',
        owner: 'Administrator',
        ...row,
      }
      await this.#root.reader(`tab${doctype}`).insert(all)
    }
  }

  /** Child rows, named as Frappe names them. */
  async children(
    doctype: string,
    parent: string,
    parentfield: string,
    rows: readonly SourceRow[],
  ): Promise<void> {
    await this.insert(
      doctype,
      rows.map((row, i) => ({
        name: `row${String(++this.#child).padStart(6, '0')}`,
        parent,
        parentfield,
        parenttype: 'x',
        idx: i + 1,
        ...row,
      })),
    )
  }

  /** Everything in it, to see that nothing has been written. */
  async checksum(): Promise<string> {
    const tables = await this.#root
      .reader('information_schema.tables')
      .where({ table_schema: this.name })
      .pluck<string[]>('table_name')
    const answers = []
    for (const table of tables.sort()) answers.push(await this.sql(`checksum table \`${table}\``))
    return JSON.stringify(answers)
  }

  /** What tells the command where it is. */
  get args(): string[] {
    return ['--db-socket', this.socket, '--db-name', this.name, '--db-username', this.user]
  }

  get env(): Record<string, string> {
    return { DB_PASSWORD: this.password }
  }
}
