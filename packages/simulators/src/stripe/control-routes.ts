import { Hono } from 'hono'
import { z } from 'zod'
import { ApiError } from './api/api-error.ts'
import type { StripeControl } from './control.ts'
import { apiFault, webhookFault } from './faults.ts'

const webhookBody = z.strictObject({
  url: z.url(),
  secret: z.string().min(1).optional(),
  apiVersion: z.string().optional(),
  events: z.array(z.string()).optional(),
  payload: z.enum(['snapshot', 'thin']).optional(),
})
const settleBody = z.strictObject({ outcome: z.enum(['succeeded', 'failed']) })
const refundBody = z.strictObject({ status: z.enum(['succeeded', 'pending', 'failed']) })
const clockBody = z.strictObject({ advanceMs: z.number().min(0) })

/** `/_simulator/*`: what a test or a demo does to Stripe, over HTTP and without a key. */
export function controlRoutes(control: StripeControl) {
  return new Hono()
    .get('/state', (call) => call.json(control.state()))
    .get('/deliveries', (call) => call.json({ deliveries: control.deliveries(call.req.query('event')) }))
    .post('/faults', async (call) => {
      const body: unknown = await call.req.json()
      const asWebhook = webhookFault.safeParse(body)
      const id = asWebhook.success
        ? control.addWebhookFault(asWebhook.data)
        : control.addApiFault(apiFault.parse(body))
      return call.json({ id }, 201)
    })
    .delete('/faults/:id?', (call) => call.json({ removed: control.removeFaults(call.req.param('id')) }))
    .post('/webhooks', async (call) => {
      const { url, secret, ...options } = webhookBody.parse(await call.req.json())
      return json(control.addWebhook(url, secret, options), 201)
    })
    .delete('/webhooks/:id', (call) => call.json({ removed: control.removeWebhook(call.req.param('id')) }))
    .post('/sessions/:id/settle', async (call) => {
      const { outcome } = settleBody.parse(await call.req.json())
      return json(control.settle(call.req.param('id'), outcome))
    })
    .post('/refunds/:id', async (call) => {
      const { status } = refundBody.parse(await call.req.json())
      return json(control.updateRefund(call.req.param('id'), status))
    })
    .post('/events/:id/resend', async (call) => {
      await control.resend(call.req.param('id'))
      return call.json({ deliveries: control.deliveries(call.req.param('id')) })
    })
    .post('/clock', async (call) => {
      const { advanceMs } = clockBody.parse(await call.req.json())
      return call.json({ now: control.advanceClock(advanceMs) })
    })
    .onError((error) => {
      if (error instanceof ApiError) return json({ error: error.message }, error.status)
      if (error instanceof z.ZodError) return json({ error: z.prettifyError(error) }, 400)
      if (error instanceof SyntaxError) return json({ error: error.message }, 400)
      throw error
    })
}

function json(body: object, status = 200) {
  return new Response(JSON.stringify(body, null, 2), {
    status,
    headers: { 'content-type': 'application/json' },
  })
}
