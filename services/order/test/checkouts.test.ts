import { createCheckout } from '@spawnpoint/contracts'
import { answerRequests, connectNats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment } from './fixtures.ts'
import { openShop, orderRequest, type Shop } from './open-shop.ts'

const log = createLogger({ service: 'test', level: 'silent' })
let shop: Shop
let pages = 0

beforeAll(async () => {
  shop = await openShop()
  const nats = connectNats({ url: shop.nats.url, name: 'gateway', log })
  answerRequests({ nats, contract: createCheckout, handle: newPage, log })
  await (await nats.connection()).flush()
  return () => nats.close()
}, 60_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

test('a retry after a failed debit returns a checkout that can be paid', async () => {
  const first = await place('failed')
  expect(await place('failed')).toEqual(first)
  await shop.publishPayment(payment({ payment_id: sessionOf(first), order_id: first.id, status: 'failed' }))
  await isStatus(first.id, 'cancelled')
  const second = await place('failed')
  expect(second).toMatchObject({ id: first.id })
  expect(second.checkout_url).not.toBe(first.checkout_url)
  await shop.publishPayment(payment({ payment_id: sessionOf(second), order_id: first.id }))
  await isStatus(first.id, 'paid')
})

test('the end of another page does not cancel an order whose debit is under way', async () => {
  const placed = await place('pending')
  const other = payment({ payment_id: 'cs_other', order_id: placed.id, status: 'expired' })
  await shop.publishPayment(other)
  await eventually(async () => {
    expect(await shop.prisma.inbox.count({ where: { reason: 'another_checkout' } })).toBe(1)
  })
  await isStatus(placed.id, 'pending')
  await shop.publishPayment({ ...other, payment_id: sessionOf(placed) })
  await isStatus(placed.id, 'cancelled')
})

async function newPage() {
  pages += 1
  return {
    checkout_session_id: `cs_${pages}`,
    checkout_url: `https://pay.example.com/cs_${pages}`,
    expires_at: new Date(Date.now() + 60_000).toISOString(),
  }
}

async function place(key: string): Promise<{ id: string; checkout_url: string }> {
  const response = await shop.send('POST', '/orders', orderRequest, { 'idempotency-key': key })
  expect(response.status).toBe(201)
  return (await response.json()) as { id: string; checkout_url: string }
}

function sessionOf({ checkout_url }: { checkout_url: string }): string {
  return checkout_url.split('/').at(-1) ?? ''
}

async function isStatus(id: string, status: string): Promise<void> {
  await eventually(async () => {
    expect(await shop.prisma.order.findUnique({ where: { id } })).toMatchObject({ status })
  })
}
