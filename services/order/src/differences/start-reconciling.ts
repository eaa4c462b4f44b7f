import { type Loop, startLoop, takeTurn } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { type ReconcileDeps, reconcile } from './reconcile.ts'

/** Reconciles once in each interval, whichever replica comes first. */
export function startReconciling({
  intervalMs,
  wakeRelay,
  log,
  ...deps
}: ReconcileDeps & { intervalMs: number; wakeRelay: () => void; log: Logger }): Loop {
  return startLoop({
    tick: async () => {
      if (!(await takeTurn(deps.prisma, { name: 'reconcile', intervalMs }))) return 0
      const reconciled = await reconcile(deps)
      if (reconciled.told > 0) log.warn(reconciled, 'Stripe, the orders and the panel do not agree')
      if (reconciled.told + reconciled.over > 0) wakeRelay()
      return 0
    },
    idleMs: Math.max(1_000, intervalMs / 10),
    onError: (error) => log.warn({ err: error }, 'Nothing could be reconciled; trying again later'),
  })
}
