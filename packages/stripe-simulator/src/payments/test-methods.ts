import type Stripe from 'stripe'
import { type Account, must } from '../account.ts'
import { missing, missingParam } from '../api/api-error.ts'
import { paymentMethod } from '../objects/payment-method.ts'
import type { Card } from './card.ts'

/** Source: docs.stripe.com/testing (payment methods by name). */
const testMethods: Record<string, Card> = {
  pm_card_visa: 'works',
  pm_card_mastercard: 'works',
  pm_card_chargeCustomerFail: 'declined',
  pm_card_chargeDeclinedInsufficientFunds: 'insufficient_funds',
  pm_card_authenticationRequired: 'requires_action',
}

/** One of Stripe's test cards becomes the customer's own; its name is its answer. */
export function attachMethod(account: Account, id: string, customer: string): Stripe.PaymentMethod {
  if (!account.customers.has(customer)) throw missingParam('customer', customer, 'customer')
  const answer = testMethods[id]
  if (answer === undefined) throw missing('PaymentMethod', id)
  const method = account.paymentMethods.save(paymentMethod({ created: account.seconds(), customer }))
  account.methodAnswers.set(method.id, answer)
  account.emit('payment_method.attached', method)
  return method
}

/** The customer is charged with this one from now on. */
export function chooseMethod(account: Account, customer: string, id: string): Stripe.Customer {
  const method = id in testMethods ? attachMethod(account, id, customer) : account.paymentMethods.get(id)
  if (!method) throw missingParam('payment_method', id, 'invoice_settings[default_payment_method]')
  account.cards.set(customer, account.methodAnswers.get(method.id) ?? 'works')
  const before = must(account.customers, customer)
  return account.customers.save({
    ...before,
    invoice_settings: { ...before.invoice_settings, default_payment_method: method.id },
  })
}
