import { adapter } from '@spawnpoint/database'
import { PrismaClient } from '../generated/client.ts'

export type TablesClient = PrismaClient & AsyncDisposable

/** A Prisma client of the tables that every service has. */
export function openClient(
  url: string,
  { watch = (same) => same }: { watch?: <Adapter extends object>(adapter: Adapter) => Adapter } = {},
): TablesClient {
  const client = new PrismaClient({ adapter: watch(adapter(url, { connectionLimit: 6 })) })
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.$disconnect() })
}
