import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually, type ServiceName, testMysqlUrl } from '@spawnpoint/stack'
import { checkoutSession, type eventBody, signedWebhook, stripeEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backUp, rowsOf } from './backup.ts'
import { openShop, type Shop } from './shop.ts'

const command = fileURLToPath(new URL('../../cli/bin/spawnpoint.mjs', import.meta.url))

// Left out: clocks, and what is named as lost in the README.
const clocks = [
  'created_at',
  'updated_at',
  'at',
  'received_at',
  'published_at',
  'next_attempt_at',
  'parked_at',
]
const orderTables = {
  orders: [...clocks, 'seq', 'checkout_session_id', 'checkout_url', 'checkout_expires_at', 'alarmed_at'],
  order_history: [...clocks, 'id'],
  outbox: [...clocks, 'seq', 'attempts', 'last_error'],
  inbox: [...clocks, 'batch_id', 'attempts', 'failures'],
  parked_event: clocks,
  dead_letter: clocks,
}
const provisionerTables = {
  server: [
    ...clocks,
    ...['generation', 'lease_token', 'lease_until', 'unknown_until', 'intent', 'intent_at'],
    ...['installing_since', 'installed_at'],
  ],
  outbox: orderTables.outbox,
  inbox: orderTables.inbox,
  parked_event: clocks,
  dead_letter: clocks,
}

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

test('the order service recovers from an old backup without visible effect', async () => {
  const { databases, services } = shop.stack
  const waiting = await sellBeforeTheBackup()
  await using backup = await backUp(testMysqlUrl(), databases.orders)
  const { placed } = await sellAfterTheBackup(waiting)
  const undisturbed = await atRest()

  await services.order.stop()
  await backup.restore()
  expect((await everything()).orders).not.toEqual(undisturbed.orders)
  const recovered = await recover('order', databases.orders)
  expect(recovered.own.restored).toBeGreaterThanOrEqual(6)
  expect(await everything()).toEqual(undisturbed)

  await services.order.start()
  expect(await atRest()).toEqual(undisturbed)
  const again = await shop.send('order', 'POST', '/orders', placed.request, {
    'idempotency-key': placed.idempotencyKey,
  })
  expect(again.status).toBe(201)
  expect(await again.json()).toEqual({ id: placed.id, checkout_url: placed.checkoutUrl })
  await sellOne()
})

test('the provisioner recovers from an old backup without creating a second server', async () => {
  const { databases, services } = shop.stack
  const waiting = await sellBeforeTheBackup()
  await using backup = await backUp(testMysqlUrl(), databases.provisioner)
  await sellAfterTheBackup(waiting)
  const undisturbed = await atRest()

  await services.provisioner.stop()
  await backup.restore()
  expect((await everything()).provisioner).not.toEqual(undisturbed.provisioner)
  await recover('provisioner', databases.provisioner)
  // Ports that were free when it was backed up may be taken.
  expect(await rowsOf(databases.provisioner, { panel_view: [] })).toEqual({ panel_view: [] })
  await services.provisioner.start()
  expect(await atRest()).toEqual(undisturbed)
  await sellOne()
})

test('recovering twice, or with nothing to recover, changes nothing', async () => {
  const { databases, services } = shop.stack
  await sellOne()
  const before = await atRest()
  for (const name of ['order', 'provisioner'] as const) {
    await services[name].stop()
    const url = name === 'order' ? databases.orders : databases.provisioner
    expect((await recover(name, url)).own.restored).toBe(0)
    expect((await recover(name, url)).own.restored).toBe(0)
    await services[name].start()
  }
  expect(await atRest()).toEqual(before)
})

test('recovery refuses to run while the service runs', async () => {
  const { databases } = shop.stack
  await expect(recover('order', databases.orders)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('stop every replica'),
  })
})

/** One sale, one order that waits for its money, and one whose payment arrives before the order itself could. */
async function sellBeforeTheBackup() {
  await sellOne()
  const waiting = await shop.placeOrder()
  await atRest()
  return waiting
}

/** Sales continue: paid, born from the payment, held, expired, and placed but unpaid. */
async function sellAfterTheBackup(waiting: { id: string; checkoutUrl: string }) {
  await sellOne()
  await shop.pay(waiting.checkoutUrl)
  await shop.becomes(waiting.id, 'provisioned')
  const metadata = { plan: 'small', region: 'eu' }
  const complete = { status: 'complete', payment_status: 'paid', currency: 'eur', metadata } as const
  await deliver('checkout.session.completed', { ...complete, amount_total: 999, amount_subtotal: 999 })
  await deliver('checkout.session.completed', { ...complete, amount_total: 1, amount_subtotal: 1 })
  const expired = await shop.placeOrder()
  await deliver('checkout.session.expired', {
    status: 'expired',
    payment_status: 'unpaid',
    // Of the order's own checkout: another's expiry proves nothing about it.
    id: /cs_\w+/.exec(expired.checkoutUrl)?.[0] ?? '',
    client_reference_id: expired.id,
    metadata: { ...metadata, order_id: expired.id },
  })
  await shop.becomes(expired.id, 'cancelled')
  return { placed: await placeUnpaid() }
}

async function placeUnpaid() {
  const idempotencyKey = `unpaid-${Math.random()}`
  const request = {
    plan: 'small',
    region: 'eu',
    customer: { id: 'c-1', email: 'kim@example.com', name: 'Kim' },
    server_name: 'Kim’s',
    environment: { MINECRAFT_VERSION: '1.21.4', BUILD_NUMBER: '42' },
  }
  const response = await shop.send('order', 'POST', '/orders', request, { 'idempotency-key': idempotencyKey })
  const { id, checkout_url } = (await response.json()) as { id: string; checkout_url: string }
  return { id, checkoutUrl: checkout_url, request, idempotencyKey }
}

async function sellOne(): Promise<void> {
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  expect(shop.serversOf(id)).toHaveLength(1)
}

/** All that the services have, and the panel; read until it no longer changes. */
function atRest() {
  let before = ''
  return eventually(
    async () => {
      const now = await everything()
      const text = JSON.stringify(now, (_, value) => (typeof value === 'bigint' ? String(value) : value))
      const isSame = text === before
      before = text
      if (!isSame || now.due > 0) throw new Error('Something still happens')
      return now
    },
    { timeoutMs: 30_000, everyMs: 700 },
  )
}

async function everything() {
  const { orders, provisioner, billing } = shop.stack.databases
  const [{ server = [] }, { outbox = [] }] = [
    await rowsOf(provisioner, { server: [] }),
    await rowsOf(orders, { outbox: [] }),
  ]
  return {
    orders: await rowsOf(orders, orderTables),
    provisioner: await rowsOf(provisioner, provisionerTables),
    billing: await rowsOf(billing, { outbox: orderTables.outbox }),
    panel: shop.panel.state().servers.map(({ identifier, external_id }) => ({ identifier, external_id })),
    due:
      server.filter(({ next_attempt_at }) => next_attempt_at !== null).length +
      outbox.filter(({ published_at }) => published_at === null).length,
  }
}

async function recover(service: ServiceName, DATABASE_URL: string) {
  const { nats, panel } = shop.stack
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [command, 'recover', '--service', service, '--json'],
    {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL,
        NATS_URL: nats.urls[service],
        API_KEYS: 'test:f3a9c17e5b20d846',
        PANEL_URL: panel?.url,
        PANEL_TOKEN: panel?.token,
        PANEL_PRIVATE_NETWORKS: '127.0.0.1',
        TIME_SCALE: '0.1',
      },
    },
  )
  return JSON.parse(stdout) as { own: { read: number; restored: number } }
}

async function deliver(
  type: Parameters<typeof stripeEvent>[0],
  session: Parameters<typeof checkoutSession>[0],
) {
  const event: Parameters<typeof eventBody>[0] = stripeEvent(type, checkoutSession(session))
  const { body, headers } = signedWebhook(event, shop.stripe.webhookSecret)
  const response = await fetch(`${shop.stack.services['billing-gateway'].url}/webhooks/stripe`, {
    method: 'POST',
    headers,
    body,
  })
  expect(response.status).toBe(200)
}
