export { createDatabase, type Database, type DatabaseConfig, type Work } from './database.ts'
export * from './errors.ts'
