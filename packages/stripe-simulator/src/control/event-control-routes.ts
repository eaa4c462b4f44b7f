import { Hono } from 'hono'
import { ApiError } from '../api/api-error.ts'
import { answer, bodyOf } from './answer.ts'
import type { StripeControl } from './control.ts'
import { handDelivery } from './deliver-by-hand.ts'

export function eventControlRoutes(control: StripeControl) {
  return new Hono()
    .get('/deliveries', (call) => answer({ deliveries: control.deliveries(call.req.query('event')) }))
    .post('/deliveries', async (call) =>
      answer(await control.deliver(handDelivery.parse(await bodyOf(call))), 201),
    )
    .post('/events/:id/resend', async (call) => {
      await control.resend(call.req.param('id'))
      return answer({ deliveries: control.deliveries(call.req.param('id')) })
    })
    .delete('/events/:id', (call) => {
      const id = call.req.param('id')
      if (!control.deleteEvent(id)) throw new ApiError(404, `No such event: '${id}'`)
      return answer({ removed: 1 })
    })
}
