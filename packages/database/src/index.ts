export { type MigrateOptions, migrate } from './migrate.ts'
export { type MysqlOptions, mysqlOptions } from './mysql-url.ts'
export { diffSchema } from './schema-drift.ts'
