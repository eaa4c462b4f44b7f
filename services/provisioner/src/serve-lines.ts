import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { endReservations } from './reservations.ts'
import { type LineDeps, serveLine } from './serve-line.ts'
import { clearLine, regionsInLine } from './waiting-line.ts'

const sweepMs = 30_000

/** Serves all who wait: when there may be room, and by itself for what was changed by hand on the panel. */
export function startServingLines(
  deps: LineDeps & { timeScale: number; wakeReconciler: () => void; log: Logger },
): Loop {
  const { prisma, view, timeScale, wakeReconciler, log } = deps

  async function tick(): Promise<number> {
    await endReservations(prisma)
    const regions = await regionsInLine(prisma)
    if (regions.length === 0) return 0
    await clearLine(prisma)
    for (const region of regions) await serveLine(deps, region)
    wakeReconciler()
    return 0
  }

  const loop = startLoop({
    tick,
    idleMs: sweepMs * timeScale,
    onError: (error) =>
      log.warn({ err: error }, 'Serving those who wait for a place failed; it is tried again'),
  })
  return {
    wake: () => {
      view.forget()
      loop.wake()
    },
    stop: loop.stop,
  }
}
