import { join } from 'node:path'
import { migrate } from '@spawnpoint/database'
import type { Schema } from './databases.ts'
import { repositoryRoot } from './repository.ts'

/** Which service's migrations make which schema. */
export const migrationsOf: Record<Schema, string> = {
  billing: join(repositoryRoot, 'services/billing-gateway/prisma/migrations'),
  orders: join(repositoryRoot, 'services/order/prisma/migrations'),
  provisioner: join(repositoryRoot, 'services/provisioner/prisma/migrations'),
}

/** Brings every schema up to date; returns which migrations that took. */
export async function migrateAll(
  databases: Record<Schema, string>,
  log?: (line: string) => void,
): Promise<string[]> {
  const migrateOne = async (schema: Schema) => {
    const { applied } = await migrate({
      url: databases[schema],
      directory: migrationsOf[schema],
      ...(log ? { log } : {}),
    })
    return applied
  }
  return [
    ...(await migrateOne('billing')),
    ...(await migrateOne('orders')),
    ...(await migrateOne('provisioner')),
  ]
}
