import type { Decide, Hearing } from '@spawnpoint/messaging'
import type { Tx } from '../store/tx.ts'
import { onBilling } from './on-billing.ts'
import { onServer } from './on-server.ts'

/** What this service hears, and who decides about it. */
export const consumers: Hearing<Tx>[] = [
  { name: 'order-billing', stream: 'BILLING', decide: onBilling },
  { name: 'order-server', stream: 'SERVER', decide: onServer },
]

/** Events of both streams that waited for an order. */
export const onParked: Decide<Tx> = async (tx, events, now) => {
  const servers = events.filter(({ type }) => type.startsWith('server.'))
  const ofMoney = events.filter((event) => !servers.includes(event))
  return new Map([...(await onBilling(tx, ofMoney, now)), ...(await onServer(tx, servers, now))])
}
