import { Hono } from 'hono'
import type Stripe from 'stripe'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { createSession } from '../checkout/create-session.ts'
import { currentSession, expireSession } from '../checkout/expire-session.ts'
import { sessionParams } from '../checkout/session-params.ts'
import { missing } from './api-error.ts'
import { type Call, causeOf, type Env, idOf, paramsOf, reply } from './call.ts'
import { expandIn } from './expand.ts'
import { pageOf } from './page-of.ts'
import { expand, inRange, paging, range, text } from './params.ts'
import { listOf } from './read-routes.ts'

const listParams = z.strictObject({
  ...paging,
  created: range,
  customer: text.optional(),
  customer_details: z.strictObject({ email: text }).optional(),
  payment_intent: text.optional(),
  status: z.enum(['open', 'complete', 'expired']).optional(),
  subscription: text.optional(),
})

export function checkoutRoutes(account: Account, payUrl: (call: Call, id: string) => string) {
  return new Hono<Env>()
    .post('/', async (call) => {
      const params = await paramsOf(call, sessionParams)
      const created = createSession(account, params, {
        payUrl: (id) => payUrl(call, id),
        cause: causeOf(call),
      })
      return reply(call, expandIn(account, created, params.expand))
    })
    .get('/', async (call) => {
      const params = await paramsOf(call, listParams)
      const list = listOf(call, account.sessions, {
        kind: 'checkout.session',
        params,
        wanted: wantedBy(params),
      })
      return reply(call, expandIn(account, list, params.expand))
    })
    .get('/:id', async (call) => {
      const { expand: paths } = await paramsOf(call, z.strictObject({ expand }))
      return reply(call, expandIn(account, currentSession(account, idOf(call)), paths))
    })
    .post('/:id/expire', async (call) => {
      await paramsOf(call, z.strictObject({ expand }))
      return reply(call, expireSession(account, idOf(call), causeOf(call)))
    })
    .get('/:id/line_items', async (call) => {
      const params = await paramsOf(call, z.strictObject(paging))
      const terms = account.terms.get(idOf(call))
      if (!terms) throw missing('checkout.session', idOf(call))
      const url = `/v1/checkout/sessions/${idOf(call)}/line_items`
      return reply(call, pageOf(terms.lineItems, params, { kind: 'line_item', url }))
    })
}

function wantedBy(params: z.infer<typeof listParams>) {
  const asked = (['customer', 'payment_intent', 'status', 'subscription'] as const).filter(
    (name) => params[name],
  )
  return (session: Stripe.Checkout.Session) =>
    inRange(session.created, params.created) &&
    asked.every((name) => session[name] === params[name]) &&
    (!params.customer_details || session.customer_details?.email === params.customer_details.email)
}
