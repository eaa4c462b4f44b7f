import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openConnection } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inMysql } from './in-mysql.ts'
import { quiet } from './quiet.ts'
import { openShop, type Shop } from './shop.ts'
import { type Ran, spawnpoint } from './spawnpoint.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

const customer = { id: 'shop-77-quintero', email: 'Marisol.Quintero@example.com', name: 'Marisol Quintero' }
/** In whatever is stored of this customer. */
const personal = /quintero/i

test('a customer with a running server is not forgotten, and one whose orders are over is, for good', async () => {
  const sold = await sell()
  const abandoned = await place()
  // What an operator changes is in the audit log with what was before.
  await shop.instruct(sold.id, 'change-owner', { customer: { ...customer, name: 'Marisol Quintero Paz' } })
  await leaveDeadLetter(sold.id)

  const early = await forget('--yes')
  expect(early).toMatchObject({ code: 1 })
  expect(early.stderr).toMatch(new RegExp(`Order ${sold.id}: it is provisioned.*End it first`))
  expect(early.stderr).toContain(`Order ${abandoned.id}: it is open`)
  expect(early.stderr).toContain('nothing was erased')

  await shop.instruct(sold.id, 'terminate')
  await shop.becomes(sold.id, 'terminated')
  await shop.send('order', 'POST', `/orders/${abandoned.id}/cancel`, { when: 'now' })
  await shop.becomes(abandoned.id, 'cancelled')
  await quiet(shop)

  const exported = await spawnpoint(shop, 'customers', 'export', customer.id)
  expect(exported.code).toBe(0)
  const { subject, records } = JSON.parse(exported.stdout)
  expect(subject.order_ids).toEqual([sold.id, abandoned.id])
  expect(records.order.orders).toMatchObject([
    { id: sold.id, customerEmail: customer.email },
    { id: abandoned.id },
  ])
  expect(records.order.audit.length).toBeGreaterThan(0)
  expect(records.provisioner).toMatchObject({ servers: [{ orderId: sold.id }, {}], panel_user: [{}] })
  expect(records['billing-gateway'].payments).toContainEqual(
    expect.objectContaining({ order_id: sold.id, status: 'succeeded' }),
  )
  expect(records['billing-gateway'].stripe_events.length).toBeGreaterThan(0)

  const before = await stored()
  expect(Object.keys(before).sort()).toEqual([
    'billing.outbox',
    'billing.payment',
    'billing.stripe_event',
    'orders.audit',
    'orders.dead_letter',
    'orders.orders',
    'orders.outbox',
    'provisioner.panel_user',
    'provisioner.server',
  ])
  const dry = await forget('--dry-run', '--json')
  expect(dry).toMatchObject({ code: 0 })
  expect(JSON.parse(dry.stdout)).toMatchObject({
    dry_run: true,
    services: {
      order: { erased: { orders: 2, dead_letter: 1 } },
      provisioner: { erased: { panel_user: 1 } },
    },
  })
  expect(dry.stderr).toContain('stays on the panel')
  expect(await stored()).toEqual(before)

  // As a run that was killed after its first two services leaves it.
  for (const service of ['billing-gateway', 'provisioner'] as const)
    expect(
      (await shop.send(service, 'POST', '/admin/customers/forget', { subject, dry_run: false })).status,
    ).toBe(200)
  const done = await forget('--yes', '--json')
  expect(done).toMatchObject({ code: 0 })
  expect(done.stdout + done.stderr).not.toMatch(personal)
  await quiet(shop)
  expect(await stored()).toEqual({})
  expect(await shop.orderOf(sold.id)).toMatchObject({
    status: 'terminated',
    amount: 999,
    customer: { id: null, email: 'forgotten@customer.invalid' },
  })
  await eventually(() => expect(filesWith(dataDir())).toEqual([]))

  const again = await forget('--yes')
  expect(again).toMatchObject({ code: 1 })
  expect(again.stderr).toContain('customer_unknown')
}, 120_000)

test('neither a replay, nor catching up with Stripe, nor a later webhook brings the customer back', async () => {
  const { billing, orders, provisioner } = shop.stack.databases
  // As if everything came for the first time: the journal is as old as its retention, and no inbox knows an event.
  await inMysql(billing, 'DELETE FROM stripe_event')
  for (const url of [billing, orders, provisioner]) await inMysql(url, 'DELETE FROM inbox')
  expect(await spawnpoint(shop, 'catch-up')).toMatchObject({ code: 0 })
  for (const [service, stream] of [
    ['order', 'BILLING'],
    ['order', 'SERVER'],
    ['provisioner', 'ORDER'],
    ['billing-gateway', 'ORDER'],
    ['order', 'ORDER'],
  ] as const)
    expect(
      await spawnpoint(
        shop,
        'replay',
        '--service',
        service,
        '--stream',
        stream,
        '--include-ignored',
        '--yes',
      ),
    ).toMatchObject({ code: 0 })
  await quiet(shop)
  expect(await stored()).toEqual({})

  const sent = new Set(shop.stripe.deliveries().map(({ event }) => event))
  expect(sent.size).toBeGreaterThan(0)
  for (const event of sent) await shop.stripe.resend(event)
  await quiet(shop)
  expect(await stored()).toEqual({})
}, 120_000)

test('a forgotten customer may buy again, as the user that they were on the panel', async () => {
  const users = shop.panel.state().users.length
  const { id } = await sell()
  expect(await shop.orderOf(id)).toMatchObject({ status: 'provisioned', customer })
  expect(shop.panel.state().users).toHaveLength(users)
}, 60_000)

async function place() {
  const answer = await shop.send(
    'order',
    'POST',
    '/orders',
    { plan: 'small', region: 'eu', customer, server_name: 'Quintero Castle' },
    { 'idempotency-key': randomUUID() },
  )
  expect(answer.status).toBe(201)
  return (await answer.json()) as { id: string; checkout_url: string }
}

async function sell() {
  const order = await place()
  await shop.pay(order.checkout_url)
  await shop.becomes(order.id, 'provisioned')
  return order
}

function forget(...options: string[]): Promise<Ran> {
  return spawnpoint(shop, 'customers', 'forget', customer.email, ...options)
}

/** A message about the order that could not be read. */
async function leaveDeadLetter(id: string): Promise<void> {
  await inMysql(
    shop.stack.databases.orders,
    `INSERT INTO dead_letter (event_id, consumer, class, first_error, last_error, subject, envelope, created_at)
     SELECT UUID(), 'order-server', 'invalid', ?, 'as before', 'order.paid', envelope, UTC_TIMESTAMP(3)
     FROM outbox WHERE \`key\` = ? LIMIT 1`,
    [`Unexpected ${customer.email}`, id],
  )
}

/** By table, how many rows name the customer; of the streams too. */
async function stored(): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const [schema, url] of Object.entries(shop.stack.databases)) {
    const connection = await openConnection(url)
    const tables = await connection.query<Record<string, string>[]>('SHOW TABLES')
    for (const table of tables.flatMap((row) => Object.values(row))) {
      const rows = await connection.query<Record<string, unknown>[]>(`SELECT * FROM \`${table}\``)
      const naming = rows.filter((row) => personal.test(Object.values(row).map(textOf).join('\n')))
      if (naming.length > 0) found[`${schema}.${table}`] = naming.length
    }
    await connection.end()
  }
  return found
}

function textOf(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString() : String(value)
}

function dataDir(): string {
  return dirname(shop.stack.logsDir)
}

/** The files of NATS, and the logs of the services, in which the customer is named. */
function filesWith(directory: string): string[] {
  return ['nats', 'logs'].flatMap((part) =>
    readdirSync(join(directory, part), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => personal.test(readFileSync(file, 'latin1'))),
  )
}
