import type { Subscription } from '@spawnpoint/contracts'
import type { Dispute } from './dispute.ts'
import type { FraudSignal } from './fraud.ts'
import type { Refund } from './refund.ts'
import type { PaymentUpdate } from './stored-payment.ts'

/** Identifies what Stripe charged: by PaymentIntent, or by charge where there is none. */
export type ChargeLink = { paymentIntentId: string | null; chargeId: string | null }

/** The state of a subscription object; what is paid follows from its invoices. */
export type SubscriptionState = Omit<Subscription, 'version' | 'paid_until' | 'paid_from' | 'uncollectible'>

export type BillingUpdate =
  /** `isOurs`: by its own metadata; otherwise it depends on its subscription. `isCut`: the event has only some of the lines. */
  | { about: 'payment'; isOurs: boolean; isCut?: boolean; payment: PaymentUpdate }
  | { about: 'subscription'; isOurs: boolean; isCut?: boolean; state: SubscriptionState; asOf: Date }
  /** `claimed`: the refunded total of the charge, where its refunds may need a lookup. */
  | { about: 'refunds'; link: ChargeLink; refunds: Refund[]; claimed: number | null }
  | { about: 'dispute'; link: ChargeLink; dispute: Dispute }
  | { about: 'fraud'; link: ChargeLink; signal: FraudSignal }
  | { about: 'invoice-payment'; link: ChargeLink; invoiceId: string }

export type UpdateResult =
  | { outcome: 'done'; message: string; orderId: string | null }
  /** `waitingFor`: Stripe's id that would link it to this shop, once that is known. */
  | { outcome: 'ignored'; reason: string; waitingFor: string | null }
  /** Needs a lookup at Stripe of `target`. */
  | { outcome: 'look'; target: string }

export type UpdateContext = { happenedAt: Date; wasLooked: boolean }
