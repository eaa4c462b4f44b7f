import { mysqlOptions, type Sql, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { type Connection, createPool } from 'mariadb'

export type RawClient = Transaction & TransactionClient<Transaction> & AsyncDisposable

/** What the messaging needs of a Prisma client, without a schema. */
export function openClient(url: string): RawClient {
  const pool = createPool({
    ...mysqlOptions(url),
    connectionLimit: 6,
    acquireTimeout: 2_000,
    connectTimeout: 1_000,
    // A Date among the parameters.
    timezone: 'Z',
  })
  return {
    ...on(pool),
    async $transaction(work) {
      const connection = await pool.getConnection()
      try {
        await connection.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
        await connection.beginTransaction()
        const result = await work(on(connection))
        await connection.commit()
        return result
      } catch (error) {
        await connection.rollback().catch(() => {})
        throw error
      } finally {
        await connection.release()
      }
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

function on(connection: Pick<Connection, 'query'>): Transaction {
  return {
    $executeRaw: async (query: Sql) => (await connection.query(query.sql, query.values)).affectedRows,
    $queryRaw: (query: Sql) => connection.query(query.sql, query.values),
  }
}
