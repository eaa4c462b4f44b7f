import { holdInterval, type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel/main-panel.ts'
import { type SweepDeps, sweepDrifts } from './sweep-drifts.ts'

/** Sweeps a panel once in each interval, whichever replica comes first; the first time an interval after the first start. */
export function startSweeping({
  panelId,
  intervalMs,
  log,
  ...deps
}: SweepDeps & { prisma: PrismaClient; panelId: string; intervalMs: number; log: Logger }): Loop {
  const name = panelId === mainPanel ? 'drift-sweep' : `drift-sweep/${panelId}`

  return startLoop({
    tick: async () => {
      if (!(await holdInterval(deps.prisma, { name, intervalMs }))) return 0
      const swept = await sweepDrifts(deps, panelId)
      if (swept.told > 0) log.warn({ panel: panelId, ...swept }, 'The panel and the orders do not agree')
      return 0
    },
    idleMs: Math.max(1_000, intervalMs / 10),
    onError: (error) =>
      log.warn({ err: error, panel: panelId }, 'The panel could not be swept; trying again later'),
  })
}
