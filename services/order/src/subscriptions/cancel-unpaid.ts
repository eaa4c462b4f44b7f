import { expireCheckout } from '@spawnpoint/contracts'
import { ask, RequestRefused } from '@spawnpoint/messaging'
import { Problem } from '@spawnpoint/service-kit'
import type { Applied } from '../rules/order/decision.ts'
import type { Order } from '../rules/order/order.ts'
import { type SubscriptionContext, writeOrder } from './write-order.ts'

type Asked = { id: string; by: string }

/**
 * Cancels an order before it is paid: its checkout is closed at Stripe first, so that a payment of the same moment either comes
 * first and refuses the cancellation, or cannot be made any more. The provisioner releases its reservation with the order's event.
 */
export async function cancelUnpaid(context: SubscriptionContext, asked: Asked): Promise<void> {
  await closeCheckout(context, asked.id)
  await writeOrder(context, { ...asked, what: 'cancel' }, cancelled)
}

async function closeCheckout({ nats, answerWithinMs, log }: SubscriptionContext, id: string): Promise<void> {
  try {
    await ask({ nats, contract: expireCheckout, request: { order_id: id }, timeoutMs: answerWithinMs })
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    log.warn({ err: error, orderId: id }, 'The checkout of an unpaid order could not be closed')
    if (error.code === 'checkout_completed') throw paymentUnderWay(id)
    throw new Problem(
      503,
      'stripe_unavailable',
      `Order ${id} is not cancelled: its checkout could not be closed (${error.code}: ${error.message}). Send the same request again in a moment.`,
      { retryAfterSeconds: 5 },
    )
  }
}

function cancelled(order: Order): Applied | null {
  if (order.billing_status !== 'unpaid' || (order.status === 'pending' && order.payment_id !== null))
    throw paymentUnderWay(order.id)
  if (order.status === 'cancelled') return null
  const note = 'Cancelled before it was paid'
  const next = { ...order, status: 'cancelled', error_message: note, version: order.version + 1 } as const
  return { kind: 'apply', event: 'order.changed', note, order: next }
}

function paymentUnderWay(id: string): Problem {
  return new Problem(
    409,
    'payment_under_way',
    `Order ${id} stays as it is: its buyer has completed the checkout. Wait until its payment is known, then cancel the order again.`,
  )
}
