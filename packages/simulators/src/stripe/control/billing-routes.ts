import { Hono } from 'hono'
import { answer, bodyOf } from './answer.ts'
import type { StripeControl } from './control.ts'
import { crowd } from './crowd-invoice.ts'

export function billingRoutes(control: StripeControl) {
  return new Hono().post('/invoice_lines', async (call) =>
    answer(control.crowdInvoice(crowd.parse(await bodyOf(call))), 201),
  )
}
