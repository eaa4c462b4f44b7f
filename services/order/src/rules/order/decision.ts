import type { Catalogue } from './catalogue.ts'
import { nothingForSale } from './catalogue.ts'
import type { Order } from './order.ts'

export type Applied = {
  kind: 'apply'
  order: Order
  event:
    | 'order.paid'
    | 'order.changed'
    | 'order.warned'
    | 'order.suspended'
    | 'order.resumed'
    | 'order.ended'
    | 'order.refund_requested'
    | null
  note: string | null
  /** Where the plan is another one now. */
  previousPlan?: string
  /** What a person has to look into is another thing now. */
  findingsChanged?: boolean
  /** Decided, and yet a person has to do what the note says. */
  alarm?: 'paid_twice' | 'paid_after_end'
}
export type Decision = Applied | { kind: 'ignored'; reason: string }

/** What a decision depends on beside the order and the event. */
export type Rules = { catalogue: Catalogue; now: Date }

/** For whom neither plans nor the time matter: a first payment that nothing is wrong with. */
export const plainRules: Rules = { catalogue: nothingForSale, now: new Date(0) }

export function ignored(reason: string): Decision {
  return { kind: 'ignored', reason }
}
