import { Hono } from 'hono'
import type Stripe from 'stripe'
import { z } from 'zod'
import { missing } from '../api/api-error.ts'
import { type Env, idOf, paramsOf, reply } from '../api/call.ts'
import { expand, flag, paging, text } from '../api/params.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'

const createParams = z.strictObject({
  api_version: text.optional(),
  enabled_events: z.array(text).min(1),
  expand,
  url: z.url(),
})
const updateParams = z.strictObject({
  disabled: flag.optional(),
  enabled_events: z.array(text).min(1).optional(),
  expand,
  url: z.url().optional(),
})

/** Only endpoints for snapshots are here: thin events have destinations of another API. The version never changes. */
export function endpointRoutes(endpoints: Endpoints) {
  const found = (id: string) => {
    const endpoint = endpoints.get(id)
    if (!endpoint || endpoint.payload === 'thin') throw missing('webhook_endpoint', id)
    return endpoint
  }

  return new Hono<Env>()
    .get('/', async (call) => {
      const { limit = 10 } = await paramsOf(call, z.strictObject(paging))
      const all = endpoints.all().filter(({ payload }) => payload === 'snapshot')
      const data = all.reverse().slice(0, limit).map(shown)
      return reply(call, { object: 'list', data, has_more: all.length > limit, url: '/v1/webhook_endpoints' })
    })
    .post('/', async (call) => {
      const { api_version: apiVersion, enabled_events: events, url } = await paramsOf(call, createParams)
      const endpoint = endpoints.add(url, { apiVersion, events })
      const made: Stripe.WebhookEndpoint = { ...shown(endpoint), secret: endpoint.secret }
      return reply(call, made)
    })
    .get('/:id', (call) => reply(call, shown(found(idOf(call)))))
    .post('/:id', async (call) => {
      const { disabled, enabled_events: events, url } = await paramsOf(call, updateParams)
      const { id } = found(idOf(call))
      endpoints.change(id, {
        ...(disabled !== undefined && { status: disabled ? 'disabled' : 'enabled' }),
        ...(events && { events }),
        ...(url !== undefined && { url }),
      })
      return reply(call, shown(found(id)))
    })
    .delete('/:id', (call) => {
      const { id } = found(idOf(call))
      endpoints.remove(id)
      const removed = { id, object: 'webhook_endpoint', deleted: true }
      return reply(call, removed)
    })
}

/** The secret is shown once, to whoever makes the endpoint. */
function shown({ id, apiVersion, created, events, status, url }: Endpoint): Stripe.WebhookEndpoint {
  return {
    id,
    object: 'webhook_endpoint',
    api_version: apiVersion,
    application: null,
    created,
    description: null,
    enabled_events: [...events],
    livemode: false,
    metadata: {},
    status,
    url,
  }
}
