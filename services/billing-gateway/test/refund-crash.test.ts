import { fileURLToPath } from 'node:url'
import { derivedId } from '@spawnpoint/messaging'
import { type CrashPoint, crashPoints } from '@spawnpoint/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTill, type Till } from './open-till.ts'

const dieAt = fileURLToPath(new URL('./die-at.mjs', import.meta.url))

let till: Till
beforeAll(async () => {
  till = await openTill()
})
afterAll(() => till[Symbol.asyncDispose]())

const onThisRoad: CrashPoint[] = [
  'consume.before-commit',
  'consume.after-commit',
  'consume.after-ack',
  ...crashPoints.filter((point) => point.startsWith('refund.') && !point.endsWith('-cancel')),
]

for (const point of onThisRoad)
  test(`the gateway dies at ${point}, and the money goes back exactly once`, async () => {
    const orderId = derivedId(point, 'order')
    const gateway = till.own(await till.startProcess())
    const { paymentId, payment_intent } = await till.sell(orderId)
    await gateway.stop()

    await gateway.start({ env: { DIE_AT: point }, nodeArgs: ['--import', dieAt] })
    const died = gateway.exited()
    const id = await till.requestRefund({ paymentId, orderId })
    expect(await died).toMatchObject({ signal: 'SIGKILL' })

    await gateway.start({ nodeArgs: [] })
    await till.becomes(id, 'done')
    expect(await till.refundsOf(payment_intent)).toMatchObject([{ amount: 1_000, status: 'succeeded' }])
    await gateway.stop()
  })
