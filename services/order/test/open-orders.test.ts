import { createCheckout, type ExpireCheckout, expireCheckout } from '@spawnpoint/contracts'
import { againAfterRaces } from '@spawnpoint/database'
import { answerRequests, connectNats, RequestRefused } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { payment } from './fixtures.ts'
import { openShop, orderRequest, type Shop } from './open-shop.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const closed: string[] = []
let shop: Shop
let pages = 0
let refusal: RequestRefused | null = null

beforeAll(async () => {
  shop = await openShop({ MAX_OPEN_ORDERS_PER_CUSTOMER: '3' })
  const nats = connectNats({ url: shop.nats.url, name: 'checkouts', log })
  answerRequests({ nats, contract: createCheckout, handle: newPage, log })
  answerRequests({ nats, contract: expireCheckout, handle: close, log })
  await (await nats.connection()).flush()
  return () => nats.close()
}, 60_000)
beforeEach(() => {
  refusal = null
})
afterAll(() => shop?.[Symbol.asyncDispose]())

async function newPage() {
  pages += 1
  return {
    checkout_session_id: `cs_${pages}`,
    checkout_url: `https://pay.example.com/cs_${pages}`,
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
  }
}

async function close({ order_id }: ExpireCheckout) {
  if (refusal) throw refusal
  closed.push(order_id)
  return { checkout_session_id: 'cs_1' }
}

let keys = 0
async function place(customer: { email: string; id?: string }, key = `key-${++keys}`) {
  const body = { ...orderRequest, customer: { name: 'A', ...customer } }
  const response = await shop.send('POST', '/orders', body, { 'idempotency-key': key })
  const answer = (await response.json()) as {
    id: string
    code?: string
    open_orders?: string[]
    detail: string
  }
  return { status: response.status, ...answer }
}

async function cancel(id: string, when?: 'now' | 'period_end') {
  const response = await shop.send('POST', `/orders/${id}/cancel`, when ? { when } : {})
  return { http: response.status, ...((await response.json()) as { status: string; code?: string }) }
}

const orderOf = (id: string) => shop.prisma.order.findUniqueOrThrow({ where: { id } })

test('a fourth unpaid order is refused with what to do, and no capacity is reserved for it', async () => {
  const open = []
  for (let n = 0; n < 3; n += 1) open.push(await place({ email: 'four@example.com' }, `four-${n}`))
  const asked = shop.capacity.asked.length
  const fourth = await place({ email: 'Four@Example.COM' })
  expect(fourth).toMatchObject({ status: 409, code: 'too_many_open_orders' })
  for (const { id } of open) expect(fourth.detail).toContain(id)
  expect(fourth.detail).toContain('/cancel')
  expect(shop.capacity.asked).toHaveLength(asked)
  // What is known already is no new order.
  expect(await place({ email: 'four@example.com' }, 'four-1')).toMatchObject({ status: 201, id: open[1]?.id })
  expect(await place({ email: 'other@example.com' })).toMatchObject({ status: 201 })
})

test('the id of the shop counts as the address does', async () => {
  for (let n = 0; n < 3; n += 1)
    expect(await place({ email: `alias-${n}@example.com`, id: 'c-1' })).toMatchObject({ status: 201 })
  expect(await place({ email: 'alias-9@example.com', id: 'c-1' })).toMatchObject({ status: 409 })
  expect(await place({ email: 'alias-9@example.com', id: 'c-2' })).toMatchObject({ status: 201 })
})

test('another customer whose address differs by an accent is another customer', async () => {
  for (let n = 0; n < 3; n += 1) await place({ email: 'jorg@example.com' })
  expect(await place({ email: 'jörg@example.com' })).toMatchObject({ status: 201 })
})

test('of twelve at once three are accepted', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => place({ email: 'many@example.com' })))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
  for (const { status, code } of answers)
    if (status !== 201) expect({ status, code }).toEqual({ status: 409, code: 'too_many_open_orders' })
})

test('what is paid, cancelled or past its checkout is open no more', async () => {
  const customer = { email: 'again@example.com' }
  const [paid, cancelled, late] = [await place(customer), await place(customer), await place(customer)]
  expect(await place(customer)).toMatchObject({ status: 409 })
  await shop.publishPayment(payment({ payment_id: 'cs_paid', order_id: paid.id }))
  await eventually(async () => expect(await orderOf(paid.id)).toMatchObject({ billingStatus: 'paid' }))
  await cancel(cancelled.id)
  const longAgo = new Date(Date.now() - 3_600_000)
  await againAfterRaces(() =>
    shop.prisma.order.update({ where: { id: late.id }, data: { checkoutExpiresAt: longAgo } }),
  )
  for (let n = 0; n < 3; n += 1) expect(await place(customer)).toMatchObject({ status: 201 })
  expect(await place(customer)).toMatchObject({ status: 409 })
})

test.each([undefined, 'now', 'period_end'] as const)(
  'an unpaid order is cancelled (%s): its checkout is closed, and the provisioner notified',
  async (when) => {
    const { id } = await place({ email: `leaves-${when}@example.com` })
    expect(await cancel(id, when)).toMatchObject({ http: 200, status: 'cancelled' })
    expect(closed).toContain(id)
    const events = await shop.prisma.outbox.findMany({ where: { key: id }, orderBy: { seq: 'asc' } })
    expect(events.map(({ subject }) => subject)).toEqual(['order.placed', 'order.changed'])
    expect(JSON.parse(events[1]?.envelope ?? '')).toMatchObject({
      data: { status: 'cancelled', desired: 'none', version: 2 },
    })
    expect(await cancel(id, when)).toMatchObject({ http: 200, status: 'cancelled' })
    expect(await shop.prisma.outbox.count({ where: { key: id } })).toBe(2)
  },
)

test('a checkout completed at the same moment refuses the cancellation, and the payment is taken', async () => {
  const { id } = await place({ email: 'moment@example.com' })
  refusal = new RequestRefused('checkout_completed', 'It is completed.')
  expect(await cancel(id)).toMatchObject({ http: 409, code: 'payment_under_way' })
  expect(await orderOf(id)).toMatchObject({ status: 'pending' })
  await shop.publishPayment(payment({ payment_id: 'cs_moment', order_id: id }))
  await eventually(async () => expect(await orderOf(id)).toMatchObject({ status: 'paid' }))
})

test('a debit under way is not cancelled', async () => {
  const { id } = await place({ email: 'debit@example.com' })
  await shop.publishPayment(payment({ payment_id: 'cs_debit', order_id: id, status: 'pending' }))
  await eventually(async () => expect(await orderOf(id)).toMatchObject({ paymentId: 'cs_debit' }))
  expect(await cancel(id)).toMatchObject({ http: 409, code: 'payment_under_way' })
})

test('while the checkout cannot be closed, the order is not cancelled', async () => {
  const { id } = await place({ email: 'silent@example.com' })
  refusal = new RequestRefused('stripe_unavailable', 'Stripe does not answer.')
  expect(await cancel(id)).toMatchObject({ http: 503, code: 'stripe_unavailable' })
  expect(await orderOf(id)).toMatchObject({ status: 'pending' })
})

test('a payment on a checkout that could not be closed still brings its server', async () => {
  const { id } = await place({ email: 'after@example.com' })
  await cancel(id)
  await shop.publishPayment(payment({ payment_id: 'cs_after', order_id: id }))
  await eventually(async () =>
    expect(await orderOf(id)).toMatchObject({ status: 'paid', desired: 'running' }),
  )
})
