import { Hono } from 'hono'
import { z } from 'zod'
import type { Account } from '../account.ts'
import {
  createCustomer,
  createProduct,
  customerParams,
  customerUpdateParams,
  productParams,
  updateCustomer,
} from '../catalogue.ts'
import type { Clock } from '../clock/clock.ts'
import { testClockRoutes } from '../clock/test-clock-routes.ts'
import { disputeRoutes } from '../disputes/dispute-routes.ts'
import { invoiceItemRoutes } from '../invoices/invoice-item-routes.ts'
import { invoicePaymentRoutes } from '../invoices/invoice-payment-routes.ts'
import { invoiceRoutes } from '../invoices/invoice-routes.ts'
import { attachMethod } from '../payments/test-methods.ts'
import { reviewRoutes } from '../radar/review-routes.ts'
import { refundRoutes } from '../refunds/refund-routes.ts'
import { itemRoutes } from '../subscriptions/item-routes.ts'
import { subscriptionRoutes } from '../subscriptions/subscription-routes.ts'
import { type Call, causeOf, type Env, idOf, paramsOf, reply } from './call.ts'
import { checkoutRoutes } from './checkout-routes.ts'
import { eventRoutes } from './event-routes.ts'
import { expand, text } from './params.ts'
import { priceRoutes } from './price-routes.ts'
import { readRoutes } from './read-routes.ts'

/** The part of `/v1` that is simulated; anything else is answered as Stripe answers an address it does not know. */
export function stripeRoutes({
  account,
  clock,
  payUrl,
  pending,
}: {
  account: Account
  clock: Clock
  payUrl: (call: Call, id: string) => string
  pending: (event: string) => number
}) {
  return new Hono<Env>()
    .route('/checkout/sessions', checkoutRoutes(account, payUrl))
    .route('/events', eventRoutes(account, pending))
    .route(
      '/payment_intents',
      readRoutes(account, account.paymentIntents, { kind: 'payment_intent', filters: ['customer'] }),
    )
    .route(
      '/charges',
      readRoutes(account, account.charges, { kind: 'charge', filters: ['customer', 'payment_intent'] }),
    )
    .route('/refunds', refundRoutes(account))
    .route('/disputes', disputeRoutes(account))
    .route('/reviews', reviewRoutes(account))
    .route(
      '/radar/early_fraud_warnings',
      readRoutes(account, account.fraudWarnings, {
        kind: 'radar.early_fraud_warning',
        filters: ['charge', 'payment_intent'],
      }),
    )
    .route('/customers', readRoutes(account, account.customers, { kind: 'customer', filters: ['email'] }))
    .post('/customers', async (call) =>
      reply(call, createCustomer(account, await paramsOf(call, customerParams), causeOf(call))),
    )
    .post('/customers/:id', async (call) => {
      const params = await paramsOf(call, customerUpdateParams)
      return reply(call, updateCustomer(account, idOf(call), params, causeOf(call)))
    })
    .route('/products', readRoutes(account, account.products, { kind: 'product', filters: ['active'] }))
    .post('/products', async (call) =>
      reply(call, createProduct(account, await paramsOf(call, productParams), causeOf(call))),
    )
    .route('/prices', priceRoutes(account))
    .route('/test_helpers/test_clocks', testClockRoutes(account, clock))
    .route('/subscriptions', subscriptionRoutes(account))
    .route('/subscription_items', itemRoutes(account))
    .route('/invoices', invoiceRoutes(account))
    .route('/invoiceitems', invoiceItemRoutes(account))
    .route('/invoice_payments', invoicePaymentRoutes(account))
    .post('/payment_methods/:id/attach', async (call) => {
      const { customer } = await paramsOf(call, z.strictObject({ customer: text, expand }))
      return reply(call, attachMethod(account, idOf(call), customer))
    })
    .route(
      '/payment_methods',
      readRoutes(account, account.paymentMethods, { kind: 'payment_method', filters: ['customer', 'type'] }),
    )
}
