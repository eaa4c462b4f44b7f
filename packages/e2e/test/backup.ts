import { mysqlOptions, openConnection } from '@spawnpoint/database'
import type { Connection } from 'mariadb'

type Rows = Record<string, unknown>[]

/** A copy of a service's schema, as a dump would have it, beside the schema itself; `restore` puts it back in its place. */
export async function backUp(adminUrl: string, serviceUrl: string) {
  const schema = mysqlOptions(serviceUrl).database ?? ''
  const copy = `${schema}_backup`
  await withAdmin(adminUrl, async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${copy}`)
    await admin.query(`CREATE DATABASE ${copy}`)
    await copyTables(admin, schema, copy)
  })
  return {
    restore: () =>
      withAdmin(adminUrl, async (admin) => {
        for (const table of await tablesOf(admin, schema)) await admin.query(`DROP TABLE ${schema}.${table}`)
        await copyTables(admin, copy, schema)
      }),
    [Symbol.asyncDispose]: () =>
      withAdmin(adminUrl, async (admin) => void (await admin.query(`DROP DATABASE ${copy}`))),
  }
}

/** The rows of some tables, without the columns that are named, in an order of their own. */
export async function rowsOf(
  serviceUrl: string,
  tables: Record<string, string[]>,
): Promise<Record<string, Rows>> {
  return await withAdmin(serviceUrl, async (connection) => {
    const found: Record<string, Rows> = {}
    for (const [table, left] of Object.entries(tables)) {
      const rows: Rows = await connection.query(`SELECT * FROM ${table}`)
      const shown = rows.map((row) => {
        const kept = Object.entries(row).filter(([column]) => !left.includes(column))
        return Object.fromEntries(
          kept.map(([column, value]) => [column, isJson(value) ? inOrder(JSON.parse(value)) : value]),
        )
      })
      found[table] = shown.sort((a, b) => (JSON.stringify(a, text) < JSON.stringify(b, text) ? -1 : 1))
    }
    return found
  })
}

function isJson(value: unknown): value is string {
  return typeof value === 'string' && /^[[{]/.test(value)
}

// The same, in whatever order it was written.
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (value === null || typeof value !== 'object') return value
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, inner]) => [name, inOrder(inner)]))
}

function text(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

async function copyTables(admin: Connection, from: string, to: string): Promise<void> {
  for (const table of await tablesOf(admin, from)) {
    await admin.query(`CREATE TABLE ${to}.${table} LIKE ${from}.${table}`)
    await admin.query(`INSERT INTO ${to}.${table} SELECT * FROM ${from}.${table}`)
  }
}

async function tablesOf(admin: Connection, schema: string): Promise<string[]> {
  const rows: { name: string }[] = await admin.query(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
    [schema],
  )
  return rows.map(({ name }) => name)
}

async function withAdmin<T>(url: string, work: (admin: Connection) => Promise<T>): Promise<T> {
  const admin = await openConnection(url)
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}
