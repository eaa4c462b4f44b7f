import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { PanelError } from '../panel-types/panel-error.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import { mayStillLand, type Server } from '../rules/server.ts'
import { failed, troubled } from '../rules/transitions.ts'
import { dropClaim } from '../store/reservations.ts'
import { recordServer } from '../store/server-changes.ts'

type Deps = { prisma: PrismaClient; timeScale: number; log: Logger }

/** `unknownBefore`: until when a call may still be carried out that was unanswered before this one. */
export async function recordTrouble(
  deps: Deps,
  server: Server,
  { error, unknownBefore, now }: { error: PanelError; unknownBefore: Date | null; now: Date },
): Promise<void> {
  const verdict = classifyError(error)
  deps.log.warn(
    { orderId: server.order_id, class: verdict.class, attempts: server.attempts, problem: error.message },
    'The panel did not do it',
  )
  // Where the panel has answered, only what was unanswered before may still land.
  const unknown = verdict.kind === 'look-again' ? server.unknown_until : unknownBefore
  const isSettled = !mayStillLand({ unknown_until: unknownBefore }, now)
  if (isSettled && verdict.class === 'allocation_taken') await dropClaim(deps.prisma, server.order_id)
  const retryAfterMs = (error.retryAfterMs ?? 0) / deps.timeScale
  // What is to stand still or to go is asked for until it does.
  const isFinal = isSettled && verdict.kind === 'permanent' && server.desired === 'running'
  await recordServer(
    deps,
    { ...server, unknown_until: unknown },
    isFinal ? failed(verdict) : troubled(server, verdict, { retryAfterMs }),
  )
}
