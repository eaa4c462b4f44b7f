import { Hono } from 'hono'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { type Env, paramsOf, reply } from '../api/call.ts'
import { expandIn } from '../api/expand.ts'
import { inRange, paging, range, text } from '../api/params.ts'
import { listOf, readRoutes } from '../api/read-routes.ts'

const listParams = z.strictObject({
  ...paging,
  created: range,
  invoice: text.optional(),
  payment: z.strictObject({ type: z.literal('payment_intent'), payment_intent: text.optional() }).optional(),
  status: text.optional(),
})

/** The only way from a payment intent to its invoice since 2025-03-31. */
export function invoicePaymentRoutes(account: Account) {
  return new Hono<Env>()
    .get('/', async (call) => {
      const params = await paramsOf(call, listParams)
      const intent = params.payment?.payment_intent
      const list = listOf(call, account.invoicePayments, {
        kind: 'invoice_payment',
        params,
        wanted: ({ created, invoice, payment, status }) =>
          inRange(created, params.created) &&
          (params.invoice === undefined || invoice === params.invoice) &&
          (intent === undefined || payment.payment_intent === intent) &&
          (params.status === undefined || status === params.status),
      })
      return reply(call, expandIn(account, list, params.expand))
    })
    .route('/', readRoutes(account, account.invoicePayments, { kind: 'invoice_payment' }))
}
