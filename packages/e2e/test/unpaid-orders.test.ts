import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ env: { MAX_OPEN_ORDERS_PER_CUSTOMER: '2', CHECKOUT_MINUTES: '45' } })
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

const customer = { email: 'jörg@müller.example' }

const cancel = async (id: string) => {
  const response = await shop.send('order', 'POST', `/orders/${id}/cancel`, {})
  return { http: response.status, ...((await response.json()) as { status?: string; code?: string }) }
}

async function refused() {
  const orderRequest = {
    plan: 'small',
    region: 'eu',
    customer: { ...customer, name: 'Alex' },
    server_name: 'Home',
  }
  const answer = await shop.send('order', 'POST', '/orders', orderRequest, {
    'idempotency-key': crypto.randomUUID(),
  })
  return (await answer.json()) as { status: number; code: string }
}

async function more(): Promise<number | undefined> {
  const answer = await shop.send('order', 'GET', '/availability?plan=small&region=eu')
  return ((await answer.json()) as { data: { more: number }[] }).data[0]?.more
}

test('a cancelled unpaid order closes its payment page and frees its reservation for the next order', async () => {
  const places = await more()
  const first = await shop.placeOrder(customer)
  await shop.placeOrder(customer)
  expect(await refused()).toMatchObject({ status: 409, code: 'too_many_open_orders' })
  expect(await cancel(first.id)).toMatchObject({ http: 200, status: 'cancelled' })
  expect(await shop.pay(first.checkoutUrl)).not.toMatchObject({ session: { payment_status: 'paid' } })
  await eventually(async () => expect(await more()).toBe((places ?? 0) - 1))
  const third = await shop.placeOrder(customer)
  await shop.pay(third.checkoutUrl)
  await shop.becomes(third.id, 'provisioned')
  expect(await shop.orderOf(third.id)).toMatchObject({ customer })
  expect(shop.serversOf(first.id)).toEqual([])
})

test('a cancellation just after the payment is refused for now, and the server is created', async () => {
  const { id, checkoutUrl } = await shop.placeOrder({ email: 'moment@example.com' })
  const [, answer] = await Promise.all([shop.pay(checkoutUrl), cancel(id)])
  if (answer.http === 200) return expect(await shop.orderOf(id)).toMatchObject({ status: 'cancelled' })
  expect(answer).toMatchObject({ http: 409 })
  await shop.becomes(id, 'provisioned')
})
