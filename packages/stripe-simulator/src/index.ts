export { asOfApiVersion, basil, currentApiVersion, dahlia } from './api-version.ts'
export type { BillingSettings } from './billing-settings.ts'
export type { Outcome } from './checkout/pay-session.ts'
export {
  createStripeAccount,
  type StripeAccount,
  type StripeAccountOptions,
} from './create-stripe-account.ts'
export type { DisputeMove } from './disputes/move-dispute.ts'
export {
  type EventOptions,
  type EventType,
  eventBody,
  type ObjectOf,
  type SignedWebhook,
  type SnapshotEvent,
  signedWebhook,
  stripeEvent,
  type ThinEvent,
  thinEvent,
} from './events.ts'
export type { ApiFault, WebhookFault } from './faults.ts'
export { charge } from './objects/charge.ts'
export { checkoutSession } from './objects/checkout-session.ts'
export { customer } from './objects/customer.ts'
export { dispute } from './objects/dispute.ts'
export { invoice, subscriptionInvoice } from './objects/invoice.ts'
export { invoicePayment } from './objects/invoice-payment.ts'
export { paymentIntent } from './objects/payment-intent.ts'
export { paymentMethod } from './objects/payment-method.ts'
export { price } from './objects/price.ts'
export { product } from './objects/product.ts'
export { refund } from './objects/refund.ts'
export { subscription } from './objects/subscription.ts'
export type { Card } from './payments/card.ts'
export { type StripeOptions, type StripeSimulator, startStripe } from './start-stripe.ts'
export type { Attempt } from './webhooks/deliver.ts'
export type { Endpoint, EndpointOptions } from './webhooks/endpoints.ts'
