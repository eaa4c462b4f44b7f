import type { StreamName } from '@spawnpoint/contracts'
import type { Decide } from '@spawnpoint/messaging'
import { onBilling } from './on-billing.ts'
import { onServer } from './on-server.ts'
import type { Tx } from './orders.ts'

/** What this service hears, and who decides about it. */
export const consumers: { name: string; stream: StreamName; decide: Decide<Tx> }[] = [
  { name: 'order-billing', stream: 'BILLING', decide: onBilling },
  { name: 'order-server', stream: 'SERVER', decide: onServer },
]
