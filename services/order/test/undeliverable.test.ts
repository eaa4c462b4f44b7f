import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment, server } from './fixtures.ts'
import { openShop, type Shop } from './open-shop.ts'

const why = { error_class: 'no_capacity_deadline', error_message: 'No node had room for three days.' }

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
  const plan = { name: 'Plan', amount: 999, currency: 'eur' }
  for (const region of ['us', 'asia']) await shop.send('PUT', `/admin/regions/${region}`, { name: region })
  for (const [id, when_impossible] of [
    ['held', 'hold'],
    ['back', 'refund'],
    ['elsewhere', ['us', 'asia']],
  ])
    await shop.send('PUT', `/admin/plans/${id}`, { ...plan, policy: { when_impossible } })
})

afterAll(() => shop?.[Symbol.asyncDispose]())

test('an undeliverable server waits for a person, unless its plan says otherwise', async () => {
  const id = await bought('cs_held', 'held')
  await serverIs(id, 1, 'failed')
  await stands(id, { status: 'error', desired: 'running', error_message: why.error_message })
})

test('it is refunded once, and only when it is certain that there is no server and none can come', async () => {
  const id = await bought('cs_back', 'back')
  await serverIs(id, 1, 'failed')
  await stands(id, {
    desired: 'terminated',
    billing_status: 'paid',
    money: { refund_request: { amount: 999 } },
  })
  expect(await said(id)).toEqual(['order.paid', 'order.ended'])
  await serverIs(id, 2, 'terminated')
  await stands(id, { status: 'terminated' })
  await serverIs(id, 3, 'terminated')
  await serverIs(id, 2, 'terminated')
  await shop.publishPaymentEvent(
    'payment.refunded',
    payment({ payment_id: 'cs_back', version: 2, refunded: 999 }),
  )
  await stands(id, { status: 'terminated', billing_status: 'refunded' })
  expect(await said(id)).toEqual(['order.paid', 'order.ended', 'order.refund_requested', 'order.changed'])
  const [request] = await shop.prisma.outbox.findMany({
    where: { key: id, subject: 'order.refund_requested' },
  })
  expect(JSON.parse(request?.envelope ?? '{}').data).toMatchObject({
    desired: 'terminated',
    wanted: 'running',
    refund_request: {
      payment_id: 'cs_back',
      amount: { amount: 999, currency: 'eur' },
      reason: why.error_message,
    },
  })
})

test('what was delivered once is never paid back or deleted by itself', async () => {
  const id = await bought('cs_delivered', 'back')
  await serverIs(id, 1, 'provisioned')
  await serverIs(id, 2, 'failed')
  await stands(id, { status: 'error', desired: 'running', money: { refund_request: null } })
})

test('nor where an event of the provisioner was missed', async () => {
  const id = await bought('cs_gap', 'back')
  await serverIs(id, 3, 'failed')
  await stands(id, { status: 'error', desired: 'running' })
})

test('it moves through the other regions, each once, when there is no server left in the one before', async () => {
  const id = await bought('cs_elsewhere', 'elsewhere')
  await serverIs(id, 1, 'failed')
  await stands(id, { region: 'eu', desired: 'suspended' })
  await serverIs(id, 2, 'suspended')
  await stands(id, { region: 'us', desired: 'running' })
  await serverIs(id, 3, 'failed')
  await stands(id, { desired: 'suspended' })
  await serverIs(id, 4, 'suspended')
  await stands(id, { region: 'asia', desired: 'running' })
  await serverIs(id, 5, 'failed')
  await stands(id, { status: 'error', region: 'asia', desired: 'running' })
})

async function bought(paymentId: string, plan: string): Promise<string> {
  await shop.publishPayment(payment({ payment_id: paymentId, plan, region: 'eu' }))
  return (await shop.orderPaidBy(paymentId)).id
}

function serverIs(
  id: string,
  version: number,
  status: 'failed' | 'terminated' | 'suspended' | 'provisioned',
) {
  const nothing = { ptero_server_id: null, ptero_identifier: null, address: null, node_id: null }
  return shop.publishServer(
    server({
      order_id: id,
      version,
      status,
      ...(status === 'provisioned' ? {} : nothing),
      ...(status === 'failed' ? why : {}),
    }),
  )
}

async function stands(id: string, expected: object): Promise<void> {
  await eventually(async () => {
    expect(await (await shop.send('GET', `/orders/${id}`)).json()).toMatchObject(expected)
  })
}

async function said(id: string): Promise<string[]> {
  const events = await shop.prisma.outbox.findMany({ where: { key: id }, orderBy: { seq: 'asc' } })
  return events.map(({ subject }) => subject)
}

test('a policy that names a region that does not exist is refused, and the plan stays as it is', async () => {
  const plan = { name: 'Plan', amount: 999, currency: 'eur' }
  for (const [policy, code] of [
    [{ when_impossible: ['nowhere'] }, 'region_unknown'],
    [{ when_impossible: ['us', 'us'] }, 'region_twice'],
    [{ retention_days: 0 }, 'retention_too_short'],
  ] as const) {
    const response = await shop.send('PUT', '/admin/plans/elsewhere', { ...plan, policy })
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code })
  }
  const { plans } = (await (await shop.send('GET', '/plans')).json()) as { plans: { id: string }[] }
  expect(plans.find(({ id }) => id === 'elsewhere')).toMatchObject({
    policy: { when_impossible: ['us', 'asia'], retention_days: 7 },
  })
})
