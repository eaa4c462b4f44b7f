import { Hono } from 'hono'
import { z } from 'zod'
import { type Account, must } from '../account.ts'
import { ApiError, missing } from '../api/api-error.ts'
import { causeOf, type Env, idOf, paramsOf, reply } from '../api/call.ts'
import { expandIn } from '../api/expand.ts'
import { inRange, paging, range, text } from '../api/params.ts'
import { listOf, readRoutes } from '../api/read-routes.ts'
import { endSubscription } from './cancel-subscription.ts'
import { collectInvoice } from './collect-invoice.ts'
import { createSubscription } from './create-subscription.ts'
import { openResumption } from './pause-subscription.ts'
import { cancelParams, createParams, resumeParams, updateParams } from './subscription-params.ts'
import { updateSubscription } from './update-subscription.ts'

const listParams = z.strictObject({
  ...paging,
  created: range,
  customer: text.optional(),
  price: text.optional(),
  status: text.optional(),
})

/** Subscriptions, whose list leaves out canceled ones unless asked. */
export function subscriptionRoutes(account: Account) {
  return new Hono<Env>()
    .get('/', async (call) => {
      const params = await paramsOf(call, listParams)
      const list = listOf(call, account.subscriptions, {
        kind: 'subscription',
        params,
        wanted: ({ created, customer, items, status }) =>
          inRange(created, params.created) &&
          (params.customer === undefined || customer === params.customer) &&
          (params.price === undefined || items.data.some(({ price }) => price.id === params.price)) &&
          hasStatus(status, params.status),
      })
      return reply(call, expandIn(account, list, params.expand))
    })
    .post('/', async (call) => {
      const params = await paramsOf(call, createParams)
      return reply(call, expandIn(account, createSubscription(account, params, causeOf(call)), params.expand))
    })
    .post('/:id', async (call) => {
      const params = await paramsOf(call, updateParams)
      const updated = updateSubscription(account, idOf(call), params, causeOf(call))
      return reply(call, expandIn(account, updated, params.expand))
    })
    .delete('/:id', async (call) => {
      const { cancellation_details, expand } = await paramsOf(call, cancelParams)
      const before = account.subscriptions.get(idOf(call))
      if (!before || before.status === 'canceled') throw missing('subscription', idOf(call))
      const ended = endSubscription(account, before.id, {
        reason: 'cancellation_requested',
        details: {
          ...(cancellation_details?.comment !== undefined && { comment: cancellation_details.comment }),
          ...(cancellation_details?.feedback !== undefined && { feedback: cancellation_details.feedback }),
        },
        cause: causeOf(call),
      })
      return reply(call, expandIn(account, ended, expand))
    })
    .post('/:id/resume', async (call) => {
      const params = await paramsOf(call, resumeParams)
      if (!account.subscriptions.has(idOf(call))) throw missing('subscription', idOf(call))
      const anchor = params.billing_cycle_anchor ?? 'now'
      const { subscription, invoice } = openResumption(account, idOf(call), anchor, causeOf(call))
      if (invoice) collectInvoice(account, invoice)
      return reply(call, expandIn(account, must(account.subscriptions, subscription.id), params.expand))
    })
    .route('/', readRoutes(account, account.subscriptions, { kind: 'subscription' }))
}

const over = ['canceled', 'incomplete_expired']

function hasStatus(status: string, wanted: string | undefined) {
  if (wanted === undefined) return status !== 'canceled'
  if (wanted === 'all') return true
  if (wanted === 'ended') return over.includes(status)
  if (!statuses.includes(wanted))
    throw new ApiError(400, `Invalid status: must be one of all, ended, ${statuses.join(', ')}`, {
      param: 'status',
    })
  return status === wanted
}

const statuses = [
  'active',
  'canceled',
  'incomplete',
  'incomplete_expired',
  'past_due',
  'paused',
  'trialing',
  'unpaid',
]
