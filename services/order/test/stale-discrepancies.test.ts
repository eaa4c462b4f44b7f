import { billingStatement, type Payment } from '@spawnpoint/contracts'
import { againAfterRaces } from '@spawnpoint/database'
import { answerRequests, connectNats, derivedId } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment, server } from './fixtures.ts'
import { openShop, type Shop } from './open-shop.ts'

let shop: Shop
let close: () => Promise<void>
const payments = new Map<string, Payment>()

beforeAll(async () => {
  shop = await openShop()
  const log = createLogger({ service: 'test', level: 'silent' })
  const nats = connectNats({ url: shop.nats.url, name: 'money', log })
  const answering = answerRequests({
    nats,
    contract: billingStatement,
    handle: async ({ only }) => ({
      payments: (only ?? []).flatMap((id) => payments.get(id) ?? []),
      subscriptions: [],
      next: null,
    }),
    log,
  })
  await (await nats.connection()).flush()
  close = async () => {
    await answering.stop()
    await nats.close()
  }
}, 60_000)
afterAll(async () => {
  await close?.()
  await shop?.[Symbol.asyncDispose]()
})

test('a server that is paid for by now is not deleted for what was found before', async () => {
  const id = await bought('cs_paid_again')
  await shop.publishServer(server({ order_id: id, version: 1 }))
  const words = `delete the server of order ${id}, which paid 999 eur (minor units)`
  const discrepancy = await found('server_without_payment', { order: id, payment: 'cs_paid_again', words })
  expect(await repair(discrepancy, words)).toMatchObject({ status: 409, body: { code: 'difference_over' } })
  expect(await shop.prisma.order.findUniqueOrThrow({ where: { id } })).toMatchObject({ desired: 'running' })
})

test('the payment that an order is billed by now is not refunded for an earlier finding', async () => {
  const id = await bought('cs_second')
  const words = `refund 999 eur (minor units) of order ${id}`
  const discrepancy = await found('paid_twice', { order: id, payment: 'cs_second', words })
  expect(await repair(discrepancy, words)).toMatchObject({ status: 409, body: { code: 'difference_over' } })
  expect(await requestsOf(id)).toBe(0)
})

test('words that confirmed one amount let no other go back', async () => {
  const id = await bought('cs_goes_by')
  payments.set('cs_twice', payment({ payment_id: 'cs_twice', order_id: id, refunded: 0 }))
  const words = `refund 400 eur (minor units) of order ${id}`
  const discrepancy = await found('paid_twice', { order: id, payment: 'cs_twice', words })
  expect(await repair(discrepancy, words)).toMatchObject({
    status: 409,
    body: { code: 'difference_changed' },
  })
  expect(await requestsOf(id)).toBe(0)
})

test('a second payment is refunded once that is confirmed', async () => {
  const id = await bought('cs_goes_by_too')
  payments.set('cs_twice_too', payment({ payment_id: 'cs_twice_too', order_id: id, refunded: 599 }))
  const words = `refund 400 eur (minor units) of order ${id}`
  const discrepancy = await found('paid_twice', { order: id, payment: 'cs_twice_too', words })
  expect(await repair(discrepancy, 'refund 999 eur')).toMatchObject({ status: 409 })
  expect(await repair(discrepancy, words)).toMatchObject({ status: 202 })
  expect(await requestsOf(id)).toBe(1)
})

/** A server that runs, paid by this payment. */
async function bought(payment_id: string): Promise<string> {
  const paid = payment({ payment_id, plan: 'small', region: 'eu' })
  payments.set(payment_id, paid)
  await shop.publishPayment(paid)
  return (await shop.orderPaidBy(payment_id)).id
}

/** As a reconciliation wrote it down some time ago. */
async function found(
  kind: string,
  { order, payment, words }: { order: string; payment: string; words: string },
): Promise<string> {
  const id = derivedId(`${kind}/${order}/${payment}`, 'difference')
  const at = new Date()
  await againAfterRaces(() =>
    shop.prisma.discrepancy.create({
      data: {
        ...{ id, version: 1, kind, state: 'open', orderId: order, paymentId: payment, confirmation: words },
        ...{ finding: 'Found some time ago.', repair: 'What it would do.', foundAt: at, seenAt: at },
      },
    }),
  )
  return id
}

async function repair(id: string, confirm: string) {
  const response = await shop.send('POST', `/admin/differences/${id}/repair`, { confirm })
  return { status: response.status, body: await response.json() }
}

function requestsOf(key: string): Promise<number> {
  return shop.prisma.outbox.count({ where: { key, subject: 'order.refund_requested' } })
}
