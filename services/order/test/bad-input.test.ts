import { createCheckout } from '@spawnpoint/contracts'
import { answerRequests, connectNats, derivedId, RequestRefused } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { payment } from './fixtures.ts'
import { openShop, orderRequest, type Shop } from './open-shop.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const long = 'x'.repeat(100_000)
const unknownId = '00000000-0000-4000-8000-000000000000'
const plan = { name: 'Small', amount: 999, currency: 'eur' }

type Asked = {
  method?: string
  path?: string
  body?: unknown
  headers?: Record<string, string>
}
type Case = [what: string, asked: Asked, status: number, code: string]

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})

afterAll(() => shop?.[Symbol.asyncDispose]())

const orders: Case[] = [
  ['an unknown plan', { body: { ...orderRequest, plan: 'none' } }, 422, 'unknown_plan'],
  ['an unknown region', { body: { ...orderRequest, region: 'mars' } }, 422, 'unknown_region'],
  [
    'a currency, which the plan decides',
    { body: { ...orderRequest, currency: 'usd' } },
    422,
    'invalid_request',
  ],
  ['a field that does not exist', { body: { ...orderRequest, enviroment: {} } }, 422, 'invalid_request'],
  ['no plan', { body: { ...orderRequest, plan: undefined } }, 422, 'invalid_request'],
  ['a plan of another type', { body: { ...orderRequest, plan: { id: 'small' } } }, 422, 'invalid_request'],
  ['a name of spaces', { body: { ...orderRequest, server_name: '   ' } }, 422, 'invalid_request'],
  [
    'a name of 192 characters',
    { body: { ...orderRequest, server_name: 'x'.repeat(192) } },
    422,
    'invalid_request',
  ],
  [
    'a broken e-mail',
    { body: { ...orderRequest, customer: { email: 'a@', name: 'A' } } },
    422,
    'invalid_request',
  ],
  [
    'an egg variable that no panel takes',
    { body: { ...orderRequest, environment: { 'max-players': '1' } } },
    422,
    'invalid_request',
  ],
  [
    'egg variables of 17 KB in all',
    { body: { ...orderRequest, environment: bigEnvironment(17) } },
    422,
    'invalid_request',
  ],
  [
    'a customer id that is a way up a path',
    { body: { ...orderRequest, customer: { ...orderRequest.customer, id: '..' } } },
    422,
    'invalid_request',
  ],
  [
    'a customer id that is a dot',
    { body: { ...orderRequest, customer: { ...orderRequest.customer, id: ' . ' } } },
    422,
    'invalid_request',
  ],
  ['a number as egg variable', { body: { ...orderRequest, environment: { A: 1 } } }, 422, 'invalid_request'],
  ['a list', { body: [] }, 422, 'invalid_request'],
  ['null', { body: 'null' }, 422, 'invalid_request'],
  ['JSON that breaks off', { body: '{"plan":' }, 400, 'malformed_request'],
  ['nothing', { body: '' }, 400, 'malformed_request'],
  ['a string of 100 KB', { body: { ...orderRequest, server_name: long } }, 413, 'body_too_large'],
  [
    'an egg variable of 100 KB',
    { body: { ...orderRequest, environment: { A: long } } },
    413,
    'body_too_large',
  ],
]
const keys: Case[] = [
  ['no Idempotency-Key', { headers: { 'idempotency-key': '' } }, 422, 'invalid_request'],
  ['an Idempotency-Key with spaces', { headers: { 'idempotency-key': 'a b' } }, 422, 'invalid_request'],
  ['a long Idempotency-Key', { headers: { 'idempotency-key': 'x'.repeat(192) } }, 422, 'invalid_request'],
  ['no API key', { headers: { authorization: '' } }, 401, 'api_key_missing'],
  ['another scheme', { headers: { authorization: 'Basic c2hvcA==' } }, 401, 'api_key_missing'],
  ['a wrong API key', { headers: { authorization: 'Bearer wrong' } }, 401, 'api_key_unknown'],
]
const reading: Case[] = [
  ['an order nobody knows', { path: `/orders/${unknownId}` }, 404, 'order_not_found'],
  ['a malformed id', { path: '/orders/not-a-uuid' }, 422, 'invalid_request'],
  ['an id of 8,000 characters', { path: `/orders/${'x'.repeat(8_000)}` }, 422, 'invalid_request'],
  ['an id with a quote', { path: "/orders/'%20OR%201=1" }, 422, 'invalid_request'],
  ['a limit of none', { path: '/orders?limit=0' }, 422, 'invalid_request'],
  ['a limit in words', { path: '/orders?limit=all' }, 422, 'invalid_request'],
  ['a cursor that is none', { path: '/orders?starting_after=abc' }, 422, 'invalid_request'],
  ['a status that is none', { path: '/orders?status=happy' }, 422, 'invalid_request'],
  ['a parameter that is none', { path: '/orders?order=asc' }, 422, 'invalid_request'],
  ['a page that is none', { path: '/nothing' }, 404, 'route_not_found'],
].map(([what, asked, ...answer]) => [what, { method: 'GET', ...(asked as Asked) }, ...answer] as Case)
const catalogue: Case[] = [
  ['a plan id in capitals', { path: '/admin/plans/BIG', body: plan }, 422, 'invalid_request'],
  [
    'an unknown currency',
    { path: '/admin/plans/p', body: { ...plan, currency: 'zzz' } },
    422,
    'invalid_request',
  ],
  [
    'a currency in capitals',
    { path: '/admin/plans/p', body: { ...plan, currency: 'EUR' } },
    422,
    'invalid_request',
  ],
  ['half a cent', { path: '/admin/plans/p', body: { ...plan, amount: 0.5 } }, 422, 'invalid_request'],
  ['a price below zero', { path: '/admin/plans/p', body: { ...plan, amount: -1 } }, 422, 'invalid_request'],
  ['a week', { path: '/admin/plans/p', body: { ...plan, interval: 'week' } }, 422, 'invalid_request'],
  ['a region without a name', { path: '/admin/regions/r', body: {} }, 422, 'invalid_request'],
  ['a region of 100 KB', { path: '/admin/regions/r', body: { name: long } }, 413, 'body_too_large'],
].map(([what, asked, ...answer]) => [what, { method: 'PUT', ...(asked as Asked) }, ...answer] as Case)

const deciding: Case[] = [
  ['an order nobody knows', { path: `/admin/orders/${unknownId}/decide`, body: {} }, 404, 'order_not_found'],
  ['a malformed id', { path: '/admin/orders/not-a-uuid/decide', body: {} }, 422, 'invalid_request'],
  [
    'a price, which the plan decides',
    { path: `/admin/orders/${unknownId}/decide`, body: { amount: 1 } },
    422,
    'invalid_request',
  ],
  [
    'egg variables of 17 KB in all',
    { path: `/admin/orders/${unknownId}/decide`, body: { environment: bigEnvironment(17) } },
    422,
    'invalid_request',
  ],
]

describe('what does not fit is answered with a problem document, and nothing is half-written', () => {
  test.each([...orders, ...keys, ...reading, ...catalogue, ...deciding])(
    '%s',
    async (_, asked, status, code) => {
      const before = await rows()
      await isProblem(await send(asked), status, code)
      expect(await rows()).toEqual(before)
    },
  )

  test('another content type', async () => {
    const before = await rows()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      await isProblem(await send({ headers: { 'content-type': type } }), 415)
    expect(await rows()).toEqual(before)
  })
})

test('the request id of the caller comes back with the problem', async () => {
  const response = await send({ path: '/nothing', method: 'GET', headers: { 'x-request-id': 'mine-1' } })
  expect(await response.json()).toMatchObject({ request_id: 'mine-1' })
  expect(response.headers.get('x-request-id')).toBe('mine-1')
})

test('half a character in a name becomes the sign for one that cannot be read', async () => {
  const body = {
    ...orderRequest,
    server_name: 'Home \ud800',
    customer: { id: '\udc00', email: 'a@example.com', name: '\ud83d A' },
    environment: { MOTD: '\udfff!' },
  }
  await send({ body, headers: { 'idempotency-key': 'half' } })
  const id = derivedId('shop/half', 'order')
  const { envelope } = await shop.prisma.outbox.findFirstOrThrow({ where: { key: id } })
  expect(JSON.parse(envelope).data).toMatchObject({
    server_name: 'Home \ufffd',
    customer: { id: '\ufffd', name: '\ufffd A' },
    environment: { MOTD: '\ufffd!' },
  })
})

test('egg variables of 15 KB in all are taken', async () => {
  const headers = { 'idempotency-key': 'big' }
  await send({ body: { ...orderRequest, environment: bigEnvironment(15) }, headers })
  const id = derivedId('shop/big', 'order')
  expect(await shop.prisma.order.count({ where: { id } })).toBe(1)
})

test('an order without its checkout is kept, and the same key never creates a second one', async () => {
  const headers = { 'idempotency-key': 'same' }
  const before = await rows()
  const response = await send({ headers })
  await isProblem(response, 503, 'checkout_unavailable')
  expect(response.headers.get('retry-after')).toBe('2')
  const kept = await rows()
  expect(kept).toEqual({
    ...before,
    orders: before.orders + 1,
    history: before.history + 1,
    outbox: before.outbox + 1,
  })
  await isProblem(await send({ headers }), 503, 'checkout_unavailable')
  const other = { ...orderRequest, server_name: 'Another' }
  await isProblem(await send({ headers, body: other }), 422, 'idempotency_key_reused')
  expect(await rows()).toEqual(kept)
})

describe('with a gateway', () => {
  const checkout = { checkout_session_id: 'cs_1', checkout_url: 'https://pay.example.com/cs_1' }
  let answer = async () => ({ ...checkout, expires_at: new Date(Date.now() + 60_000).toISOString() })

  beforeAll(async () => {
    const nats = connectNats({ url: shop.nats.url, name: 'gateway', log })
    answerRequests({ nats, contract: createCheckout, handle: () => answer(), log })
    await (await nats.connection()).flush()
    return () => nats.close()
  })

  test('an order that is paid is not sent to pay again, though its page is still open', async () => {
    const headers = { 'idempotency-key': 'paid' }
    const placed = await send({ headers })
    const id = derivedId('shop/paid', 'order')
    expect(placed.status).toBe(201)
    expect(await placed.json()).toEqual({ id, checkout_url: checkout.checkout_url })
    await shop.publishPayment(payment({ payment_id: 'cs_paid', order_id: id }))
    await shop.orderPaidBy('cs_paid')
    await isProblem(await send({ headers }), 409, 'order_already_paid')
  })

  test.each([
    ['already_paid', 409, 'order_already_paid'],
    ['order_differs', 409, 'plan_changed'],
    ['stripe_refused', 422, 'checkout_refused'],
    ['stripe_key_refused', 503, 'checkout_unavailable'],
    ['stripe_unavailable', 503, 'checkout_unavailable'],
  ])('its refusal %s is answered with %i %s', async (refusal, status, code) => {
    answer = () => Promise.reject(new RequestRefused(refusal, 'No'))
    await isProblem(await send({ headers: { 'idempotency-key': refusal } }), status, code)
  })
})

function bigEnvironment(kilobytes: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: kilobytes }, (_, i) => [`V${i}`, 'x'.repeat(1000)]))
}

function send({ method = 'POST', path = '/orders', body = orderRequest, headers }: Asked): Promise<Response> {
  const key = { 'idempotency-key': 'never-kept', ...headers }
  return shop.send(method, path, method === 'GET' ? undefined : body, key)
}

async function isProblem(response: Response, status: number, code?: string) {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({
    status,
    code: code ?? expect.stringMatching(/^[a-z_]+$/),
    detail: expect.stringMatching(/\S/),
    request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  expect(response.status).toBe(status)
}

async function rows() {
  const { order, orderHistory, outbox, plan, region, parkedEvent } = shop.prisma
  const [orders, history, events, plans, regions, parked] = await Promise.all([
    order.count(),
    orderHistory.count(),
    outbox.count(),
    plan.count(),
    region.count(),
    parkedEvent.count(),
  ])
  return { orders, history, outbox: events, plans, regions, parked }
}
