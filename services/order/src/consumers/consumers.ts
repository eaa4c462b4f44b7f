import type { ConsumerDefinition } from '@spawnpoint/messaging'
import type { Tx } from '../store/tx.ts'
import { decideEvents } from './decide-events.ts'

/** The streams that this service consumes. */
export const consumers: ConsumerDefinition<Tx>[] = [
  { name: 'order-billing', stream: 'BILLING', decide: decideEvents },
  { name: 'order-server', stream: 'SERVER', decide: decideEvents },
]
