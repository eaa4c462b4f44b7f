import { againAfterRaces, mysqlOptions } from '@spawnpoint/database'
import { createConnection } from 'mariadb'

/** One statement in a service's schema, beside the running service: when it loses against that one it runs again. */
export async function inMysql<Result = unknown>(
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<Result> {
  const connection = await createConnection(mysqlOptions(url))
  try {
    return await againAfterRaces(() => connection.query<Result>(statement, values))
  } finally {
    await connection.end()
  }
}
