import { index } from './index-name.ts'
import type { ColumnSpec, TableSpec } from './types.ts'

const key = (name: string, type = 'varchar(140)'): ColumnSpec => ({
  name,
  type,
  nullable: false,
  default: null,
})
const value = (name: string, type = 'varchar(140)'): ColumnSpec => ({
  name,
  type,
  nullable: true,
  default: null,
})
const number = (name: string, type: string): ColumnSpec => ({ name, type, nullable: false, default: '0' })

/** The last number given out for each evaluated prefix of a naming series. */
export const seriesTable: TableSpec = {
  name: 'tabSeries',
  columns: [key('name', 'varchar(100)'), number('current', 'int')],
  primaryKey: ['name'],
  indexes: [],
}

/** The values of all Singles, one row a field. */
export const singlesTable: TableSpec = {
  name: 'tabSingles',
  columns: [key('doctype'), key('field'), value('value', 'longtext')],
  primaryKey: ['doctype', 'field'],
  indexes: [],
}

/** Secrets of documents: password hashes, and values encrypted with the site's key. */
export const authTable: TableSpec = {
  name: '__Auth',
  columns: [
    key('doctype'),
    key('name'),
    key('fieldname'),
    value('password', 'text'),
    number('encrypted', 'tinyint'),
  ],
  primaryKey: ['doctype', 'name', 'fieldname'],
  indexes: [],
}

/** Logins. `sid` is a digest: who reads the table cannot use what is in it. */
export const sessionsTable: TableSpec = {
  name: 'tabSessions',
  columns: [
    key('sid'),
    value('user'),
    value('sessiondata', 'longtext'),
    value('ipaddress'),
    value('lastupdate', 'datetime(6)'),
    value('creation', 'datetime(6)'),
    value('status'),
  ],
  primaryKey: ['sid'],
  indexes: [index(['user'])],
}

/** Logins that have ended, for the site's other processes to hear of; kept for a minute. */
const signalsTable: TableSpec = {
  name: '__Signals',
  columns: [key('name'), key('sender'), key('message', 'text')],
  primaryKey: ['name'],
  indexes: [],
}

/** Tables that every site has before any app. */
export const frameworkTables: readonly TableSpec[] = [
  seriesTable,
  singlesTable,
  authTable,
  sessionsTable,
  signalsTable,
]
