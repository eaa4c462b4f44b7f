import { Hono } from 'hono'
import { answer, bodyOf, summaryOf } from './answer.ts'
import { billingChange, clockMove } from './clock-control.ts'
import type { StripeControl } from './control.ts'

export function clockRoutes(control: StripeControl) {
  return new Hono()
    .get('/clock', () => answer(time(control.now())))
    .post('/clock', async (call) => {
      const { now, events } = await control.moveClock(clockMove.parse(await bodyOf(call)))
      return answer({ ...time(now), events: summaryOf(events) })
    })
    .get('/billing', () => answer(control.billing()))
    .post('/billing', async (call) => answer(control.setBilling(billingChange.parse(await bodyOf(call)))))
}

function time(now: number) {
  return { now, at: new Date(now).toISOString() }
}
