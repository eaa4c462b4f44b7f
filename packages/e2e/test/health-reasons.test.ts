import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connectNats, newEvent } from '@spawnpoint/messaging'
import { eventually, log, paymentData, type ServiceName, testDirectory } from '@spawnpoint/stack'
import { checkoutSession, signedWebhook, stripeEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inMysql } from './in-mysql.ts'
import { openShop, type Shop } from './shop.ts'
import { spawnpoint } from './spawnpoint.ts'
import { openStalls, type Stalls } from './stalls.ts'

// What waits for a person, and vendors and settings that cannot be used; outages: health-outages.test.ts.

const directory = testDirectory('clock')
const clock = join(directory, 'ahead-ms')
const movedClock = fileURLToPath(new URL('./moved-clock.mjs', import.meta.url))
const env = { INSTALL_TRIES: '1', SERVER_LATE_MINUTES: '0.5', RECONCILE_MINUTES: '0', CATCH_UP_MINUTES: '0' }

let shop: Shop
let stalls: Stalls

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.1, env })
  stalls = openStalls(shop)
  await shop.send('order', 'PUT', '/admin/plans/paid-back', {
    ...{ name: 'Paid back', amount: 999, currency: 'eur', policy: { when_impossible: 'refund' } },
  })
  await shop.send('provisioner', 'PUT', '/admin/plan-specs/paid-back', {
    ptero_egg_id: 1,
    limits: { memory: 1024, swap: 0, disk: 5120, io: 500, cpu: 100 },
  })
}, 120_000)

afterAll(async () => {
  stalls.print()
  await shop[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
}, 60_000)

test('what waits for a person is told with the oldest of it, and status exits with 3', async () => {
  const [drifting, differing] = await Promise.all([sold(), sold()])
  let tellStatus = () => {}
  const statusWasTold = new Promise<void>((resolve) => {
    tellStatus = resolve
  })
  const observed = Promise.all([
    stalls.observe({
      kind: 'a paid order failed',
      ...{ service: 'order', reason: 'orders', text: /paid without a server and failed.*\/decide/ },
      make: async () => void (await failed('small')),
      mend: async () => {
        await statusWasTold
        for (const { id } of await failedOrders()) await shop.instruct(id, 'terminate')
      },
    }),
    stalls.observe({
      kind: 'a paid order without a server for too long',
      ...{ service: 'order', reason: 'late_orders', text: /without a server: the oldest.*panel check/ },
      make: async () => {
        late = await paid('small', { mode: 'never' })
        await shop.becomes(late, 'provisioning')
      },
      mend: () => shop.instruct(late, 'terminate'),
    }),
    stalls.observe({
      kind: 'a dead letter',
      ...{ service: 'order', reason: 'dead_letters' },
      text: /payment\.succeeded \(unsupported_version\).*dead-letters list --service order/,
      make: publishUnknownVersion,
      mend: () =>
        ask('order', 'POST', '/admin/dead-letters/resolve', {
          filter: { class: 'unsupported_version' },
          note: 'a test',
        }),
    }),
    stalls.observe({
      kind: 'a refund waits for approval',
      ...{ service: 'billing-gateway', reason: 'refunds', text: /1 wait for .*the oldest for.*refunds list/ },
      make: async () => void (await failed('paid-back')),
      mend: async () => {
        const { data } = (await ask('billing-gateway', 'GET', '/admin/refunds')) as {
          data: { refund_request_id: string }[]
        }
        for (const { refund_request_id: id } of data)
          await ask('billing-gateway', 'POST', `/admin/refunds/${id}/approve`)
      },
    }),
    stalls.observe({
      kind: 'a drift',
      ...{ service: 'provisioner', reason: 'drifts', text: /memory is 99999.*drifts list/ },
      make: async () => {
        shop.panel.change({ servers: [{ id: shop.serversOf(drifting)[0]?.id ?? 0, memory: 99_999 }] })
        await eventually(async () => expect(await sweptDrifts()).toHaveLength(1), slow)
      },
      mend: async () => {
        for (const { drift_id } of await sweptDrifts())
          await ask('provisioner', 'POST', `/admin/drifts/${drift_id}/ignore`)
      },
    }),
    stalls.observe({
      kind: 'a discrepancy',
      ...{ service: 'order', reason: 'discrepancies', text: /discrepancies.*reconcile --fix/ },
      make: async () => {
        await charged(differing, "REPLACE(charge, '999', '99')")
        await eventually(async () => expect(await reconciled()).toContain(differing), slow)
      },
      mend: async () => {
        await charged(differing, "REPLACE(charge, '99', '999')")
        await eventually(async () => expect(await reconciled()).not.toContain(differing), slow)
      },
    }),
    stalls.observe({
      kind: 'an event in the journal cannot be translated',
      ...{
        service: 'billing-gateway',
        reason: 'journal',
        text: /could not be processed.*outcome=failed.*\/retry/,
      },
      make: async () => {
        broken = await deliverBroken()
      },
      mend: async () => {
        const body = Buffer.from(JSON.stringify(broken))
        const { billing } = shop.stack.databases
        await inMysql(billing, 'UPDATE stripe_event SET body = ? WHERE event_id = ?', [body, broken.id])
        await ask('billing-gateway', 'POST', `/admin/stripe-events/${broken.id}/retry`)
      },
    }),
  ])
  await eventually(
    async () => {
      const { code, stdout } = await spawnpoint(shop, 'status')
      expect(code).toBe(3)
      expect(stdout).toMatch(/^order .* orders: .* → /m)
    },
    { timeoutMs: 60_000, everyMs: 500 },
  ).finally(tellStatus)
  await observed
}, 120_000)

test('webhooks that are refused or do not arrive, and keys that are refused', async () => {
  const panel = stalls.observe({
    kind: 'the panel refuses its key',
    ...{ service: 'provisioner', reason: 'panel', text: /PANEL_TOKEN.*panel check/ },
    make: async () => void shop.panel.addFault({ do: { kind: 'status', status: 401 } }),
    mend: async () => void shop.panel.removeFaults(),
    mendWithinMs: 45_000,
  })
  await stalls.observe({
    kind: 'webhooks are signed with another secret',
    ...{ service: 'billing-gateway', reason: 'webhooks' },
    text: /evt_\w+: STRIPE_WEBHOOK_SECRET is not this endpoint's.*restart the service/,
    make: async () => {
      shop.stripe.addWebhookFault({ do: { kind: 'wrong-signature' } })
      await payOne()
    },
    mend: withoutFaults,
  })
  await stalls.observe({
    kind: 'a proxy writes the body of webhooks anew',
    ...{
      service: 'billing-gateway',
      reason: 'webhooks',
      text: /a proxy parses the JSON.*pass the body as it is/,
    },
    make: deliverRewritten,
    mend: withoutFaults,
  })
  let caughtUp = () => {}
  const whenCaughtUp = new Promise<void>((resolve) => {
    caughtUp = resolve
  })
  const keys = whenCaughtUp.then(refuseStripeKeys)
  await stalls.observe({
    kind: 'webhooks do not arrive',
    ...{ service: 'billing-gateway', reason: 'missed_webhooks' },
    text: /Webhooks do not arrive.*checkout\.session\.completed.*POST \/webhooks\/stripe/,
    make: async () => {
      shop.stripe.addWebhookFault({ do: { kind: 'drop' } })
      await payOne()
      await spawnpoint(shop, 'catch-up')
      caughtUp()
    },
    mend: async () => {
      await keys
      await withoutFaults()
    },
  })
  await panel
}, 180_000)

test('what a stranger posts to the webhook route makes nothing degraded', async () => {
  const event = stripeEvent('checkout.session.completed', checkoutSession({ metadata: {} }))
  const { body, headers } = signedWebhook(event, 'whsec_of_a_stranger')
  const before = eventsLookedUp()
  expect((await post(body, headers)).status).toBe(400)
  await eventually(() => expect(eventsLookedUp()).toBeGreaterThan(before))
  const { failing } = await stalls.healthOf('billing-gateway')
  expect(failing?.webhooks).toBeUndefined()
})

test('a clock that jumps is told before and when it refuses webhooks', async () => {
  writeFileSync(clock, '0')
  const gateway = shop.stack.services['billing-gateway']
  await gateway.stop()
  await gateway.start({ env: { CLOCK_FILE: clock }, nodeArgs: ['--import', movedClock] })
  const back = async () => writeFileSync(clock, '0')
  await Promise.all([
    stalls.observe({
      kind: 'the clock jumps by seven minutes',
      ...{ service: 'billing-gateway', reason: 'clock', text: /clock is 4\d\d s ahead.*timedatectl/ },
      make: async () => writeFileSync(clock, '420000'),
      mend: back,
    }),
    stalls.observe({
      kind: 'webhooks are refused for the clock',
      ...{ service: 'billing-gateway', reason: 'webhooks', text: /the clock is wrong.*timedatectl/ },
      make: async () => {
        await eventually(async () => expect((await deliverUnused()).status).toBe(400))
      },
      mend: async () => {
        await back()
        await eventually(async () => expect((await deliverUnused()).status).toBe(200))
      },
    }),
  ])
}, 60_000)

async function refuseStripeKeys(): Promise<void> {
  let fault = ''
  const stall = {
    service: 'billing-gateway' as const,
    reason: 'stripe',
    mend: async () => void shop.stripe.removeFaults(fault),
  }
  await stalls.observe({
    ...stall,
    kind: 'Stripe refuses the key',
    text: /refuses the key.*set STRIPE_SECRET_KEY/,
    make: async () => {
      fault = shop.stripe.addApiFault({ do: { kind: 'status', status: 401 } })
    },
  })
  await stalls.observe({
    ...stall,
    kind: 'Stripe does not let the key do a call',
    text: /may not do GET \/v1\/events.*these permissions/,
    make: async () => {
      const when = { path: '/v1/events' }
      fault = shop.stripe.addApiFault({ when, do: { kind: 'status', status: 403 } })
    },
  })
}

const slow = { timeoutMs: 30_000, everyMs: 300 }
let late = ''
let broken: { id: string } = { id: '' }

async function ask(service: ServiceName, method: string, path: string, body?: object): Promise<unknown> {
  const response = await shop.send(service, method, path, body)
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}: ${await response.text()}`)
  return await response.json()
}

async function sold(): Promise<string> {
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  return id
}

async function paid(plan: string, install: Parameters<Shop['panel']['planInstalls']>[0]): Promise<string> {
  const { id, checkoutUrl } = await shop.placeOrder({ plan })
  shop.panel.planInstalls(install, id)
  await shop.pay(checkoutUrl)
  return id
}

async function failed(plan: string): Promise<string> {
  const id = await paid(plan, { mode: 'fail' })
  await shop.becomes(id, 'error')
  return id
}

async function payOne(): Promise<void> {
  const { checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
}

async function withoutFaults(): Promise<void> {
  shop.stripe.removeFaults()
  await eventually(payOne, slow)
}

async function failedOrders(): Promise<{ id: string }[]> {
  const { data } = (await ask('order', 'GET', '/orders?status=error&billing_status=paid')) as {
    data: { id: string }[]
  }
  return data
}

async function sweptDrifts(): Promise<{ drift_id: string }[]> {
  await ask('provisioner', 'POST', '/admin/drifts/sweep')
  const { data } = (await ask('provisioner', 'GET', '/admin/drifts?state=open')) as {
    data: { drift_id: string }[]
  }
  return data
}

async function reconciled(): Promise<(string | null)[]> {
  await ask('order', 'POST', '/admin/reconcile')
  const { data } = (await ask('order', 'GET', '/admin/differences?state=open')) as {
    data: { order_id: string | null }[]
  }
  return data.map(({ order_id }) => order_id)
}

function charged(id: string, value: string): Promise<unknown> {
  return inMysql(shop.stack.databases.orders, `UPDATE orders SET charge = ${value} WHERE id = ?`, [id])
}

/** What a gateway of a later version would publish. */
async function publishUnknownVersion(): Promise<void> {
  const nats = connectNats({ url: shop.stack.nats.urls['billing-gateway'], name: 'a later gateway', log })
  const data = paymentData({ payment_id: 'cs_later', status: 'succeeded', plan: 'small', region: 'eu' })
  const event = newEvent({
    ...{ source: 'billing', cause: 'cs_later/succeeded', type: 'payment.succeeded' },
    ...{ subject: 'cs_later', version: 1, data, time: new Date() },
  })
  const connection = await nats.connection()
  connection.publish(event.type, JSON.stringify({ ...event, dataversion: 99 }))
  await connection.flush()
  await nats.close()
}

async function deliverBroken() {
  const whole = stripeEvent(
    'checkout.session.completed',
    checkoutSession({ metadata: { order_id: 'nobody' } }),
  )
  const body = { ...whole, data: { object: { ...whole.data.object, amount_total: 'ten' } } }
  const signed = signedWebhook(JSON.stringify(body), shop.stripe.webhookSecret)
  expect((await post(signed.body, signed.headers)).status).toBe(200)
  return whole
}

/** As a framework with a JSON parser in front sends it on. */
async function deliverRewritten(): Promise<void> {
  const event = stripeEvent('checkout.session.completed', checkoutSession({ metadata: {} }))
  const { body, headers } = signedWebhook(event, shop.stripe.webhookSecret)
  expect((await post(JSON.stringify(JSON.parse(body)), headers)).status).toBe(400)
}

/** How often Stripe was asked for one event. */
function eventsLookedUp(): number {
  const calls = Object.entries(shop.stripe.state().calls)
  return calls.reduce((sum, [call, count]) => sum + (/^GET \/v1\/events\/./.test(call) ? count : 0), 0)
}

function deliverUnused(): Promise<Response> {
  const event = stripeEvent('checkout.session.completed', checkoutSession({ metadata: {} }))
  const { body, headers } = signedWebhook(event, shop.stripe.webhookSecret)
  return post(body, headers)
}

function post(body: string, headers: Record<string, string>): Promise<Response> {
  const url = `${shop.stack.services['billing-gateway'].url}/webhooks/stripe`
  return fetch(url, { method: 'POST', headers, body })
}
