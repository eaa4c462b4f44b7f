import { againAfterRaces, diffSchema } from '@spawnpoint/database'
import { derivedId } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { checkoutSession, signedWebhook, stripeEvent, thinEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const nobody = {
  address: null,
  business_name: null,
  individual_name: null,
  phone: null,
  tax_exempt: null,
  tax_ids: null,
}

const orderId = (name: string) => derivedId(name, 'order')

function paid(overrides: Parameters<typeof checkoutSession>[0] = {}) {
  return stripeEvent(
    'checkout.session.completed',
    checkoutSession({ metadata: { order_id: orderId('order-1') }, ...overrides }),
  )
}

function signed(event: Parameters<typeof signedWebhook>[0], options?: { timestamp?: number }) {
  return signedWebhook(event, gateway.webhookSecret, options)
}

function settled(eventId: string) {
  return eventually(async () => {
    const row = await gateway.prisma.stripeEvent.findFirstOrThrow({ where: { eventId } })
    expect(row.outcome).not.toBeNull()
    return row
  })
}

const nowS = () => Math.floor(Date.now() / 1000)

describe('What is refused', () => {
  test.each([
    ['a signature with another secret', () => signedWebhook(paid(), 'whsec_of_somebody_else')],
    ['a signature six minutes old', () => signed(paid(), { timestamp: nowS() - 360 })],
    ['a signature from six minutes ahead', () => signed(paid(), { timestamp: nowS() + 360 })],
    ['no signature', () => ({ body: '{}', headers: { 'content-type': 'application/json' } })],
  ])('%s', async (_, webhook) => {
    const response = await gateway.post(webhook())
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'invalid_signature' }])
  })

  test('a body that was changed on the way', async () => {
    const { body, headers } = signed(paid())
    const response = await gateway.post({
      body: body.replace(orderId('order-1'), orderId('order-2')),
      headers,
    })
    expect(response.status).toBe(400)
  })

  test.each(['no JSON', '[]', '{"id":"evt_1","object":"charge"}', '{"object":"event"}'])(
    'a signed body that is no event: %s',
    async (body) => {
      const response = await gateway.post(signed(body))
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'not_an_event' }])
    },
  )

  test('another content type', async () => {
    const { body, headers } = signed(paid())
    const response = await gateway.post({
      body,
      headers: { ...headers, 'content-type': 'text/plain' },
    })
    expect(response.status).toBe(415)
  })

  test('a body above one megabyte', async () => {
    const response = await gateway.post(signed('x'.repeat(1024 * 1024 + 1)))
    expect([response.status, await response.json()]).toMatchObject([413, { code: 'body_too_large' }])
  })
})

describe('What is stored', () => {
  test('an event is in the journal, byte for byte, before it is acknowledged', async () => {
    const event = paid()
    const webhook = signed(event)
    const response = await gateway.post(webhook)
    expect([response.status, await response.json()]).toEqual([200, { received: true }])
    const row = await gateway.prisma.stripeEvent.findFirstOrThrow({ where: { eventId: event.id } })
    expect(Buffer.from(row.body).toString()).toBe(webhook.body)
  })

  test('fifty deliveries of one event at once are one row, one payment and one message', async () => {
    const event = paid({ metadata: { order_id: orderId('order-50') } })
    const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.post(signed(event))))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(await settled(event.id)).toMatchObject({ deliveries: 50 })
    expect(await gateway.prisma.stripeEvent.count({ where: { eventId: event.id } })).toBe(1)
    expect(await gateway.prisma.outbox.count({ where: { key: event.data.object.id } })).toBe(1)
  })

  test('ids that differ only in case are two events', async () => {
    const session = checkoutSession({ metadata: { order_id: orderId('order-case') } })
    const lower = stripeEvent('checkout.session.completed', session, { id: 'evt_case_a' })
    const upper = stripeEvent('checkout.session.completed', session, { id: 'evt_CASE_a' })
    await Promise.all([gateway.post(signed(lower)), gateway.post(signed(upper))])
    const outcomes = [(await settled(lower.id)).outcome, (await settled(upper.id)).outcome]
    expect(outcomes.sort()).toEqual(['done', 'ignored'])
  })
})

describe('What becomes of it', () => {
  test('a paid session is published as payment.succeeded', async () => {
    const event = paid({ metadata: { order_id: orderId('order-paid') }, amount_total: 1200 })
    await gateway.post(signed(event))
    expect(await settled(event.id)).toMatchObject({ outcome: 'done' })
    await eventually(async () => {
      const sent = await gateway.prisma.outbox.findFirstOrThrow({ where: { key: event.data.object.id } })
      expect(sent.publishedAt).not.toBeNull()
      expect(JSON.parse(sent.envelope)).toMatchObject({
        type: 'payment.succeeded',
        sequence: 1,
        data: {
          order_id: orderId('order-paid'),
          status: 'succeeded',
          paid: { amount: 1200, currency: 'usd' },
        },
      })
    })
  })

  test('a paid session whose metadata fits no column is published nevertheless', async () => {
    const long = '\ud83d\ude00'.repeat(250)
    const metadata = {
      order_id: 'commande-é',
      plan: long,
      region: long,
      server_name: `\ud800${'x'.repeat(499)}`,
    }
    const customer_details = { ...nobody, email: `${'e'.repeat(400)}@example.com`, name: long.repeat(2) }
    const event = paid({ metadata, customer_details })
    await gateway.post(signed(event))
    expect(await settled(event.id)).toMatchObject({ outcome: 'done' })
    const sent = await gateway.prisma.outbox.findFirstOrThrow({ where: { key: event.data.object.id } })
    expect(JSON.parse(sent.envelope)).toMatchObject({ data: { order_id: null, customer_email: null } })
  })

  test('an unpaid session is published as pending, and succeeds when the bank pays', async () => {
    const session = checkoutSession({
      metadata: { order_id: orderId('order-bank') },
      payment_status: 'unpaid',
    })
    const published = async () => {
      const rows = await gateway.prisma.outbox.findMany({
        where: { key: session.id },
        orderBy: { seq: 'asc' },
      })
      return rows.map(({ subject }) => subject)
    }
    const completed = stripeEvent('checkout.session.completed', session)
    await gateway.post(signed(completed))
    await settled(completed.id)
    const payment = await gateway.prisma.payment.findUniqueOrThrow({ where: { id: session.id } })
    expect(payment).toMatchObject({ status: 'pending', version: 1 })
    expect(await published()).toEqual(['payment.pending'])

    const later = stripeEvent('checkout.session.async_payment_succeeded', {
      ...session,
      payment_status: 'paid',
    })
    await gateway.post(signed(later))
    await settled(later.id)
    expect(await gateway.prisma.payment.findUniqueOrThrow({ where: { id: session.id } })).toMatchObject({
      status: 'succeeded',
      version: 2,
    })
    expect(await published()).toEqual(['payment.pending', 'payment.succeeded'])
  })

  test.each([
    ['not_ours', () => paid({ metadata: {} })],
    ['wrong_mode', () => ({ ...paid(), livemode: true })],
    ['thin_event', () => thinEvent(paid())],
    ['type_not_used', () => ({ ...paid(), type: 'customer.created' })],
    ['connected_account', () => ({ ...paid(), account: 'acct_1' })],
  ])('%s is acknowledged, stored and ignored by name', async (reason, make) => {
    const event = make()
    expect((await gateway.post(signed(event))).status).toBe(200)
    expect(await settled(event.id)).toMatchObject({ outcome: 'ignored', reason })
  })

  test('a session that cannot be parsed stays visible, delays no other event, and can be retried', async () => {
    const broken = paid()
    const body = { ...broken, data: { object: { ...broken.data.object, amount_total: 'ten' } } }
    const whole = paid({ metadata: { order_id: orderId('order-behind') } })
    await gateway.post(signed(JSON.stringify(body)))
    await gateway.post(signed(whole))
    expect(await settled(whole.id)).toMatchObject({ outcome: 'done' })
    expect(await settled(broken.id)).toMatchObject({ outcome: 'failed', attempts: 1, processedAt: null })

    await eventually(async () =>
      expect(await (await gateway.call('/health')).json()).toMatchObject({
        status: 'degraded',
        failing: { journal: expect.stringContaining('outcome=failed') },
      }),
    )

    const list = await gateway.call('/admin/stripe-events?outcome=failed')
    expect(await list.json()).toMatchObject({
      events: [{ event_id: broken.id, error: expect.stringContaining('amount') }],
    })

    await againAfterRaces(() =>
      gateway.prisma.stripeEvent.updateMany({
        where: { eventId: broken.id },
        data: { body: Buffer.from(JSON.stringify(broken)) },
      }),
    )
    const retried = await gateway.call(`/admin/stripe-events/${broken.id}/retry`, { method: 'POST' })
    expect(retried.status).toBe(202)
    await eventually(async () => expect(await settled(broken.id)).toMatchObject({ outcome: 'done' }))
    await eventually(async () =>
      expect(await (await gateway.call('/health')).json()).toMatchObject({ status: 'healthy' }),
    )
  })
})

test('The tables match schema.prisma', async () => {
  const { pathname } = new URL('../prisma/schema.prisma', import.meta.url)
  expect(await diffSchema({ schemaPath: pathname, url: gateway.databaseUrl })).toEqual([])
})
