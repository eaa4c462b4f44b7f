import { Hono } from 'hono'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { causeOf, type Env, idOf, paramsOf, reply } from '../api/call.ts'
import { expandIn } from '../api/expand.ts'
import { expand, flag } from '../api/params.ts'
import { readRoutes } from '../api/read-routes.ts'
import { cancelSchedule, releaseSchedule, updateSchedule } from './change-schedule.ts'
import { createSchedule } from './create-schedule.ts'
import { createParams, updateParams } from './schedule-params.ts'

export function scheduleRoutes(account: Account) {
  return new Hono<Env>()
    .post('/', async (call) => {
      const params = await paramsOf(call, createParams)
      const schedule = createSchedule(account, params.from_subscription, causeOf(call))
      return reply(call, expandIn(account, schedule, params.expand))
    })
    .post('/:id', async (call) => {
      const params = await paramsOf(call, updateParams)
      const schedule = updateSchedule(account, idOf(call), params, causeOf(call))
      return reply(call, expandIn(account, schedule, params.expand))
    })
    .post('/:id/release', async (call) => {
      const params = await paramsOf(call, z.strictObject({ expand, preserve_cancel_date: flag.optional() }))
      return reply(
        call,
        expandIn(account, releaseSchedule(account, idOf(call), causeOf(call)), params.expand),
      )
    })
    .post('/:id/cancel', async (call) => {
      const params = await paramsOf(
        call,
        z.strictObject({ expand, invoice_now: flag.optional(), prorate: flag.optional() }),
      )
      return reply(call, expandIn(account, cancelSchedule(account, idOf(call), causeOf(call)), params.expand))
    })
    .route(
      '/',
      readRoutes(account, account.schedules, { kind: 'subscription_schedule', filters: ['customer'] }),
    )
}
