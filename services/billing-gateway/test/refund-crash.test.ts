import { fileURLToPath } from 'node:url'
import { derivedId } from '@spawnpoint/messaging'
import { type Failpoint, failpoints } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTill, type Till } from './open-till.ts'

vi.setConfig({ testTimeout: 90_000 })

const dieAt = fileURLToPath(new URL('./die-at.mjs', import.meta.url))

let till: Till
beforeAll(async () => {
  till = await openTill()
})
afterAll(() => till[Symbol.asyncDispose]())

const onThisRoad: Failpoint[] = [
  'consume.before-commit',
  'consume.after-commit',
  'consume.after-ack',
  ...failpoints.filter((point) => point.startsWith('refund.')),
]

for (const point of onThisRoad)
  test(`the gateway dies at ${point}: the subscription ends and is refunded exactly once`, async () => {
    const orderId = derivedId(point, 'order')
    const gateway = till.own(await till.startProcess())
    const { subscriptionId: paymentId } = await till.subscribeAtStripe(orderId)
    await eventually(() => till.prisma.payment.findUniqueOrThrow({ where: { id: paymentId } }))
    await gateway.stop()

    await gateway.start({ env: { DIE_AT: point }, nodeArgs: ['--import', dieAt] })
    const died = gateway.exited()
    const id = await till.requestRefund({ paymentId, orderId })
    expect(await died).toMatchObject({ signal: 'SIGKILL' })

    await gateway.start({ nodeArgs: [] })
    await till.becomes(id, 'done')
    const refunds = (await till.client.refunds.list({ limit: 100 })).data
    expect(refunds.filter(({ metadata }) => metadata?.order_id === orderId)).toMatchObject([
      { amount: 1_000, status: 'succeeded' },
    ])
    expect(await till.client.subscriptions.retrieve(paymentId)).toMatchObject({ status: 'canceled' })
    await eventually(async () => {
      const { state } = await till.prisma.payment.findUniqueOrThrow({ where: { id: paymentId } })
      expect(JSON.parse(state)).toMatchObject({ refunded: 1_000 })
    })
    await gateway.stop()
  })
