import { Hono } from 'hono'
import { z } from 'zod'
import { disputeMoves } from '../disputes/move-dispute.ts'
import { disputeRequest } from '../disputes/open-dispute.ts'
import { card } from '../payments/card.ts'
import { closedReasons } from '../radar/review.ts'
import { refundPlan } from '../refunds/refund-plan.ts'
import { answer, bodyOf } from './answer.ts'
import type { StripeControl } from './control.ts'
import { linkSale } from './sell-by-link.ts'
import { otherSale } from './sell-elsewhere.ts'

const payment = z.strictObject({ payment_intent: z.string().optional(), charge: z.string().optional() })
const pay = z.strictObject({
  /** One after the other on the same page: `["declined", "paid"]`. */
  outcomes: z
    .array(z.enum(['paid', 'async', 'declined', 'cancel']))
    .min(1)
    .default(['paid']),
  email: z.email().optional(),
  name: z.string().optional(),
})
const refund = payment.extend({
  amount: z.number().int().min(1).optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
})

/** What buyers, banks and the dashboard do, each answered with the object it made or changed. */
export function moneyRoutes(control: StripeControl) {
  return new Hono()
    .post('/sessions/:id/pay', async (call) => {
      const { outcomes, email, name } = pay.parse(await bodyOf(call))
      const payer = { ...(email !== undefined && { email }), ...(name !== undefined && { name }) }
      const paid = outcomes.map((outcome) => control.pay(call.req.param('id'), outcome, payer))
      return answer({ session: paid.at(-1)?.session, events: paid.flatMap(({ events }) => events) })
    })
    .post('/sessions/:id/settle', async (call) => {
      const { outcome } = z
        .strictObject({ outcome: z.enum(['succeeded', 'failed']) })
        .parse(await bodyOf(call))
      return answer(control.settle(call.req.param('id'), outcome))
    })
    .post('/sales', async (call) => answer(control.sellElsewhere(otherSale.parse(await bodyOf(call))), 201))
    .post('/link_sales', async (call) => answer(control.sellByLink(linkSale.parse(await bodyOf(call))), 201))
    .post('/customers/:id/card', async (call) => {
      const { outcome } = z.strictObject({ outcome: card }).parse(await bodyOf(call))
      control.setCard(call.req.param('id'), outcome)
      return answer({ customer: call.req.param('id'), card: outcome })
    })
    .post('/invoices/:id/pay', async (call) => {
      const { out_of_band: outOfBand } = z
        .strictObject({ out_of_band: z.boolean().default(false) })
        .parse(await bodyOf(call))
      return answer(control.payInvoice(call.req.param('id'), { outOfBand }))
    })
    .post('/refunds', async (call) => answer(control.refund(refund.parse(await bodyOf(call))), 201))
    .post('/refunds/next', async (call) => {
      const { times, ...plan } = refundPlan
        .extend({ times: z.number().int().min(1).default(1) })
        .parse(await bodyOf(call))
      control.planRefund(plan, times)
      return answer({ ...plan, times }, 201)
    })
    .post('/refunds/:id', async (call) => {
      const { status } = z
        .strictObject({ status: z.enum(['succeeded', 'pending', 'failed']) })
        .parse(await bodyOf(call))
      return answer(control.updateRefund(call.req.param('id'), status))
    })
    .post('/disputes', async (call) =>
      answer(control.openDispute(disputeRequest.parse(await bodyOf(call))), 201),
    )
    .post('/disputes/:id', async (call) => {
      const { status } = z.strictObject({ status: z.enum(disputeMoves) }).parse(await bodyOf(call))
      return answer(control.moveDispute(call.req.param('id'), status))
    })
    .post('/fraud_warnings', async (call) =>
      answer(control.warnOfFraud(payment.parse(await bodyOf(call))), 201),
    )
    .post('/reviews', async (call) => answer(control.openReview(payment.parse(await bodyOf(call))), 201))
    .post('/reviews/:id', async (call) => {
      const { reason } = z.strictObject({ reason: z.enum(closedReasons) }).parse(await bodyOf(call))
      return answer(control.closeReview(call.req.param('id'), reason))
    })
}
