import { isDatabaseAway } from '@spawnpoint/database'
import type { Logger } from '@spawnpoint/service-kit'
import { planRefund } from '../rules/plan-refund.ts'
import type { RefundRequest } from '../rules/refund-request.ts'
import { findStoredPayment } from '../store/payments.ts'
import { findDueRequest, noteRequest } from '../store/refund-attempts.ts'
import { readParts, type Sending } from './send-refund.ts'

type Options = Omit<Sending, 'leaseMs'> & { timeScale: number; log: Logger }

const againInMs = 3_600_000

/** Writes what would be done about the next due request into its note and the log, and sends nothing. */
export async function describeDueRefund(options: Options): Promise<number> {
  const { prisma, timeScale, log } = options
  const request = await findDueRequest(prisma)
  if (!request) return 0
  const note = `Dry run: ${await describe(options, request)}`
  await noteRequest(prisma, { id: request.id, note, againInMs: againInMs * timeScale })
  log.info({ order_id: request.orderId, refund_request_id: request.id }, note)
  return 1
}

async function describe(
  { prisma, stripe }: Options,
  { paymentId, ...request }: RefundRequest,
): Promise<string> {
  const payment = await findStoredPayment(prisma, paymentId)
  if (!payment) return `payment ${paymentId} is not known here yet.`
  try {
    const parts = await readParts(stripe, payment)
    const refunds = parts.flatMap((part) => part.refunds)
    const plan = planRefund({ paymentId, ...request }, payment, refunds, { isSplit: parts.length > 1 })
    if (plan.do === 'fail') return plan.why
    const subscription = payment.subscription_id ? `, and end subscription ${payment.subscription_id}` : ''
    return plan.do === 'create'
      ? `it would pay back ${plan.amount} ${request.currency} (minor units) of ${paymentId}${subscription}.`
      : `it would pay back nothing${subscription}: ${plan.note}`
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    return `The call to Stripe failed: ${error instanceof Error ? error.message : String(error)}`
  }
}
