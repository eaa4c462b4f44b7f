import { Hono } from 'hono'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { causeOf, type Env, idOf, paramsOf, reply } from '../api/call.ts'
import { expandIn } from '../api/expand.ts'
import { clearable, expand, metadata } from '../api/params.ts'
import { readRoutes } from '../api/read-routes.ts'
import { createRefund, refundParams } from './create-refund.ts'
import { describeRefund } from './update-refund.ts'

export function refundRoutes(account: Account) {
  return new Hono<Env>()
    .post('/', async (call) => {
      const params = await paramsOf(call, refundParams)
      return reply(call, expandIn(account, createRefund(account, params, causeOf(call)), params.expand))
    })
    .post('/:id', async (call) => {
      const params = await paramsOf(
        call,
        z.strictObject({ expand, metadata: clearable(metadata).optional() }),
      )
      const described = describeRefund(account, idOf(call), params.metadata, causeOf(call))
      return reply(call, expandIn(account, described, params.expand))
    })
    .route(
      '/',
      readRoutes(account, account.refunds, { kind: 'refund', filters: ['charge', 'payment_intent'] }),
    )
}
