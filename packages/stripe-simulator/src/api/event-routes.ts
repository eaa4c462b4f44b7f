import { Hono } from 'hono'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { eventAsSent, type SnapshotEvent } from '../events.ts'
import { missing, missingParam } from './api-error.ts'
import { type Env, idOf, paramsOf, reply } from './call.ts'
import { expand, flag, inRange, paging, range, text } from './params.ts'
import { listOf } from './read-routes.ts'

/** Stripe shows events for 30 days; what nobody fetched by then is gone. */
const shownForS = 30 * 24 * 3600

const listParams = z.strictObject({
  ...paging,
  created: range,
  delivery_success: flag.optional(),
  type: text.optional(),
  types: z.array(text).max(20, 'Array must contain at most 20 items').optional(),
})

/** `pending` counts how many endpoints have not accepted an event. */
export function eventRoutes(account: Account, pending: (event: string) => number) {
  const isShown = (event: SnapshotEvent) => event.created > account.seconds() - shownForS
  const show = (event: SnapshotEvent) => ({ ...eventAsSent(event), pending_webhooks: pending(event.id) })

  return new Hono<Env>()
    .get('/', async (call) => {
      const params = await paramsOf(call, listParams)
      refuseHiddenCursor(params)
      const wanted = (event: SnapshotEvent) =>
        isShown(event) &&
        inRange(event.created, params.created) &&
        (params.type === undefined || matches(params.type, event.type)) &&
        (params.types === undefined || params.types.includes(event.type)) &&
        (params.delivery_success === undefined || params.delivery_success === (pending(event.id) === 0))
      const list = listOf(call, account.events, { kind: 'event', params, wanted })
      return reply(call, { ...list, data: list.data.map(show) })
    })
    .get('/:id', async (call) => {
      await paramsOf(call, z.strictObject({ expand }))
      const event = account.events.get(idOf(call))
      if (!event || !isShown(event)) throw missing('event', idOf(call))
      return reply(call, show(event))
    })

  function refuseHiddenCursor(params: z.infer<typeof listParams>) {
    for (const name of ['starting_after', 'ending_before'] as const) {
      const event = account.events.get(params[name] ?? '')
      if (event && !isShown(event)) throw missingParam('event', event.id, name)
    }
  }
}

/** `type` may end in a star: `charge.*`. */
function matches(pattern: string, type: string) {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type
}
