import { Hono } from 'hono'
import { z } from 'zod'
import { answer, bodyOf } from './answer.ts'
import type { StripeControl } from './control.ts'

const webhookBody = z.strictObject({
  url: z.url(),
  secret: z.string().min(1).optional(),
  apiVersion: z.string().optional(),
  events: z.array(z.string()).optional(),
  payload: z.enum(['snapshot', 'thin']).optional(),
})
const statusBody = z.strictObject({ status: z.enum(['enabled', 'disabled']) })

export function webhookRoutes(control: StripeControl) {
  return new Hono()
    .post('/webhooks', async (call) => {
      const { url, secret, ...options } = webhookBody.parse(await bodyOf(call))
      return answer(control.addWebhook(url, secret, options), 201)
    })
    .post('/webhooks/:id', async (call) => {
      const { status } = statusBody.parse(await bodyOf(call))
      return answer(control.setWebhook(call.req.param('id'), status))
    })
    .delete('/webhooks/:id', (call) => answer({ removed: control.removeWebhook(call.req.param('id')) }))
}
