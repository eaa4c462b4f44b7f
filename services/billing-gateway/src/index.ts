/** Starts the service, and its rules without servers: parsing of Stripe events and the billing state that they result in. */
export { applyUpdate } from './rules/apply-update.ts'
export { type BillingState, emptyBillingState } from './rules/billing-state.ts'
export { publishedPayment } from './rules/payment.ts'
export { asOfLookup } from './rules/subscription.ts'
export { startBillingGateway } from './service.ts'
export { eventFromObject } from './stripe/object-event.ts'
export { handledEventTypes, parseStripeEvent } from './stripe/parse/parse-event.ts'
