import type { AnyEvent } from '@spawnpoint/contracts'
import type { Transaction } from '@spawnpoint/database'
import type { ConsumerDefinition, Outcome } from '@spawnpoint/messaging'
import { addRefundRequests } from '../store/refund-requests.ts'

/** Every stream that this service consumes. */
export const consumers: ConsumerDefinition<Transaction>[] = [
  { name: 'billing-order', stream: 'ORDER', accepts: isRefundRequest, decide: onOrder },
]

/** Of all order events only refund requests matter here. */
async function onOrder(tx: Transaction, events: AnyEvent[]): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  const requests: Parameters<typeof addRefundRequests>[1] = []
  for (const event of events) {
    if (!isRefundRequest(event)) {
      outcomes.set(event.id, { outcome: 'ignored', reason: 'moves_no_money' })
      continue
    }
    const { refund_request: request, order_id: orderId } = event.data
    if (request) requests.push({ ...request, orderId })
    outcomes.set(event.id, request ? { outcome: 'done' } : { outcome: 'ignored', reason: 'no_request' })
  }
  await addRefundRequests(tx, requests)
  return outcomes
}

type RefundRequested = Extract<AnyEvent, { type: 'order.refund_requested' }>

function isRefundRequest(event: AnyEvent): event is RefundRequested {
  return event.type === 'order.refund_requested'
}
