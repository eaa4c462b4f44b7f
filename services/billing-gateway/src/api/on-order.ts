import type { AnyEvent } from '@spawnpoint/contracts'
import type { Transaction } from '@spawnpoint/database'
import type { Decide, Outcome } from '@spawnpoint/messaging'
import { addRefundRequests } from '../store/refund-requests.ts'

/** Of orders only one thing is of interest here: that their money is to go back. */
export const onOrder: Decide<Transaction> = async (tx, events) => {
  const outcomes = new Map<string, Outcome>()
  const requests: Parameters<typeof addRefundRequests>[1] = []
  for (const event of events) {
    if (!movesMoney(event)) {
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

export function movesMoney(event: AnyEvent): event is RefundRequested {
  return event.type === 'order.refund_requested'
}
