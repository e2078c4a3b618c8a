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

/** ER_CANNOT_USER */
const CANNOT_USER = 1396

const NAME = /^[A-Za-z0-9_]{1,64}$/

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

/** Creates a database and a user who owns just this database. @returns the keys for site_config.json */
export async function createMariaDbDatabase(root: MariaDbRoot, dbName: string): Promise<SiteConfig> {
  if (!NAME.test(dbName))
    throw new Error(`"${dbName}" cannot be a database's name: use letters, digits and _.`)
  const connection = await connect(root)
  try {
    const existing = await connection.query<unknown[]>('SHOW DATABASES LIKE ?', [
      dbName.replaceAll('_', '\\_'),
    ])
    if (existing.length > 0)
      throw new Error(`The database ${dbName} exists already. Choose another with --db-name.`)
    const password = randomBytes(18).toString('base64url')
    const user = userOf(root, dbName)
    try {
      await connection.query(`CREATE DATABASE \`${dbName}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`)
    } catch (error) {
      throw new Error(
        `${root.user} may not create a database on this MariaDB. Give a login that may: --db-root-username.`,
        { cause: error },
      )
    }
    try {
      // Not OR REPLACE: a login of that name belongs to somebody.
      await connection.query(`CREATE USER ${user} IDENTIFIED BY ?`, [password])
    } catch (error) {
      await connection.query(`DROP DATABASE IF EXISTS \`${dbName}\``)
      if ((error as { errno?: number }).errno !== CANNOT_USER) throw error
      throw new Error(
        `MariaDB has a user ${dbName} already, or ${root.user} may not create users. Choose another --db-name or root login.`,
        { cause: error },
      )
    }
    try {
      await connection.query(`GRANT ALL PRIVILEGES ON \`${dbName.replaceAll('_', '\\_')}\`.* TO ${user}`)
    } catch (error) {
      await connection.query(`DROP DATABASE IF EXISTS \`${dbName}\``)
      await connection.query(`DROP USER IF EXISTS ${user}`)
      throw error
    }
    return {
      db_name: dbName,
      db_user: dbName,
      db_password: password,
      ...(root.socket
        ? { db_socket: root.socket }
        : { db_host: root.host ?? '127.0.0.1', db_port: root.port ?? 3306 }),
    }
  } finally {
    await connection.end()
  }
}

export async function dropMariaDbDatabase(root: MariaDbRoot, dbName: string): Promise<void> {
  if (!NAME.test(dbName)) return
  const connection = await connect(root)
  try {
    await connection.query(`DROP DATABASE IF EXISTS \`${dbName}\``)
    await connection.query(`DROP USER IF EXISTS ${userOf(root, dbName)}`)
  } finally {
    await connection.end()
  }
}

/** By socket or loopback the server sees `localhost` or 127.0.0.1; from elsewhere the address is not ours to know. */
function userOf({ socket }: MariaDbRoot, name: string): string {
  return socket ? `'${name}'@'localhost'` : `'${name}'@'%'`
}
