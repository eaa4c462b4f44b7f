import { migrate, openConnection } from '@spawnpoint/database'
import type { Connection } from 'mariadb'
import type { Schema } from './databases.ts'
import { migrationsOf } from './migrate-all.ts'

/** What the migrations of a service make of an empty schema. */
type Template = { tables: string; rows: { table: string; values: unknown[][] }[] }

const templates = new Map<Schema, Promise<Template>>()

/**
 * Makes of an empty schema what the service's migrations make of one. The first of each kind in this process is migrated, the
 * others are made as it became: the migrations alter a table many times over, and each time costs as much as creating it.
 */
export async function fillFromTemplate(url: string, schema: Schema): Promise<void> {
  const known = templates.get(schema)
  if (known) return withConnection(url, async (connection) => copy(connection, await known))
  const made = migrateAndRead(url, schema)
  templates.set(schema, made)
  await made
}

async function migrateAndRead(url: string, schema: Schema): Promise<Template> {
  await migrate({ url, directory: migrationsOf[schema] })
  return withConnection(url, read)
}

async function read(connection: Connection): Promise<Template> {
  const names: [string][] = await connection.query({ sql: 'SHOW TABLES', rowsAsArray: true })
  const statements: string[] = []
  const rows: Template['rows'] = []
  for (const [table] of names) {
    const [created]: [string, string][] = await connection.query({
      sql: `SHOW CREATE TABLE \`${table}\``,
      rowsAsArray: true,
    })
    statements.push(`${created?.[1]};`)
    const sql = `SELECT * FROM \`${table}\``
    const values: unknown[][] = await connection.query({ sql, rowsAsArray: true, dateStrings: true })
    if (values.length > 0) rows.push({ table, values })
  }
  return { tables: statements.join('\n'), rows }
}

async function copy(connection: Connection, { tables, rows }: Template): Promise<void> {
  await connection.query(tables)
  for (const { table, values } of rows) {
    const places = values[0]?.map(() => '?').join(', ')
    await connection.batch(`INSERT INTO \`${table}\` VALUES (${places})`, values)
  }
}

async function withConnection<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await openConnection(url, { multipleStatements: true })
  try {
    return await work(connection)
  } finally {
    await connection.end()
  }
}
