import { againAfterRaces, join, sql, type Transaction } from '@spawnpoint/database'
import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'

/** Of a server that is long on the panel nothing needs to be remembered, but the ports it was made with until it is installed. */
export async function forgetOldClaims(db: Transaction): Promise<number> {
  const isOld = sql`on_panel_at < UTC_TIMESTAMP(3) - INTERVAL 300 SECOND
    AND order_id NOT IN (SELECT order_id FROM server WHERE status = 'provisioning')`
  // Found without a lock and removed by their orders: nobody who claims a place waits for those that stay.
  const old = await db.$queryRaw<{ order_id: string }[]>(
    sql`SELECT DISTINCT order_id FROM allocation_claim WHERE ${isOld} LIMIT 1000`,
  )
  if (old.length === 0) return 0
  const orders = join(old.map(({ order_id }) => order_id).toSorted())
  return await againAfterRaces(() =>
    db.$executeRaw(sql`DELETE FROM allocation_claim WHERE order_id IN (${orders}) AND ${isOld}`),
  )
}

export function startForgettingClaims({
  prisma,
  timeScale,
  log,
}: {
  prisma: Transaction
  timeScale: number
  log: Logger
}): Loop {
  return startLoop({
    tick: () => forgetOldClaims(prisma),
    idleMs: 60_000 * timeScale,
    onError: (error) => log.warn({ err: error }, 'Old claims could not be forgotten; it is tried again'),
  })
}
