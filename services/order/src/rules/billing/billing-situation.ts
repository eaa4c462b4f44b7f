import type { BillingFinding } from '@spawnpoint/contracts'
import type { Order } from '../order/order.ts'
import type { Policy } from '../order/policy.ts'
import type { BillingSummary } from './billing-summary.ts'
import type { UnchargedChange } from './plan-changes.ts'

/** What an order is evaluated by; times in ms, `askedAt` of the last lookup at Stripe. */
export type Situation = {
  order: Order
  summary: BillingSummary
  policy: Policy
  now: number
  askedAt: number
  findings: BillingFinding[]
  /** Changes of plan within the present period that no invoice charges. */
  uncharged: UnchargedChange[]
}
