import { createConnection, type Connection } from 'mariadb'
import type { DatabaseConfig } from '../db/index.ts'

/** One connection to a site's MariaDB database, for statements that must share it. */
export async function connectDatabase(config: DatabaseConfig): Promise<Connection> {
  const place = config.db_socket
    ? { socketPath: config.db_socket }
    : { host: config.db_host ?? '127.0.0.1', port: config.db_port ?? 3306 }
  try {
    return await createConnection({
      ...place,
      user: config.db_user ?? config.db_name,
      ...(config.db_password === undefined ? {} : { password: config.db_password }),
      database: config.db_name,
      connectTimeout: 5000,
      dateStrings: true,
      autoJsonMap: false,
      initSql: "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci, time_zone = '+00:00'",
    })
  } catch (error) {
    throw new Error(
      `The database ${config.db_name} does not answer. Check db_host, db_socket and db_password in site_config.json.`,
      { cause: error },
    )
  }
}
