import type { StreamName } from '@spawnpoint/contracts'
import type { Decide } from '@spawnpoint/messaging'
import { onBilling } from './money/on-billing.ts'
import { onServer } from './on-server.ts'
import type { Tx } from './orders.ts'

/** What this service hears, and who decides about it. */
export const consumers: { name: string; stream: StreamName; decide: Decide<Tx> }[] = [
  { name: 'order-billing', stream: 'BILLING', decide: onBilling },
  { name: 'order-server', stream: 'SERVER', decide: onServer },
]

/** Events of both streams that waited for an order. */
export const onParked: Decide<Tx> = async (tx, events, now) => {
  const payments = events.filter(({ type }) => type.startsWith('payment.'))
  const servers = events.filter(({ type }) => type.startsWith('server.'))
  return new Map([...(await onBilling(tx, payments, now)), ...(await onServer(tx, servers, now))])
}
