import { isDatabaseAway } from '@spawnpoint/database'
import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { FetchedEvent } from '../rules/fetched-event.ts'
import type { RefundEnd, RefundMode, RefundRequest } from '../rules/refund-request.ts'
import { claimRefund, recordRefund } from '../store/refund-attempts.ts'
import { approveAll } from '../store/refund-requests.ts'
import { afterError } from './after-error.ts'
import { describeDueRefund } from './describe-due-refund.ts'
import { type Sending, sendRefund } from './send-refund.ts'

type Options = Omit<Sending, 'leaseMs'> & {
  mode: RefundMode
  perDay: number
  timeScale: number
  wakeProcessor: () => void
  log: Logger
}

/** Sends refunds, one request after the other. */
export function startRefunds(options: Options): Loop {
  const { timeScale, log } = options
  return startLoop({
    tick: () => refundOne(options),
    idleMs: Math.max(50, 5_000 * timeScale),
    onError: (err) => log.error({ err }, 'Sending refunds failed; retrying'),
  })
}

async function refundOne(options: Options): Promise<number> {
  const { prisma, mode, perDay, timeScale } = options
  if (mode === 'dry-run') return await describeDueRefund(options)
  if (mode === 'automatic') await approveAll(prisma)
  // Outlasts all calls of one attempt.
  const leaseMs = Math.max(5_000, 300_000 * timeScale)
  const request = await claimRefund(prisma, { perDay, leaseMs })
  if (!request) return 0
  await tryRefund({ ...options, leaseMs }, request)
  return 1
}

async function tryRefund(options: Options & { leaseMs: number }, request: RefundRequest): Promise<void> {
  const { prisma, timeScale, wakeProcessor, log } = options
  const fetched: FetchedEvent[] = []
  let end: RefundEnd | 'taken-over'
  try {
    end = await sendRefund(options, request, fetched)
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    end = afterError(error, request, timeScale)
  }
  if (end === 'taken-over') return
  await recordRefund(prisma, request, { end, fetched })
  wakeProcessor()
  report(log.child({ order_id: request.orderId, refund_request_id: request.id }), end)
}

function report(log: Logger, end: RefundEnd): void {
  if (end.status === 'done') log.info({ refund_id: end.refundId }, `Refund done: ${end.note}`)
  else if (end.status === 'failed') log.error(`Refund failed: ${end.error}`)
  else log.warn(`Refund not completed; retrying: ${end.error}`)
}
