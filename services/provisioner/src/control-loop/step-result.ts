import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { PanelError } from '../panel-types/panel-error.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import { isInDoubt, type Server } from '../rules/server.ts'
import { blocked, failed, panelFailed, type Transition } from '../rules/transitions.ts'
import { removeReservation } from '../store/reservations.ts'

/** What a step came to: the server as it is now, and what is to be recorded of it. Without a change the next step follows at once. */
export type StepResult = {
  server: Server
  change?: Transition
  /** Called once the change is recorded, or was not because the order or the lease has changed: then with null. */
  afterwards?: (saved: Server | null) => void | Promise<void>
}

type Deps = { prisma: PrismaClient; timeScale: number; log: Logger }

/** `inDoubtBefore`: until when a call may still be carried out that was unanswered before this one. */
export async function panelFailure(
  deps: Deps,
  server: Server,
  { error, inDoubtBefore, now }: { error: PanelError; inDoubtBefore: Date | null; now: Date },
): Promise<{ server: Server; change: Transition }> {
  const errorClass = classifyError(error)
  deps.log.warn(
    { orderId: server.order_id, class: errorClass.class, attempts: server.attempts, problem: error.message },
    'Panel call failed',
  )
  // Where the panel has answered, only what was unanswered before may still be carried out.
  const unknown_until = errorClass.kind === 'recheck' ? server.unknown_until : inDoubtBefore
  const isSettled = !isInDoubt({ unknown_until: inDoubtBefore }, now)
  if (isSettled && errorClass.class === 'allocation_taken')
    await removeReservation(deps.prisma, server.order_id)
  const retryAfterMs = (error.retryAfterMs ?? 0) / deps.timeScale
  // What is to be suspended or deleted is asked for until it is.
  const isFinal = isSettled && errorClass.kind === 'permanent' && server.desired === 'running'
  // Its customer has it, only the change is refused: it goes on as it is.
  const isKept = server.status === 'provisioned' || server.status === 'suspended'
  const refused = isKept ? blocked(server, errorClass) : failed(errorClass)
  return {
    server: { ...server, unknown_until },
    change: isFinal ? refused : panelFailed(server, errorClass, { retryAfterMs }),
  }
}
