export { adapter } from './adapter.ts'
export { isDatabaseAway, isDuplicate, isInterrupted, isRace } from './errors.ts'
export { explainOutage } from './explain-outage.ts'
export { type MigrateOptions, migrate } from './migrate.ts'
export { type MysqlOptions, mysqlOptions } from './mysql-url.ts'
export { openConnection } from './open-connection.ts'
export { openProbe, type Probe } from './probe.ts'
export { readServerUrl, type UrlRules } from './read-server-url.ts'
export { diffSchema } from './schema-drift.ts'
export { empty, join, raw, type Sql, sql, type Value } from './sql.ts'
export {
  againAfterRaces,
  inTransaction,
  type Transaction,
  type TransactionClient,
} from './transaction.ts'
