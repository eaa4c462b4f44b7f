import { sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'

type Key = { customerKey: string; panelId: string }

export async function findPanelUser(
  prisma: PrismaClient,
  { customerKey, panelId }: Key,
): Promise<number | null> {
  const [row] = await prisma.$queryRaw<{ ptero_user_id: number }[]>(
    sql`SELECT ptero_user_id FROM panel_user WHERE customer_key = ${customerKey} AND panel_id = ${panelId}`,
  )
  return row?.ptero_user_id ?? null
}

export async function savePanelUser(
  prisma: PrismaClient,
  { customerKey, panelId, pteroUserId }: Key & { pteroUserId: number },
): Promise<void> {
  await prisma.$executeRaw(
    sql`INSERT INTO panel_user (customer_key, panel_id, ptero_user_id)
        VALUES (${customerKey}, ${panelId}, ${pteroUserId})
        ON DUPLICATE KEY UPDATE ptero_user_id = ${pteroUserId}`,
  )
}

export async function removePanelUser(prisma: PrismaClient, key: Key): Promise<void> {
  await prisma.panelUser.deleteMany({ where: key })
}
