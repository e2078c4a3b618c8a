import { randomBytes } from 'node:crypto'
import { createConnection, type Connection } from 'mariadb'
import type { SiteConfig } from './config.ts'

/** A login that may create databases and users. */
export interface MariaDbRoot {
  user: string
  password: string
  host?: string
  port?: number
  socket?: string
}

/** What the site's own login is called; what is left out is made up. */
export interface MariaDbLogin {
  name?: string
  user?: string
  password?: string
  /** From which host it may log in: `%` is from everywhere. */
  from?: string
}

/** ER_CANNOT_USER */
const CANNOT_USER = 1396
/** ER_DBACCESS_DENIED, ER_SPECIFIC_ACCESS_DENIED */
const DENIED = new Set([1044, 1227])

const NAME = /^[A-Za-z0-9_]{1,64}$/
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/**
 * What a site does in its database, and no more: read and write rows, and let migrate make, alter and drop tables,
 * indexes and sequences (CREATE and DROP cover sequences). Nothing with users, files, routines or other databases.
 */
const PRIVILEGES = 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP'

async function connect(root: MariaDbRoot): Promise<Connection> {
  const where = root.socket ?? `${root.host ?? '127.0.0.1'}:${String(root.port ?? 3306)}`
  try {
    return await createConnection({
      user: root.user,
      password: root.password,
      ...(root.socket
        ? { socketPath: root.socket }
        : { host: root.host ?? '127.0.0.1', port: root.port ?? 3306 }),
      connectTimeout: 5000,
    })
  } catch (error) {
    const refused =
      (error as { errno?: number }).errno === 1045 || (error as { errno?: number }).errno === 1698
    throw new Error(
      refused
        ? `MariaDB at ${where} refused the login of ${root.user}. Check --db-root-username and --db-root-password.`
        : `MariaDB at ${where} does not answer. Check that it runs, and --db-host, --db-port or --db-socket.`,
      { cause: error },
    )
  }
}

/** Creates a database and a user who may do in this database what a site needs. @returns the keys for site_config.json */
export async function createMariaDbDatabase(
  root: MariaDbRoot,
  login: MariaDbLogin = {},
): Promise<SiteConfig> {
  const dbName = login.name ?? `_${randomBytes(8).toString('hex')}`
  const dbUser = login.user ?? dbName
  const password = login.password ?? randomBytes(18).toString('base64url')
  for (const name of [dbName, dbUser])
    if (!NAME.test(name))
      throw new Error(`"${name}" cannot be a database's name or user: use letters, digits and _.`)
  const connection = await connect(root)
  try {
    await refuseTaken(connection, dbName, dbUser)
    const account = accountOf(dbUser, login.from ?? (await hostFor(connection, root)))
    await grantDatabase(connection, root, { dbName, dbUser, account, password })
  } finally {
    await connection.end()
  }
  return {
    db_name: dbName,
    db_user: dbUser,
    db_password: password,
    ...(root.socket
      ? { db_socket: root.socket }
      : { db_host: root.host ?? '127.0.0.1', db_port: root.port ?? 3306 }),
  }
}

async function refuseTaken(connection: Connection, dbName: string, dbUser: string): Promise<void> {
  const databases = await connection.query<unknown[]>('SHOW DATABASES LIKE ?', [pattern(dbName)])
  if (databases.length > 0)
    throw new Error(`The database ${dbName} exists already. Choose another with --db-name.`)
  // At whatever host: a login of that name belongs to somebody. Who may not look is refused by CREATE USER.
  const users = await connection
    .query<unknown[]>('SELECT 1 FROM mysql.user WHERE User = ?', [dbUser])
    .catch((): unknown[] => [])
  if (users.length > 0)
    throw new Error(`MariaDB has a user ${dbUser} already. Choose another with --db-user.`)
}

async function grantDatabase(
  connection: Connection,
  root: MariaDbRoot,
  {
    dbName,
    dbUser,
    account,
    password,
  }: { dbName: string; dbUser: string; account: string; password: string },
): Promise<void> {
  try {
    await connection.query(`CREATE DATABASE \`${dbName}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`)
  } catch (error) {
    throw new Error(
      `${root.user} may not create a database on this MariaDB. Give a login that may: --db-root-username.`,
      { cause: error },
    )
  }
  try {
    await connection.query(`CREATE USER ${account} IDENTIFIED BY ?`, [password])
  } catch (error) {
    await connection.query(`DROP DATABASE IF EXISTS \`${dbName}\``)
    const errno = (error as { errno?: number }).errno ?? 0
    if (errno !== CANNOT_USER && !DENIED.has(errno)) throw error
    throw new Error(
      `MariaDB has a user ${dbUser} already, or ${root.user} may not create users. Choose another --db-user or root login.`,
      { cause: error },
    )
  }
  try {
    await connection.query(`GRANT ${PRIVILEGES} ON \`${pattern(dbName)}\`.* TO ${account}`)
  } catch (error) {
    await connection.query(`DROP DATABASE IF EXISTS \`${dbName}\``)
    await connection.query(`DROP USER IF EXISTS ${account}`)
    throw error
  }
}

/** Drops a site's database, and its login at every host, unless that has rights in other databases, too. */
export async function dropMariaDbDatabase(
  root: MariaDbRoot,
  { db_name: dbName = '', db_user: dbUser = dbName }: SiteConfig,
): Promise<void> {
  if (!NAME.test(dbName) || !NAME.test(dbUser)) return
  const connection = await connect(root)
  try {
    const rights = await connection.query<{ host: string; db: string }[]>(
      'SELECT Host AS host, Db AS db FROM mysql.db WHERE User = ?',
      [dbUser],
    )
    await connection.query(`DROP DATABASE IF EXISTS \`${dbName}\``)
    const shared = new Set(rights.filter(({ db }) => db !== pattern(dbName)).map(({ host }) => host))
    for (const { host } of rights)
      if (!shared.has(host)) await connection.query(`DROP USER IF EXISTS ${accountOf(dbUser, host)}`)
  } finally {
    await connection.end()
  }
}

/** `_` stands for any letter in grants and in LIKE. */
const pattern = (dbName: string): string => dbName.replaceAll('_', '\\_')

function accountOf(user: string, host: string): string {
  if (!/^[\w.:%-]+$/.test(host))
    throw new Error(`"${host}" is not a host that a login may come from: give a name, an address or %.`)
  return `'${user}'@'${host}'`
}

/**
 * From where the site will log in. On this machine it is what the server calls us (`localhost` by socket, by TCP
 * perhaps 127.0.0.1); from other machines the address may change tomorrow.
 */
async function hostFor(connection: Connection, { socket, host = '127.0.0.1' }: MariaDbRoot): Promise<string> {
  if (!socket && !LOOPBACK.has(host)) return '%'
  const [row] = await connection.query<{ seen: string }[]>('SELECT USER() AS seen')
  const seen = row?.seen.slice(row.seen.lastIndexOf('@') + 1) ?? ''
  return LOOPBACK.has(seen) ? seen : '%'
}
