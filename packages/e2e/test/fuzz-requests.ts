import { createHmac } from 'node:crypto'
import type { ServiceName } from '@spawnpoint/stack'
import { checkoutSession, stripeEvent, thinEvent } from '@spawnpoint/stripe-simulator'
import { type Json, mutateBytes, mutateHeaders, mutateJson, mutatePath } from './fuzz-mutations.ts'
import type { Random } from './fuzz-random.ts'

export type FuzzRequest = {
  service: ServiceName
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer
}

type Template = { service: ServiceName; method: string; path: string; body?: Json; event?: true }

/** Valid requests, none of which changes what is for sale; and each route of each OpenAPI document, with an empty body. */
export function templatesOf(documents: Record<ServiceName, { paths: Record<string, object> }>): Template[] {
  const known: Template[] = [
    ...paidEvents().map((body): Template => ({ ...webhook, body, event: true })),
    { service: 'billing-gateway', method: 'GET', path: '/admin/stripe-events?limit=5&outcome=failed' },
    { service: 'order', method: 'GET', path: '/orders?limit=5&status=paid' },
    { service: 'order', method: 'POST', path: '/orders', body: orderRequest },
    {
      service: 'order',
      method: 'PUT',
      path: '/admin/plans/fuzz',
      body: { name: 'Fuzz', amount: 1, currency: 'eur' },
    },
    { service: 'order', method: 'PUT', path: '/admin/regions/fuzz', body: { name: 'Fuzz' } },
    { service: 'provisioner', method: 'POST', path: '/api/servers/provision', body: { order_id: 'fuzz' } },
    { service: 'provisioner', method: 'PUT', path: '/admin/plan-specs/fuzz', body: planSpec },
    {
      service: 'provisioner',
      method: 'PUT',
      path: '/admin/region-nodes/fuzz',
      body: { nodes: [1, { node_id: 2 }] },
    },
    { service: 'provisioner', method: 'PUT', path: '/admin/secrets/fuzz', body: { value: 'secret' } },
  ]
  const documented = (['billing-gateway', 'order', 'provisioner'] as const).flatMap((service) =>
    Object.entries(documents[service].paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method): Template => ({
          service,
          method: method.toUpperCase(),
          path: path.replaceAll(/\{\w+\}/g, 'fuzz'),
          ...(method === 'get' ? {} : { body: {} }),
        }),
      ),
    ),
  )
  return [...known, ...documented]
}

const webhook = { service: 'billing-gateway', method: 'POST', path: '/webhooks/stripe' } as const

// Of a price that nobody asks: no mutation of these pays for a server.
function paidEvents(): Json[] {
  const session = checkoutSession({ amount_total: 1, metadata: { plan: 'small', region: 'eu' } })
  const named = checkoutSession({
    amount_total: 1,
    metadata: { order_id: '0f003ca5-c83c-5d08-8976-ef41f81f4de1' },
  })
  const completed = stripeEvent('checkout.session.completed', session)
  return [
    asJson(completed),
    asJson(stripeEvent('checkout.session.completed', named)),
    asJson(stripeEvent('checkout.session.async_payment_failed', named)),
    asJson(stripeEvent('checkout.session.expired', session)),
    asJson(thinEvent(completed)),
  ]
}

function asJson(value: object): Json {
  return JSON.parse(JSON.stringify(value))
}

const orderRequest: Json = {
  plan: 'small',
  region: 'eu',
  customer: { id: null, email: 'fuzz@example.com', name: 'Fuzz' },
  server_name: 'Fuzz',
  environment: { MINECRAFT_VERSION: '1.21' },
}
const planSpec: Json = {
  ptero_egg_id: 1,
  limits: { memory: 1024, swap: 0, disk: 5120, io: 500, cpu: 100 },
  environment: { MINECRAFT_VERSION: '1.21' },
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND'] as const

/** A valid request with one to three things wrong with it. Most webhooks are signed after that, so that they get further. */
export function mutated(
  template: Template,
  {
    random,
    apiKey,
    webhookSecret,
    serial,
  }: { random: Random; apiKey: string; webhookSecret: string; serial: number },
): FuzzRequest {
  let { method, path } = template
  let json = template.event ? withId(template.body, serial) : template.body
  let corrupt = false
  let headers: Record<string, string> = {
    authorization: `Bearer ${apiKey}`,
    'content-type': 'application/json',
    'idempotency-key': `fuzz-${serial}`,
  }
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const kind = random.below(10)
    if (kind < 5 && json !== undefined) json = mutateJson(json, random)
    else if (kind < 6) corrupt = true
    else if (kind < 8) path = mutatePath(path, random)
    else if (kind < 9) headers = mutateHeaders(headers, random)
    else method = random.pick([...methods])
  }
  const text = json === undefined ? Buffer.of() : Buffer.from(JSON.stringify(json))
  const body = corrupt ? mutateBytes(text, random) : text
  if (template.event && random.chance(0.9))
    headers = { ...headers, 'stripe-signature': signature(body, webhookSecret) }
  return { service: template.service, method, path, headers, body }
}

// Of bytes: they need not be text any more.
function signature(body: Buffer, secret: string): string {
  const timestamp = Math.floor(Date.now() / 1000)
  const v1 = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')
  return `t=${timestamp},v1=${v1}`
}

function withId(body: Json | undefined, serial: number): Json {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? { ...body, id: `evt_fuzz_${serial}` }
    : {}
}
