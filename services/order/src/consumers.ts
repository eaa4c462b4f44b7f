import type { ConsumerDefinition, Decide } from '@spawnpoint/messaging'
import { onBilling } from './money/on-billing.ts'
import { onServer } from './server/on-server.ts'
import type { Tx } from './tx.ts'

/** What this service hears, and who decides about it. */
export const consumers: ConsumerDefinition<Tx>[] = [
  { name: 'order-billing', stream: 'BILLING', decide: onBilling },
  { name: 'order-server', stream: 'SERVER', decide: onServer },
]

/** Events of both streams that waited for an order. */
export const onParked: Decide<Tx> = async (tx, events, now) => {
  const servers = events.filter(({ type }) => type.startsWith('server.'))
  const ofMoney = events.filter((event) => !servers.includes(event))
  return new Map([...(await onBilling(tx, ofMoney, now)), ...(await onServer(tx, servers, now))])
}
