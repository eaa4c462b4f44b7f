import { holdInterval, type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { ReconcileDeps } from './extent.ts'
import { reconcile } from './reconcile.ts'
import type { RepairDeps } from './repairs.ts'
import { repairLately } from './self-repair.ts'

/** Reconciles once in each interval, whichever replica comes first. */
export function startReconciling({
  intervalMs,
  wake,
  log,
  ...deps
}: ReconcileDeps & { intervalMs: number; wake: () => void; log: Logger }): Loop {
  return startLoop({
    tick: async () => {
      if (!(await holdInterval(deps.prisma, { name: 'reconcile', intervalMs }))) return 0
      const reconciled = await reconcile(deps)
      if (reconciled.told > 0) log.warn(reconciled, 'Stripe, the orders and the panel disagree')
      if (reconciled.told + reconciled.over > 0) wake()
      return 0
    },
    idleMs: Math.max(1_000, intervalMs / 10),
    onError: (error) => log.warn({ err: error }, 'Reconciliation failed; retrying later'),
  })
}

/** How far back each run reaches, in intervals: a shorter outage is repaired completely. */
const runsBack = 12

/** Repairs what can be repaired without a person, every few minutes; null: never. */
export function startSelfRepair({
  intervalMs,
  ...deps
}: ReconcileDeps & RepairDeps & { intervalMs: number | null }) {
  if (intervalMs === null) return { stop: async () => {}, repaired: () => ({}) }
  const repairing = repairLately({ ...deps, lookBackMs: intervalMs * runsBack })
  const loop = startLoop({
    tick: async () =>
      (await holdInterval(deps.prisma, { name: 'self-repair', intervalMs })) ? await repairing.tick() : 0,
    idleMs: Math.max(1_000, intervalMs / 10),
    onError: (error) => deps.log.warn({ err: error }, 'Self-repair failed; retrying later'),
  })
  return { stop: loop.stop, repaired: repairing.repaired }
}
