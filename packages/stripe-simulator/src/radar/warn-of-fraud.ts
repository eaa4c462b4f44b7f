import type Stripe from 'stripe'
import { type Account, must } from '../account.ts'
import { newId } from '../ids.ts'
import { chargeFor } from '../refunds/refundable-charge.ts'

type Which = { payment_intent?: string | undefined; charge?: string | undefined }

/** The card's network reports that a payment looks like fraud, before anybody disputes it. */
export function warnOfFraud(account: Account, which: Which): Stripe.Radar.EarlyFraudWarning {
  const charge = chargeFor(account, which)
  const warning = account.fraudWarnings.save({
    id: newId('issfr'),
    object: 'radar.early_fraud_warning',
    actionable: !charge.refunded && !charge.disputed,
    charge: charge.id,
    created: account.seconds(),
    fraud_type: 'made_with_stolen_card',
    livemode: false,
    ...(typeof charge.payment_intent === 'string' && { payment_intent: charge.payment_intent }),
  })
  account.emit('radar.early_fraud_warning.created', warning)
  return must(account.fraudWarnings, warning.id)
}
