import type { Transaction } from '@spawnpoint/database'
import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { removeOldReservations } from '../store/reservations.ts'

export function startRemovingReservations({
  prisma,
  timeScale,
  log,
}: {
  prisma: Transaction
  timeScale: number
  log: Logger
}): Loop {
  return startLoop({
    tick: () => removeOldReservations(prisma),
    idleMs: 60_000 * timeScale,
    onError: (error) => log.warn({ err: error }, 'Removing old reservations failed; retrying'),
  })
}
