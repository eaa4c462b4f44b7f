import { randomBytes } from 'node:crypto'
import { openConnection } from '@spawnpoint/database'
import type { Owned, Schema } from '@spawnpoint/stack'
import type { Connection } from 'mariadb'
import type { SalePath } from '../sale-path/open-sale-path.ts'
import type { Database } from '../testbed/database.ts'

type Row = Record<string, unknown>

const copied = {
  billing: ['stripe_event', 'payment', 'outbox'],
  orders: ['inbox', 'orders', 'order_history', 'outbox'],
  provisioner: ['inbox', 'server', 'panel_user', 'allocation_claim', 'outbox'],
} as const satisfies Record<Schema, string[]>

/** Empty copies of the services' tables in a schema of their own, and writes to them without anything in between. */
export async function openBareTables({ mysql, databases }: SalePath, started: Owned) {
  const connection = await openConnection(mysql.adminUrl)
  const schema = `bench_floor_${randomBytes(3).toString('hex')}`
  await connection.query(`CREATE DATABASE ${schema}`)
  started.own({
    [Symbol.asyncDispose]: async () => {
      await connection.query(`DROP DATABASE ${schema}`)
      await connection.end()
    },
  })
  await connection.query(`USE ${schema}`)
  const models = new Map<string, Row>()
  for (const of of ['billing', 'orders', 'provisioner'] as const)
    for (const table of copied[of])
      models.set(`${of}_${table}`, await copyTable(connection, databases[of], of, table))

  const model = (name: string) => {
    const row = models.get(name)
    if (!row) throw new Error(`${name} was not copied`)
    return row
  }
  return {
    /** A row like the services' own, but for these values. */
    async insert(of: Schema, table: string, values: Row): Promise<void> {
      const row = { ...model(`${of}_${table}`), ...values }
      const columns = Object.keys(row).map(quoted)
      await connection.execute(
        `INSERT INTO ${of}_${table} (${columns.join()}) VALUES (${columns.map(() => '?').join()})`,
        Object.values(row),
      )
    },
    /** Of the row with this key. */
    async update(of: Schema, table: string, key: Row, values: Row): Promise<void> {
      const written = await connection.execute(
        `UPDATE ${of}_${table} SET ${assignments(values).join()} WHERE ${assignments(key).join(' AND ')}`,
        [...Object.values(values), ...Object.values(key)],
      )
      if (written.affectedRows !== 1)
        throw new Error(`${written.affectedRows} rows of ${of}_${table} were written`)
    },
    async commit(work: () => Promise<void>): Promise<void> {
      await connection.beginTransaction()
      await work()
      await connection.commit()
    },
    envelopes: {
      payment: String(model('billing_outbox').envelope),
      order: String(model('orders_outbox').envelope),
      server: String(model('provisioner_outbox').envelope),
    },
  }
}

/** Gives one of its rows, without what the database counts up by itself. */
async function copyTable(connection: Connection, source: Database, of: Schema, table: string): Promise<Row> {
  const [home] = await source.query<{ name: string }>('SELECT DATABASE() AS name')
  await connection.query(`CREATE TABLE ${of}_${table} LIKE \`${home?.name}\`.${table}`)
  const [row] = await source.query<Row>(`SELECT * FROM ${table} LIMIT 1`)
  if (!row) throw new Error(`${table} of ${of} has no row to copy`)
  const counted: { column: string }[] = await connection.query(
    `SELECT column_name AS \`column\` FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name = ? AND extra LIKE '%auto_increment%'`,
    [`${of}_${table}`],
  )
  const left = new Set(counted.map(({ column }) => column))
  return Object.fromEntries(Object.entries(row).filter(([column]) => !left.has(column)))
}

function assignments(values: Row): string[] {
  return Object.keys(values).map((column) => `${quoted(column)} = ?`)
}

function quoted(column: string): string {
  return `\`${column}\``
}
