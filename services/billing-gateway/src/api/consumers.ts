import type { Transaction } from '@spawnpoint/database'
import type { Hearing } from '@spawnpoint/messaging'
import { movesMoney, onOrder } from './on-order.ts'

/** What this service hears, and who decides about it. */
export const consumers: Hearing<Transaction>[] = [
  { name: 'billing-order', stream: 'ORDER', hears: movesMoney, decide: onOrder },
]
