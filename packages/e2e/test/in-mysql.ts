import { againAfterRaces, openConnection } from '@spawnpoint/database'

/** One statement in a service's schema, beside the running service: when it loses against that one it runs again. */
export async function inMysql<Result = unknown>(
  url: string,
  statement: string,
  values: unknown[] = [],
): Promise<Result> {
  const connection = await openConnection(url)
  try {
    return await againAfterRaces(() => connection.query<Result>(statement, values))
  } finally {
    await connection.end()
  }
}
