import { Hono } from 'hono'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { type Env, paramsOf, reply } from './call.ts'
import { expandIn } from './expand.ts'
import { inRange, paging, range, text } from './params.ts'
import { listOf, readRoutes } from './read-routes.ts'

/** Subscriptions, whose list leaves out canceled ones unless asked. */
export function subscriptionRoutes(account: Account) {
  const listParams = z.strictObject({
    ...paging,
    created: range,
    customer: text.optional(),
    status: text.optional(),
  })
  return new Hono<Env>()
    .get('/', async (call) => {
      const params = await paramsOf(call, listParams)
      const { status } = params
      const list = listOf(call, account.subscriptions, {
        kind: 'subscription',
        params,
        wanted: (subscription) =>
          inRange(subscription.created, params.created) &&
          (params.customer === undefined || subscription.customer === params.customer) &&
          (status === undefined
            ? subscription.status !== 'canceled'
            : status === 'all' || subscription.status === status),
      })
      return reply(call, expandIn(account, list, params.expand))
    })
    .route('/', readRoutes(account, account.subscriptions, { kind: 'subscription' }))
}

/** The only way from a payment intent to its invoice since 2025-03-31. */
export function invoicePaymentRoutes(account: Account) {
  const listParams = z.strictObject({
    ...paging,
    invoice: text.optional(),
    payment: z
      .strictObject({ type: z.literal('payment_intent'), payment_intent: text.optional() })
      .optional(),
    status: text.optional(),
  })
  return new Hono<Env>()
    .get('/', async (call) => {
      const params = await paramsOf(call, listParams)
      const intent = params.payment?.payment_intent
      const list = listOf(call, account.invoicePayments, {
        kind: 'invoice_payment',
        params,
        wanted: ({ invoice, payment, status }) =>
          (params.invoice === undefined || invoice === params.invoice) &&
          (intent === undefined || payment.payment_intent === intent) &&
          (params.status === undefined || status === params.status),
      })
      return reply(call, expandIn(account, list, params.expand))
    })
    .route('/', readRoutes(account, account.invoicePayments, { kind: 'invoice_payment' }))
}
