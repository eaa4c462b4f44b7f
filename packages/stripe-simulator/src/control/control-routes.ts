import { Hono } from 'hono'
import { z } from 'zod'
import { ApiError } from '../api/api-error.ts'
import { apiFault, webhookFault } from '../faults.ts'
import { answer, bodyOf } from './answer.ts'
import { billingRoutes } from './billing-routes.ts'
import { clockRoutes } from './clock-routes.ts'
import type { StripeControl } from './control.ts'
import { eventControlRoutes } from './event-control-routes.ts'
import { moneyRoutes } from './money-routes.ts'
import { webhookRoutes } from './webhook-routes.ts'

/** `/_simulator/*`: what a test or a demo does to Stripe, over HTTP and without a key. */
export function controlRoutes(control: StripeControl) {
  return new Hono()
    .get('/state', () => answer(control.state()))
    .post('/faults', async (call) => {
      const body = await bodyOf(call)
      const asWebhook = webhookFault.safeParse(body)
      const id = asWebhook.success
        ? control.addWebhookFault(asWebhook.data)
        : control.addApiFault(apiFault.parse(body))
      return answer({ id }, 201)
    })
    .delete('/faults/:id?', (call) => answer({ removed: control.removeFaults(call.req.param('id')) }))
    .route('/', billingRoutes(control))
    .route('/', clockRoutes(control))
    .route('/', moneyRoutes(control))
    .route('/', eventControlRoutes(control))
    .route('/', webhookRoutes(control))
    .onError((error) => {
      if (error instanceof ApiError) return answer({ error: error.message }, error.status)
      if (error instanceof z.ZodError) return answer({ error: z.prettifyError(error) }, 400)
      if (error instanceof SyntaxError) return answer({ error: error.message }, 400)
      throw error
    })
}
