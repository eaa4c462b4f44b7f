import { createCheckout } from '@spawnpoint/contracts'
import { answerRequests, connectNats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment } from './fixtures.ts'
import { openShop, orderRequest, type Shop } from './open-shop.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const asked: string[] = []
let shop: Shop

beforeAll(async () => {
  shop = await openShop()
  const nats = connectNats({ url: shop.nats.url, name: 'gateway', log })
  answerRequests({
    nats,
    contract: createCheckout,
    handle: async ({ customer_email, order_id }) => {
      asked.push(customer_email)
      return {
        checkout_session_id: `cs_${order_id}`,
        checkout_url: `https://pay.example.com/cs_${order_id}`,
        expires_at: new Date(Date.now() + 3_600_000).toISOString(),
      }
    },
    log,
  })
  await (await nats.connection()).flush()
  return () => nats.close()
}, 60_000)
afterAll(() => shop?.[Symbol.asyncDispose]())

let keys = 0
function place(email: string) {
  keys += 1
  const body = { ...orderRequest, customer: { email, name: 'A' } }
  return shop.send('POST', '/orders', body, { 'idempotency-key': `key-${keys}` })
}

test.each(['jörg@example.com', 'jörg@müller.de', 'a@xn--mller-kva.de', '用户@例え.テスト'])(
  '%s is sold to, and shown as it was written',
  async (email) => {
    const response = await place(email)
    expect(response.status).toBe(201)
    const { id } = (await response.json()) as { id: string }
    expect(asked).toContain(email)
    const shown = await (await shop.send('GET', `/orders/${id}`)).json()
    expect(shown).toMatchObject({ customer: { email } })
  },
)

test.each(['jörg@', 'jörg@müller', 'j g@müller.de', `a@${`${'ü'.repeat(60)}.`.repeat(3)}de`])(
  '%s is refused',
  async (email) => {
    const response = await place(email)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ path: 'customer.email' }] })
  },
)

test('a Payment Link brings such an address', async () => {
  await shop.publishPayment(
    payment({
      payment_id: 'cs_link',
      order_id: null,
      plan: 'small',
      region: 'eu',
      customer_email: 'jörg@müller.de',
    }),
  )
  expect(await shop.orderPaidBy('cs_link')).toMatchObject({ status: 'paid', customerEmail: 'jörg@müller.de' })
})

test('an address that cannot be used is corrected by hand', async () => {
  await shop.publishPayment(
    payment({ payment_id: 'cs_odd', order_id: null, plan: 'small', region: 'eu', customer_email: 'jörg' }),
  )
  const { id, status } = await shop.orderPaidBy('cs_odd')
  expect(status).toBe('error')
  const decided = await shop.send('POST', `/admin/orders/${id}/decide`, { customer_email: 'jörg@müller.de' })
  expect(decided.status).toBe(200)
  await eventually(async () =>
    expect(await shop.prisma.order.findUnique({ where: { id } })).toMatchObject({
      status: 'paid',
      customerEmail: 'jörg@müller.de',
    }),
  )
})
