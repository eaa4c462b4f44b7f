import { readFile } from 'node:fs/promises'
import type { Connection } from 'mariadb'
import { openConnection } from './open-connection.ts'
import { type Column, type Index, type Table, tablesOf } from './prisma-schema.ts'

export type DiffSchemaOptions = {
  /** A service's schema.prisma. */
  schemaPath: string
  /** A database on which that service's migrations have run. */
  url: string
}

/** Where the tables that the migrations made differ from what schema.prisma says, a sentence each. */
export async function diffSchema({ schemaPath, url }: DiffSchemaOptions): Promise<string[]> {
  const wanted = await tablesOf(await readFile(schemaPath, 'utf8'))
  const connection = await openConnection(url, { bigIntAsNumber: true })
  try {
    return diffTables(wanted, await readTables(connection))
  } finally {
    await connection.end()
  }
}

function diffTables(wanted: Table[], actual: Table[]): string[] {
  const missing = wanted
    .filter((table) => !named(actual, table.name))
    .map(({ name }) => `${name}: no such table`)
  const extra = actual
    .filter((table) => !named(wanted, table.name))
    .map(({ name }) => `${name}: not in schema.prisma`)
  const changed = wanted.flatMap((table) => {
    const live = named(actual, table.name)
    return live ? [...diffColumns(table, live), ...diffIndexes(table, live)] : []
  })
  return [...missing, ...extra, ...changed]
}

function diffColumns(wanted: Table, actual: Table): string[] {
  const where = (name: string) => `${wanted.name}.${name}`
  const missing = wanted.columns
    .filter(({ name }) => !named(actual.columns, name))
    .map(({ name }) => `${where(name)}: no such column`)
  const extra = actual.columns
    .filter(({ name }) => !named(wanted.columns, name))
    .map(({ name }) => `${where(name)}: not in schema.prisma`)
  const changed = wanted.columns.flatMap((column) => {
    const live = named(actual.columns, column.name)
    if (!live || describe(column) === describe(live)) return []
    return [`${where(column.name)}: schema.prisma says ${describe(column)}, the database ${describe(live)}`]
  })
  return [...missing, ...extra, ...changed]
}

function describe({ type, nullable, autoIncrement, hasDefault }: Column): string {
  return [type, nullable ? 'NULL' : 'NOT NULL', autoIncrement && 'AUTO_INCREMENT', hasDefault && 'DEFAULT']
    .filter(Boolean)
    .join(' ')
}

function diffIndexes(wanted: Table, actual: Table): string[] {
  const key = ({ kind, columns }: Index) =>
    `${kind === 'index' ? 'index' : `${kind} key`} (${columns.join(', ')})`
  const want = wanted.indexes.map(key)
  const have = actual.indexes.map(key)
  return [
    ...want.filter((index) => !have.includes(index)).map((index) => `${wanted.name}: no ${index}`),
    ...have
      .filter((index) => !want.includes(index))
      .map((index) => `${wanted.name}: ${index} is not in schema.prisma`),
  ]
}

function named<T extends { name: string }>(list: T[], name: string): T | undefined {
  return list.find((item) => item.name === name)
}

async function readTables(connection: Connection): Promise<Table[]> {
  const columns = await readColumns(connection)
  const indexes = await readIndexes(connection)
  return [...new Set(columns.map(({ table }) => table))].map((name) => ({
    name,
    columns: columns.filter(({ table }) => table === name),
    indexes: indexes.filter(({ table }) => table === name),
  }))
}

async function readColumns(connection: Connection): Promise<(Column & { table: string })[]> {
  const rows: {
    table: string
    name: string
    type: string
    nullable: string
    extra: string
    byDefault: string | null
    json: number
  }[] = await connection.query(
    `SELECT c.table_name AS \`table\`, c.column_name AS name, c.column_type AS type, c.is_nullable AS nullable, c.extra AS extra,
              c.column_default AS byDefault
       FROM information_schema.columns c JOIN information_schema.tables t
         ON t.table_schema = c.table_schema AND t.table_name = c.table_name
       WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND c.table_name <> '_prisma_migrations'
       ORDER BY c.table_name, c.ordinal_position`,
  )
  const checks = await readJsonChecks(connection)
  return rows.map(({ table, name, type, nullable, extra, byDefault }) => ({
    table,
    name,
    type: checks.has(`${table}.${name}`) ? 'json' : withoutWidth(type),
    nullable: nullable === 'YES',
    autoIncrement: extra.includes('auto_increment'),
    // MariaDB says 'NULL' where MySQL says nothing.
    hasDefault: byDefault !== null && byDefault !== 'NULL',
  }))
}

// MariaDB's JSON is a LONGTEXT with a check of its own.
async function readJsonChecks(connection: Connection): Promise<Set<string>> {
  const isMariaDb = connection.info?.isMariaDB() ?? false
  if (!isMariaDb) return new Set()
  const rows: { table: string; clause: string }[] = await connection.query(
    `SELECT table_name AS \`table\`, check_clause AS clause FROM information_schema.check_constraints
     WHERE constraint_schema = DATABASE() AND check_clause LIKE 'json_valid(%'`,
  )
  return new Set(rows.map(({ table, clause }) => `${table}.${/`(.*)`/.exec(clause)?.[1]}`))
}

// int(11) of MariaDB is int of MySQL 8; only tinyint(1) means something.
function withoutWidth(type: string): string {
  return type === 'tinyint(1)' ? type : type.replace(/^(\w*int)\(\d+\)/, '$1')
}

async function readIndexes(connection: Connection): Promise<(Index & { table: string })[]> {
  const rows: { table: string; name: string; loose: number; columns: string }[] = await connection.query(
    `SELECT table_name AS \`table\`, index_name AS name, MAX(non_unique) AS loose,
            GROUP_CONCAT(column_name ORDER BY seq_in_index) AS columns
     FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name <> '_prisma_migrations' GROUP BY table_name, index_name`,
  )
  return rows.map(({ table, name, loose, columns }) => ({
    table,
    kind: name === 'PRIMARY' ? 'primary' : Number(loose) === 0 ? 'unique' : 'index',
    columns: columns.split(','),
  }))
}
