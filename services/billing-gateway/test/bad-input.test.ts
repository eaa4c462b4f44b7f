import { checkoutSession, signedWebhook, stripeEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'

let gateway: Gateway

beforeAll(async () => {
  gateway = await startGateway()
})

afterAll(() => gateway[Symbol.asyncDispose]())

const nowS = () => Math.floor(Date.now() / 1000)
const event = () => stripeEvent('checkout.session.completed', checkoutSession())
const signed = (body: unknown, options: { timestamp?: number } = {}) =>
  webhook(
    signedWebhook(typeof body === 'string' ? body : JSON.stringify(body), gateway.webhookSecret, options),
  )
const webhook = (init: { body: string; headers?: Record<string, string> }) => () =>
  fetch(`${gateway.url}/webhooks/stripe`, { method: 'POST', ...init })
const admin = (path: string, method = 'GET') => gateway.call(path, { method })
const keyless = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}${path}`, { headers })

const refused: [what: string, send: () => Promise<Response>, status: number, code: string][] = [
  ['no signature', () => webhook({ body: '{}', headers: json })(), 400, 'invalid_signature'],
  [
    'a signature that is none',
    () => webhook({ body: '{}', headers: { ...json, 'stripe-signature': 'v1=,t=x' } })(),
    400,
    'invalid_signature',
  ],
  [
    'an empty signature',
    () => webhook({ body: '{}', headers: { ...json, 'stripe-signature': `t=${nowS()},v1=` } })(),
    400,
    'invalid_signature',
  ],
  [
    'a signature of the right length beyond ASCII',
    () =>
      webhook({ body: '{}', headers: { ...json, 'stripe-signature': `t=${nowS()},v1=${'é'.repeat(64)}` } })(),
    400,
    'invalid_signature',
  ],
  [
    'a signature with another secret',
    () => webhook(signedWebhook(event(), 'whsec_of_somebody_else'))(),
    400,
    'invalid_signature',
  ],
  [
    'a signature from long ago',
    () => signed(event(), { timestamp: nowS() - 301 })(),
    400,
    'invalid_signature',
  ],
  [
    'a signature from the future',
    () => signed(event(), { timestamp: nowS() + 330 })(),
    400,
    'invalid_signature',
  ],
  [
    'another content type',
    () => webhook({ body: '{}', headers: { 'content-type': 'text/plain' } })(),
    415,
    'not_json',
  ],
  ['a body above one megabyte', () => signed('x'.repeat(1024 * 1024 + 1))(), 413, 'body_too_large'],
  ['no body', () => signed('')(), 400, 'not_an_event'],
  ['no JSON', () => signed('{"id":')(), 400, 'not_an_event'],
  ['JSON that is no object', () => signed('null')(), 400, 'not_an_event'],
  ['JSON that is no event', () => signed({ ...event(), object: 'charge' })(), 400, 'not_an_event'],
  ['deep nesting', () => signed(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)(), 400, 'not_an_event'],
  ['no id', () => signed({ ...event(), id: '' })(), 400, 'not_an_event'],
  ['an id of 100 KB', () => signed({ ...event(), id: 'e'.repeat(100_000) })(), 400, 'not_an_event'],
  ['an id beyond ASCII', () => signed({ ...event(), id: 'evt_é' })(), 400, 'not_an_event'],
  ['an account beyond ASCII', () => signed({ ...event(), account: 'acct_é' })(), 400, 'not_an_event'],
  ['an API version beyond ASCII', () => signed({ ...event(), api_version: '2026💥' })(), 400, 'not_an_event'],
  ['a date that no calendar has', () => signed({ ...event(), created: 1e15 })(), 400, 'not_an_event'],
  ['a date before all events', () => signed({ ...event(), created: -1 })(), 400, 'not_an_event'],
  [
    'a thin event from before 1970',
    () => signed({ ...event(), object: 'v2.core.event', created: '0001-01-01T00:00:00Z' })(),
    400,
    'not_an_event',
  ],
  ['the webhook read', () => admin('/webhooks/stripe'), 405, 'method_not_allowed'],
  ['the webhook read without a key', () => keyless('/webhooks/stripe'), 401, 'api_key_missing'],
  ['no API key', () => keyless('/admin/stripe-events'), 401, 'api_key_missing'],
  [
    'a wrong API key',
    () => keyless('/admin/stripe-events', { authorization: 'Bearer wrong' }),
    401,
    'api_key_unknown',
  ],
  [
    'another scheme than Bearer',
    () => keyless('/admin/stripe-events', { authorization: 'Basic YTpi' }),
    401,
    'api_key_missing',
  ],
  ['a limit of nothing', () => admin('/admin/stripe-events?limit=0'), 422, 'invalid_request'],
  ['a limit beyond the limit', () => admin('/admin/stripe-events?limit=201'), 422, 'invalid_request'],
  ['a cursor that is none', () => admin('/admin/stripe-events?before=1e99'), 422, 'invalid_request'],
  ['an unknown outcome', () => admin('/admin/stripe-events?outcome=lost'), 422, 'invalid_request'],
  ['a type beyond ASCII', () => admin('/admin/stripe-events?type=%F0%9F%92%A5'), 422, 'invalid_request'],
  [
    'an id that was never received',
    () => admin('/admin/stripe-events/evt_none/retry', 'POST'),
    404,
    'event_not_found',
  ],
  ['a malformed id', () => admin('/admin/stripe-events/%00/retry', 'POST'), 422, 'invalid_request'],
  [
    'an id whose encoding is broken',
    () => admin('/admin/stripe-events/%E0%A4%A/retry', 'POST'),
    404,
    'event_not_found',
  ],
  ['another method', () => admin('/admin/stripe-events', 'DELETE'), 405, 'method_not_allowed'],
  ['an unknown path', () => admin('/admin/nothing'), 404, 'route_not_found'],
]

const json = { 'content-type': 'application/json' }

test.each(refused)('%s is refused in words, and nothing of it is stored', async (_, send, status, code) => {
  const response = await send()
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect([response.status, await response.json()]).toMatchObject([
    status,
    { status, code, detail: expect.any(String), request_id: response.headers.get('x-request-id') },
  ])
  expect(await gateway.prisma.stripeEvent.count()).toBe(0)
})

test('any text in unused fields is stored with 200 and listed, since Stripe would retry it for days', async () => {
  const odd = { ...event(), request: { id: '\u0000\ud800💥' }, data: { object: { id: 'x'.repeat(100_000) } } }
  expect((await signed(odd)()).status).toBe(200)
  const listed = await (await admin('/admin/stripe-events')).json()
  expect(listed).toMatchObject({ events: [{ event_id: odd.id }] })
})
