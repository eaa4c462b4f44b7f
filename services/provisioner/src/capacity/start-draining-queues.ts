import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { clearLine, regionsInLine } from '../store/provisioning-queue.ts'
import { endReservations } from '../store/reservations.ts'
import { type LineDeps, serveLine } from './drain-queue.ts'

const sweepMs = 30_000

/** Serves all who wait on a panel: when there may be room, and by itself for what was changed by hand there. */
export function startServingLines(
  deps: LineDeps & { panelId: string; timeScale: number; wakeReconciler: () => void; log: Logger },
): Loop {
  const { prisma, panelId, timeScale, wakeReconciler, log } = deps

  async function tick(): Promise<number> {
    await endReservations(prisma)
    const regions = await regionsInLine(prisma, panelId)
    if (regions.length === 0) return 0
    await clearLine(prisma)
    for (const region of regions) await serveLine(deps, region)
    wakeReconciler()
    return 0
  }

  return startLoop({
    tick,
    idleMs: sweepMs * timeScale,
    onError: (error) =>
      log.warn(
        { err: error, panel: panelId },
        'Serving those who wait for a place failed; it is tried again',
      ),
  })
}
