import { Hono } from 'hono'
import { z } from 'zod'
import { answer, bodyOf } from './answer.ts'
import { pause } from './billing-control.ts'
import type { StripeControl } from './control.ts'
import { crowd } from './crowd-invoice.ts'
import { subscriptionWish } from './subscribe.ts'
import { planSwitch } from './switch-plan.ts'

const credit = z.strictObject({ amount: z.number().int() })
const trial = z.strictObject({ trial_end: z.number().int(), credited: z.boolean().default(true) })
const collection = z.strictObject({ days_until_due: z.number().int().min(0).nullable() })
const outcome = z.strictObject({ outcome: z.enum(['succeeded', 'failed']) })
const partial = z.strictObject({ amount: z.number().int().min(1) })

export function billingRoutes(control: StripeControl) {
  return new Hono()
    .post('/subscriptions', async (call) =>
      answer(control.subscribe(subscriptionWish.parse(await bodyOf(call))), 201),
    )
    .post('/subscriptions/:id/invoice_lines', async (call) => {
      const wanted = await bodyOf(call)
      return answer(control.crowdInvoice(crowd.parse(withId(wanted, call.req.param('id')))), 201)
    })
    .post('/subscriptions/:id/plan', async (call) =>
      answer(control.switchPlan(planSwitch.parse(withId(await bodyOf(call), call.req.param('id'))))),
    )
    .post('/subscriptions/:id/pause_collection', async (call) =>
      answer(control.pauseCollection(pause.parse(withId(await bodyOf(call), call.req.param('id'))))),
    )
    .delete('/subscriptions/:id/pause_collection', (call) =>
      answer(control.resumeCollection(call.req.param('id'))),
    )
    .post('/subscriptions/:id/trial', async (call) => {
      const { trial_end, credited } = trial.parse(await bodyOf(call))
      return answer(control.extendTrial(call.req.param('id'), trial_end, { isCredited: credited }))
    })
    .post('/subscriptions/:id/collection', async (call) => {
      const { days_until_due } = collection.parse(await bodyOf(call))
      return answer(control.collectBy(call.req.param('id'), days_until_due))
    })
    .post('/customers/:id/credit', async (call) =>
      answer(control.credit(call.req.param('id'), credit.parse(await bodyOf(call)).amount)),
    )
    .post('/invoices/:id/partial', async (call) =>
      answer(control.payInPart(call.req.param('id'), partial.parse(await bodyOf(call)).amount)),
    )
    .post('/invoices/:id/attached', async (call) =>
      answer(control.attachPayment(call.req.param('id'), partial.parse(await bodyOf(call)).amount)),
    )
    .post('/invoices/:id/debit', async (call) =>
      answer(control.settleDebit(call.req.param('id'), outcome.parse(await bodyOf(call)).outcome)),
    )
    .post('/invoices/:id/confirm', (call) => answer(control.confirmPayment(call.req.param('id'))))
    .post('/invoices/:id/advance', (call) => answer(control.advanceDraft(call.req.param('id'))))
}

function withId(body: unknown, subscription: string) {
  return typeof body === 'object' ? { ...body, subscription } : body
}
