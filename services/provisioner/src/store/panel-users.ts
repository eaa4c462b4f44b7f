import { againAfterRaces, sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { UserOwner } from '../rules/panel-user.ts'

type Key = { customerKey: string; panelId: string }

export async function findPanelUser(
  prisma: PrismaClient,
  { customerKey, panelId }: Key,
): Promise<{ pteroUserId: number; uuid: string | null } | null> {
  return await prisma.panelUser.findUnique({ where: { customerKey_panelId: { customerKey, panelId } } })
}

/** An empty uuid: whoever has that number, an operator has said so. */
export async function savePanelUser(
  prisma: PrismaClient,
  { pteroUserId, uuid, email, ...key }: Key & { pteroUserId: number; uuid: string; email: string },
): Promise<void> {
  // Two at once both find none, and both create it.
  await againAfterRaces(() =>
    prisma.panelUser.upsert({
      where: { customerKey_panelId: key },
      create: { ...key, pteroUserId, uuid, email },
      update: { pteroUserId, uuid, email },
    }),
  )
}

/** The customers who own servers as this user, the asking one among them. */
export async function ownersOfUser(
  prisma: PrismaClient,
  user: { panelId: string; pteroUserId: number },
): Promise<UserOwner[]> {
  return await prisma.panelUser.findMany({ where: user, select: { customerKey: true, email: true } })
}

/** The users whom several customers own servers as, unless all of these are known to have one address. */
export async function sharedUsers(prisma: PrismaClient, panelId: string): Promise<number[]> {
  const rows = await prisma.$queryRaw<{ ptero_user_id: number }[]>(
    sql`SELECT ptero_user_id FROM panel_user WHERE panel_id = ${panelId} GROUP BY ptero_user_id
        HAVING COUNT(*) > 1 AND (COUNT(email) < COUNT(*) OR COUNT(DISTINCT email) > 1)
        ORDER BY ptero_user_id LIMIT 20`,
  )
  return rows.map(({ ptero_user_id }) => ptero_user_id)
}

export async function removePanelUser(prisma: PrismaClient, key: Key): Promise<void> {
  await prisma.panelUser.deleteMany({ where: key })
}
