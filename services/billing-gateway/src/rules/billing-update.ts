import type { Subscription } from '@spawnpoint/contracts'
import type { Dispute } from './dispute.ts'
import type { FraudSignal } from './fraud.ts'
import type { PaymentUpdate } from './payment.ts'
import type { Refund } from './refund.ts'

/** How what Stripe charges is found again: by its PaymentIntent, or by its charge where it has none. */
export type ChargeLink = { paymentIntentId: string | null; chargeId: string | null }

/** What a subscription object says; what is paid of it, its invoices say. */
export type SubscriptionState = Omit<Subscription, 'version' | 'paid_until' | 'paid_from' | 'uncollectible'>

export type BillingUpdate =
  /** `isOurs`: its own metadata says so. Else it is only if its subscription is. `isCut`: the event has a part of its invoice's lines. */
  | { about: 'payment'; isOurs: boolean; isCut?: boolean; payment: PaymentUpdate }
  | { about: 'subscription'; isOurs: boolean; isCut?: boolean; state: SubscriptionState; asOf: Date }
  /** `claimed`: what the charge says of all its refunds, where they have to be looked at. */
  | { about: 'refunds'; link: ChargeLink; refunds: Refund[]; claimed: number | null }
  | { about: 'dispute'; link: ChargeLink; dispute: Dispute }
  | { about: 'fraud'; link: ChargeLink; signal: FraudSignal }
  | { about: 'invoice-payment'; link: ChargeLink; invoiceId: string }

export type UpdateResult =
  | { outcome: 'done'; message: string; orderId: string | null }
  /** `waitingFor`: the id of Stripe's that would make it ours, once it is known to be. */
  | { outcome: 'ignored'; reason: string; waitingFor: string | null }
  /** Only Stripe knows: `target` says what to ask it for. */
  | { outcome: 'look'; target: string }

export type UpdateContext = { happenedAt: Date; wasLooked: boolean }
