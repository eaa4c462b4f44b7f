import { againAfterRaces } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'

type Key = { customerKey: string; panelId: string }

export async function findPanelUser(
  prisma: PrismaClient,
  { customerKey, panelId }: Key,
): Promise<number | null> {
  const row = await prisma.panelUser.findUnique({ where: { customerKey_panelId: { customerKey, panelId } } })
  return row?.pteroUserId ?? null
}

export async function savePanelUser(
  prisma: PrismaClient,
  { pteroUserId, ...key }: Key & { pteroUserId: number },
): Promise<void> {
  // Two at once both find none, and both create it.
  await againAfterRaces(() =>
    prisma.panelUser.upsert({
      where: { customerKey_panelId: key },
      create: { ...key, pteroUserId },
      update: { pteroUserId },
    }),
  )
}

export async function removePanelUser(prisma: PrismaClient, key: Key): Promise<void> {
  await prisma.panelUser.deleteMany({ where: key })
}
