import { Hono } from 'hono'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { createPrice, priceParams } from '../catalogue.ts'
import { causeOf, type Env, paramsOf, reply } from './call.ts'
import { expandIn } from './expand.ts'
import { flag, inRange, paging, range, text } from './params.ts'
import { listOf, readRoutes } from './read-routes.ts'

const listParams = z.strictObject({
  ...paging,
  active: flag.optional(),
  created: range,
  currency: text.optional(),
  lookup_keys: z.array(text).max(10).optional(),
  product: text.optional(),
  type: z.enum(['one_time', 'recurring']).optional(),
})

/** Prices, found again by the name that their maker gave them. */
export function priceRoutes(account: Account) {
  return new Hono<Env>()
    .get('/', async (call) => {
      const params = await paramsOf(call, listParams)
      const list = listOf(call, account.prices, {
        kind: 'price',
        params,
        wanted: (price) =>
          inRange(price.created, params.created) &&
          (params.active === undefined || price.active === params.active) &&
          (params.currency === undefined || price.currency === params.currency) &&
          (params.type === undefined || price.type === params.type) &&
          (params.product === undefined || price.product === params.product) &&
          (params.lookup_keys === undefined || params.lookup_keys.includes(price.lookup_key ?? '')),
      })
      return reply(call, expandIn(account, list, params.expand))
    })
    .post('/', async (call) => {
      const params = await paramsOf(call, priceParams)
      return reply(call, expandIn(account, createPrice(account, params, causeOf(call)), params.expand))
    })
    .route('/', readRoutes(account, account.prices, { kind: 'price' }))
}
