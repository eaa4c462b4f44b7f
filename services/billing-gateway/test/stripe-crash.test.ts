import { join } from 'node:path'
import { changeSubscription } from '@spawnpoint/contracts'
import { ask, connectNats, derivedId } from '@spawnpoint/messaging'
import { createLogger, type Failpoint } from '@spawnpoint/service-kit'
import { armFailpoint, eventually, failpointSettings } from '@spawnpoint/stack'
import { expect, test, vi } from 'vitest'
import { openTill, type Till } from './open-till.ts'

vi.setConfig({ testTimeout: 120_000 })

const log = createLogger({ service: 'test', level: 'silent' })

for (const point of ['catch-up.before-store', 'catch-up.after-store'] as const)
  test(`the gateway dies at ${point}, and the next comparison brings everything`, async () => {
    await using till = await openTill()
    till.disableWebhook()
    const sold = [
      await till.payAtStripe(derivedId('a', 'order')),
      await till.payAtStripe(derivedId('b', 'order')),
    ]
    const { gateway, death } = await startArmed(till, point)
    await till.call('/admin/catch-up', 'POST')
    expect(await death).toMatchObject({ signal: 'SIGKILL' })

    await gateway.start()
    expect((await till.backfill()).error).toBeNull()
    await eventually(async () => {
      const ids = (await till.prisma.payment.findMany()).map(({ id }) => id)
      expect(ids.toSorted()).toEqual(sold.map(({ paymentId }) => paymentId).toSorted())
    })
  })

for (const point of ['subscription.before-change', 'subscription.after-change'] as const)
  test(`the gateway dies at ${point}, and the plan is changed and paid for once`, async () => {
    await using till = await openTill()
    const { gateway, death } = await startArmed(till, point)
    const { subscriptionId: subscription_id } = await till.subscribeAtStripe(derivedId(point, 'order'))
    await eventually(() => till.prisma.payment.findUniqueOrThrow({ where: { id: subscription_id } }))
    const nats = connectNats({ url: till.nats.urls.order, name: 'order', log })
    till.own({ [Symbol.asyncDispose]: () => nats.close() })
    const price = { amount: 2_500, currency: 'eur' }
    const terms = { plan: 'large', product_name: 'Large', price, interval: 'month', when: 'now' } as const
    const answered = ask({
      nats,
      contract: changeSubscription,
      request: { request_id: point, subscription_id, change: { do: 'change-plan', ...terms } },
      timeoutMs: 60_000,
    })
    expect(await death).toMatchObject({ signal: 'SIGKILL' })
    await gateway.start()
    expect((await answered).subscription).toMatchObject({ plan: 'large' })
    expect((await till.client.invoices.list({ subscription: subscription_id })).data).toHaveLength(2)
  })

async function startArmed(till: Till, point: Failpoint) {
  const file = join(till.logsDir, 'die-at')
  const { env, nodeArgs } = failpointSettings(file)
  const gateway = till.own(await till.startProcess(env, nodeArgs))
  return { gateway, ...(await armFailpoint(gateway, file, point)) }
}
