import type { RefundRequest, ServerState } from '@spawnpoint/contracts'
import { derivedId } from '@spawnpoint/messaging'
import type { Applied, Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { policyOf, reevaluateOrder } from './reevaluate-order.ts'

type Update = { server: ServerState; rules: Rules }

/** What becomes of a paid order whose server cannot be made, as its plan's policy says; null: a person decides. */
export function applyUndeliverable(order: Order, next: Order, { server, rules }: Update): Applied | null {
  if (!isNeverDelivered(order, next, server)) return null
  const { when_impossible: policy } = policyOf(rules, order.plan)
  const why = server.error_message ?? 'Its server cannot be made.'
  if (policy === 'hold') return null
  if (policy === 'refund') return paidBack(order, next, { why, rules })
  const tried = [...next.delivery.tried_regions, next.region]
  const region = policy.find((id) => !tried.includes(id))
  // A server of which something stands already is not made anywhere else.
  if (region === undefined || server.ptero_server_id !== null) return null
  const delivery = { ...next.delivery, tried_regions: tried, moving_to: region }
  return reevaluateOrder(order, { ...next, delivery }, { rules, note: `To the region ${region}: ${why}` })
}

/** The region is the next one as soon as nothing stands, or can still come, in the one before. */
export function moveToRegion(order: Order, next: Order, { server, rules }: Update): Applied | null {
  const { moving_to: region } = next.delivery
  if (region === null || server.status !== 'suspended') return null
  const delivery = { ...next.delivery, moving_to: null }
  // What came after all stays where it is.
  const moved = server.ptero_server_id === null ? { ...next, delivery, region } : { ...next, delivery }
  return reevaluateOrder(order, moved, { rules, note: `In the region ${moved.region} from now on` })
}

// Once a customer had it, nothing is deleted but by a person or for want of money; and who missed a word does not know.
function isNeverDelivered(order: Order, next: Order, server: ServerState): boolean {
  const { desired, billing_status, delivery } = next
  if (server.status !== 'failed' || desired !== 'running' || billing_status !== 'paid') return false
  return !delivery.delivered && server.version === order.server_version + 1
}

function paidBack(order: Order, next: Order, { why, rules }: { why: string; rules: Rules }): Applied {
  const refund_request = refundOf(next, why)
  const written = { ...next, refund_request, desired: 'terminated' } as const
  const note = `Ended: ${why}${refund_request ? ' Its money goes back.' : ''}`
  return reevaluateOrder(order, written, { rules, note })
}

function refundOf({ id, money, payment_id }: Order, why: string): RefundRequest | null {
  const payment = money.payments.find((one) => one.payment_id === payment_id)
  if (!payment) return null
  const { paid, refunded, refund_pending, collected } = payment
  const amount = (collected ?? paid.amount) - refunded - refund_pending
  if (amount <= 0) return null
  return {
    refund_request_id: derivedId(`${id}/${payment.payment_id}`, 'refund_request'),
    payment_id: payment.payment_id,
    amount: { amount, currency: paid.currency },
    reason: why.slice(0, 500),
  }
}
