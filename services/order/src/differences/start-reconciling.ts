import { holdInterval, type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { ReconcileDeps } from './extent.ts'
import { reconcile } from './reconcile.ts'
import { repairLately } from './repair-lately.ts'
import type { RepairDeps } from './repairs.ts'

/** Reconciles once in each interval, whichever replica comes first. */
export function startReconciling({
  intervalMs,
  wakeRelay,
  log,
  ...deps
}: ReconcileDeps & { intervalMs: number; wakeRelay: () => void; log: Logger }): Loop {
  return startLoop({
    tick: async () => {
      if (!(await holdInterval(deps.prisma, { name: 'reconcile', intervalMs }))) return 0
      const reconciled = await reconcile(deps)
      if (reconciled.told > 0) log.warn(reconciled, 'Stripe, the orders and the panel do not agree')
      if (reconciled.told + reconciled.over > 0) wakeRelay()
      return 0
    },
    idleMs: Math.max(1_000, intervalMs / 10),
    onError: (error) => log.warn({ err: error }, 'Nothing could be reconciled; trying again later'),
  })
}

/** How far back each run reaches, in intervals: whoever was away for less is repaired by them. */
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
    onError: (error) =>
      deps.log.warn({ err: error }, 'Discrepancies could not be looked for; retrying later'),
  })
  return { stop: loop.stop, repaired: repairing.repaired }
}
