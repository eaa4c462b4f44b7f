import type { AnyEvent, StreamName } from '@spawnpoint/contracts'
import type { Transaction } from '@spawnpoint/database'
import type { Decide } from '@spawnpoint/messaging'
import { movesMoney, onOrder } from './on-order.ts'

/** What this service hears, and who decides about it. */
export const consumers: Consumer[] = [
  { name: 'billing-order', stream: 'ORDER', hears: movesMoney, decide: onOrder },
]

type Consumer = {
  name: string
  stream: StreamName
  hears: (event: AnyEvent) => boolean
  decide: Decide<Transaction>
}
