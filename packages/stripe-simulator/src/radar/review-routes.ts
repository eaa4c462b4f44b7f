import { Hono } from 'hono'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { causeOf, type Env, idOf, paramsOf, reply } from '../api/call.ts'
import { expandIn } from '../api/expand.ts'
import { expand } from '../api/params.ts'
import { readRoutes } from '../api/read-routes.ts'
import { closeReview } from './review.ts'

export function reviewRoutes(account: Account) {
  return new Hono<Env>()
    .post('/:id/approve', async (call) => {
      const { expand: paths } = await paramsOf(call, z.strictObject({ expand }))
      const approved = closeReview(account, idOf(call), 'approved', causeOf(call))
      return reply(call, expandIn(account, approved, paths))
    })
    .route('/', readRoutes(account, account.reviews, { kind: 'review' }))
}
