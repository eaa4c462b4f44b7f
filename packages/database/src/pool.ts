import { createPool, type Pool, type PoolConfig } from 'mariadb'

/**
 * The driver looks for placeholders byte by byte in every statement that comes with a list of values, and Prisma gives it one
 * always. Where the list is empty it is left out: the lists that we write out ourselves are hundreds of kilobytes long.
 */
export function openPool(config: PoolConfig): Pool {
  const pool = createPool(config)
  const getConnection = pool.getConnection.bind(pool)
  return Object.assign(pool, {
    query: withoutEmptyValues(pool.query.bind(pool)),
    async getConnection() {
      const connection = await getConnection()
      return Object.assign(connection, { query: withoutEmptyValues(connection.query.bind(connection)) })
    },
  })
}

function withoutEmptyValues(query: Pool['query']): Pool['query'] {
  return (sql, values) => (Array.isArray(values) && values.length === 0 ? query(sql) : query(sql, values))
}
