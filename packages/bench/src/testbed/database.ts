import { openConnection } from '@spawnpoint/database'

export type Database = AsyncDisposable & {
  query<Row>(statement: string, values?: unknown[]): Promise<Row[]>
  /** How many rows the statement changed or made. */
  execute(statement: string, values?: unknown[]): Promise<number>
  /** The same statement for each of these rows, all in one commit. */
  executeEach(statement: string, rows: unknown[][]): Promise<void>
}

/** The bench's own look at a schema, beside whoever is measured. */
export async function openDatabase(url: string): Promise<Database> {
  const connection = await openConnection(url, { bigIntAsNumber: true, timezone: 'Z' })
  return {
    query: (statement, values) => connection.query(statement, values),
    async execute(statement, values) {
      const { affectedRows }: { affectedRows: number } = await connection.query(statement, values)
      return affectedRows
    },
    async executeEach(statement, rows) {
      await connection.beginTransaction()
      await connection.batch(statement, rows)
      await connection.commit()
    },
    [Symbol.asyncDispose]: () => connection.end(),
  }
}
