import { createPool, type Pool, type PoolConfig, type PoolConnection } from 'mariadb'
import { explain } from './open-connection.ts'
import { noteRefusal } from './refusals.ts'

type Query = Pool['query']

/**
 * A pool whose sessions each begin with these statements. The driver's own `initSql` would do that too, but a connection that
 * breaks or is late in the midst of it is a rejection that nobody can catch, which ends the process.
 */
export function openPool(config: PoolConfig, everySession: readonly string[], url: string): Pool {
  const pool = createPool(config)
  const takeOne = pool.getConnection.bind(pool)
  const take = () => takeOne().catch(explain)
  const fresh = new Set<unknown>()
  pool.on('connection', ({ threadId }) => void fresh.add(threadId))

  async function getConnection(): Promise<PoolConnection> {
    const connection = await take()
    if (fresh.delete(connection.threadId)) await begin(connection, everySession)
    const send = withoutEmptyValues(connection.query.bind(connection))
    return Object.assign(connection, { query: noting(send, url) })
  }

  async function query(...statement: Parameters<Query>): Promise<unknown> {
    const connection = await getConnection()
    try {
      return await connection.query(...statement)
    } finally {
      await connection.release()
    }
  }

  return Object.assign(pool, { getConnection, query: query as Query })
}

async function begin(connection: PoolConnection, everySession: readonly string[]): Promise<void> {
  try {
    for (const statement of everySession) await connection.query(statement)
  } catch (error) {
    connection.destroy()
    throw error
  }
}

/**
 * The driver looks for placeholders byte by byte in every statement that comes with a list of values, and Prisma gives it one
 * always. Where the list is empty it is left out: the lists that we write out ourselves are hundreds of kilobytes long.
 */
function withoutEmptyValues(query: Query): Query {
  return (sql, values) => (Array.isArray(values) && values.length === 0 ? query(sql) : query(sql, values))
}

/** What the server refuses to store is noted, for health: a small write may be taken where a longer one is not. */
function noting(query: Query, url: string): Query {
  return (sql, values) => {
    const sent = query(sql, values)
    sent.catch((error: unknown) => noteRefusal(url, error))
    return sent
  }
}
