import { againAfterRaces } from '@spawnpoint/database'
import { derivedId } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTill, type Till } from './open-till.ts'

let till: Till
beforeAll(async () => {
  till = await openTill()
})
afterAll(() => till[Symbol.asyncDispose]())

type Page = { data: { refund_request_id: string }[]; next_cursor: string | null }

const orderId = (name: string) => derivedId(name, 'order')

test('by default a refund waits for a person, who approves or refuses it', async () => {
  await using _gateway = await till.start({ REFUNDS: 'manual' })
  const first = await till.sell(orderId('waits'))
  const second = await till.sell(orderId('kept'))
  const id = await till.requestRefund({ ...first, orderId: orderId('waits') })
  const kept = await till.requestRefund({ ...second, orderId: orderId('kept') })
  await till.becomes(kept, 'waiting')
  await eventually(async () => {
    expect((await till.call('/health')).body).toMatchObject({
      status: 'degraded',
      failing: { refunds: expect.stringContaining('2 wait') },
      refunds: { mode: 'manual', waiting: 2 },
    })
  })
  expect(await till.refundsOf(first.payment_intent)).toEqual([])

  expect(await till.call(`/admin/refunds/${id}/approve`, 'POST')).toMatchObject({ status: 200 })
  expect(await till.becomes(id, 'done')).toMatchObject({ decidedBy: 'anna' })
  const refusal = await till.call(`/admin/refunds/${kept}/refuse`, 'POST', { reason: 'Paid back in cash' })
  expect(refusal.body).toMatchObject({ status: 'refused', note: 'Paid back in cash' })
  expect(await till.refundsOf(second.payment_intent)).toEqual([])
  expect(await till.call(`/admin/refunds/${id}/refuse`, 'POST', { reason: 'Too late' })).toMatchObject({
    status: 409,
  })
  expect(await till.call(`/admin/refunds/${derivedId('nobody', 'x')}/approve`, 'POST')).toMatchObject({
    status: 404,
  })

  const { data, ...page } = (await till.call<Page>('/admin/refunds?limit=1')).body
  expect(data).toHaveLength(1)
  const rest = (await till.call<Page>(`/admin/refunds?starting_after=${page.next_cursor}`)).body
  expect([...data, ...rest.data].map((one) => one.refund_request_id).toSorted()).toEqual(
    [id, kept].toSorted(),
  )
  expect((await till.call<Page>('/admin/refunds?status=done')).body.data).toMatchObject([
    {
      refund_request_id: id,
      amount: { amount: 1_000, currency: 'eur' },
      reason: 'Nothing could be delivered.',
    },
  ])
})

test('a dry run reports what would be refunded and sends nothing', async () => {
  const { paymentId, payment_intent } = await sellWithAnyGateway('dry')
  await using _gateway = await till.start({ REFUNDS: 'dry-run' })
  const id = await till.requestRefund({ paymentId, orderId: orderId('dry') })
  await eventually(async () => {
    const request = await till.prisma.refundRequest.findUniqueOrThrow({ where: { id } })
    expect(request).toMatchObject({
      status: 'waiting',
      note: expect.stringContaining('would pay back 1000 eur'),
    })
  })
  expect(await till.refundsOf(payment_intent)).toEqual([])
})

test('requests that waited for approval are sent once none is required', async () => {
  const { paymentId, payment_intent } = await sellWithAnyGateway('later')
  const id = await till.requestRefund({ paymentId, orderId: orderId('later') })
  {
    await using _gateway = await till.start({ REFUNDS: 'manual' })
    await till.becomes(id, 'waiting')
  }
  await using _gateway = await till.start({ REFUNDS: 'automatic' })
  expect(await till.becomes(id, 'done')).toMatchObject({ decidedBy: 'automatic' })
  expect(await till.refundsOf(payment_intent)).toHaveLength(1)
})

test('past the limit of the day refunds wait where everybody sees them', async () => {
  await till.prisma.refundRequest.deleteMany()
  const sold = [await sellWithAnyGateway('day-1'), await sellWithAnyGateway('day-2')]
  await using _gateway = await till.start({ REFUNDS_PER_DAY: '1' })
  const ids = await Promise.all(
    sold.map(({ paymentId }, n) => till.requestRefund({ paymentId, orderId: orderId(`day-${n + 1}`) })),
  )
  await eventually(async () => {
    expect((await till.call('/health')).body).toMatchObject({
      status: 'degraded',
      failing: { refunds: expect.stringContaining('1 wait for tomorrow') },
      refunds: { capped: 1, sent_today: 1 },
    })
  })
  const statuses = await till.prisma.refundRequest.findMany({ where: { id: { in: ids } } })
  expect(statuses.map(({ status }) => status).toSorted()).toEqual(['approved', 'done'])

  // The gateway claims requests meanwhile.
  const { refundRequest } = till.prisma
  const yesterday = new Date(Date.now() - 25 * 3_600_000)
  await againAfterRaces(() => refundRequest.updateMany({ data: { sentAt: yesterday } }))
  await againAfterRaces(() =>
    refundRequest.updateMany({ where: { status: 'approved' }, data: { sentAt: null } }),
  )
  for (const id of ids) await till.becomes(id, 'done')
})

async function sellWithAnyGateway(name: string) {
  await using _gateway = await till.start()
  return await till.sell(orderId(name))
}
