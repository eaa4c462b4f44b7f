import { adapter } from '@spawnpoint/database'
import { type Owned, testDatabase } from '@spawnpoint/stack'
import { PrismaClient } from '../src/generated/client.ts'

/** A schema of the provisioner's with nothing in it, for what is tested without a service. */
export async function openOwnDatabase(cleanUp: Owned): Promise<PrismaClient> {
  const { url } = cleanUp.own(await testDatabase('provisioner'))
  const prisma = new PrismaClient({ adapter: adapter(url) })
  cleanUp.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  return prisma
}
