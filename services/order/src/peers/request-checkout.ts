import { type Checkout, type CreateCheckout, createCheckout } from '@spawnpoint/contracts'
import { ask, type Nats, RequestRefused } from '@spawnpoint/messaging'
import { type Logger, Problem } from '@spawnpoint/service-kit'
import type { Order as Row } from '../generated/client.ts'

type Context = { nats: Nats; answerWithinMs: number; log: Logger }

/** The page where the buyer pays: the gateway gives the same one for as long as it is open. */
export async function requestOrderCheckout(
  context: Context,
  order: Row,
  plan: { name: string; interval: 'month' | 'year' | null },
): Promise<Checkout> {
  const request = {
    order_id: order.id,
    product_name: plan.name,
    price: { amount: Number(order.amount), currency: order.currency },
    interval: plan.interval,
    customer_email: order.customerEmail,
    metadata: { order_id: order.id, plan: order.plan, region: order.region },
  }
  return await requestCheckout(context, request, problemOf)
}

/** Refusals are thrown as the problem that `toProblem` makes of them. */
export async function requestCheckout(
  { nats, answerWithinMs, log }: Context,
  request: CreateCheckout,
  toProblem: (id: string, refusal: RequestRefused) => Problem,
): Promise<Checkout> {
  try {
    return await ask({ nats, contract: createCheckout, timeoutMs: answerWithinMs, request })
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    log.warn({ err: error, orderId: request.order_id }, 'The checkout could not be made')
    throw toProblem(request.order_id, error)
  }
}

export function alreadyPaid(id: string): Problem {
  return new Problem(409, 'order_already_paid', `Order ${id} is already paid, or its payment is under way.`)
}

function problemOf(id: string, { code, message }: RequestRefused): Problem {
  switch (code) {
    case 'already_paid':
      return alreadyPaid(id)
    case 'order_differs':
      return new Problem(
        409,
        'plan_changed',
        `The plan of order ${id} has changed since its checkout was made. Place a new order with a new Idempotency-Key.`,
      )
    case 'stripe_refused':
      return new Problem(
        422,
        'checkout_refused',
        `Order ${id} is kept, but its checkout cannot be made. ${message} Correct the customer or the plan, and place a new order with a new Idempotency-Key.`,
      )
    default:
      return new Problem(
        503,
        'checkout_unavailable',
        `Order ${id} is kept, but its checkout could not be made (${code}: ${message}). Send the same request with the same Idempotency-Key again.`,
        { retryAfterSeconds: 2 },
      )
  }
}
