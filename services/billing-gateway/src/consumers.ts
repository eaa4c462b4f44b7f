import type { StreamName } from '@spawnpoint/contracts'
import type { Transaction } from '@spawnpoint/database'
import type { Decide } from '@spawnpoint/messaging'
import { onOrder } from './on-order.ts'

/** What this service hears, and who decides about it. */
export const consumers: { name: string; stream: StreamName; decide: Decide<Transaction> }[] = [
  { name: 'billing-order', stream: 'ORDER', decide: onOrder },
]
