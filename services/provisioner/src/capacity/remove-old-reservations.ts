import type { Transaction } from '@spawnpoint/database'
import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { forgetOldClaims } from '../store/reservations.ts'

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
