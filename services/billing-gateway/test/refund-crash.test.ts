import { join } from 'node:path'
import { derivedId } from '@spawnpoint/messaging'
import { type Failpoint, failpoints } from '@spawnpoint/service-kit'
import { armFailpoint, eventually, failpointSettings, inSoak, type ServiceProcess } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTill, type Till } from './open-till.ts'

vi.setConfig({ testTimeout: 90_000 })

let till: Till
let gateway: ServiceProcess
let file: string
beforeAll(async () => {
  till = await openTill()
  file = join(till.logsDir, 'die-at')
  const { env, nodeArgs } = failpointSettings(file)
  gateway = till.own(await till.startProcess(env, nodeArgs))
})
afterAll(() => till[Symbol.asyncDispose]())

const onThisRoad: Failpoint[] = [
  'consume.before-commit',
  'consume.after-commit',
  'consume.after-ack',
  ...failpoints.filter((point) => point.startsWith('refund.')),
]

// Where the effect is there and its record is not.
const representative: Failpoint[] = [
  'consume.after-commit',
  'refund.after-claim',
  'refund.after-cancel',
  'refund.after-create',
]

for (const point of inSoak(onThisRoad, representative))
  test(`the gateway dies at ${point}: the subscription ends and is refunded exactly once`, async () => {
    const orderId = derivedId(point, 'order')
    const { subscriptionId: paymentId } = await till.subscribeAtStripe(orderId)
    await eventually(() => till.prisma.payment.findUniqueOrThrow({ where: { id: paymentId } }))

    const { death } = await armFailpoint(gateway, file, point)
    const id = await till.requestRefund({ paymentId, orderId })
    expect(await death).toMatchObject({ signal: 'SIGKILL' })

    await gateway.start()
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
  })
