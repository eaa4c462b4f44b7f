import { Hono } from 'hono'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { missing } from '../api/api-error.ts'
import { type Env, idOf, paramsOf, reply } from '../api/call.ts'
import { expandIn } from '../api/expand.ts'
import { pageOf } from '../api/page-of.ts'
import { expand, paging, text } from '../api/params.ts'

const listParams = z.strictObject({ ...paging, subscription: text })

/** All items of a subscription: the subscription itself shows the first page of them only. */
export function itemRoutes(account: Account) {
  return new Hono<Env>()
    .get('/', async (call) => {
      const params = await paramsOf(call, listParams)
      const subscription = account.subscriptions.get(params.subscription)
      if (!subscription) throw missing('subscription', params.subscription)
      const url = '/v1/subscription_items'
      const page = pageOf(subscription.items.data, params, { kind: 'subscription_item', url })
      return reply(call, expandIn(account, page, params.expand))
    })
    .get('/:id', async (call) => {
      const { expand: paths } = await paramsOf(call, z.strictObject({ expand }))
      const items = account.subscriptions.all().flatMap((subscription) => subscription.items.data)
      const item = items.find(({ id }) => id === idOf(call))
      if (!item) throw missing('subscription_item', idOf(call))
      return reply(call, expandIn(account, item, paths))
    })
}
