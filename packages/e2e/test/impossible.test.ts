import type { Failpoint } from '@spawnpoint/service-kit'
import { eventually, inSoak, type ServiceName, serviceNames } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Mortal, makeMortal } from './mortal.ts'
import { openShop, type Shop } from './shop.ts'

let shop: Shop
let mortal: Mortal

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.02, env: { REFUNDS: 'automatic', INSTALL_TRIES: '1' } })
  mortal = await makeMortal(shop, serviceNames)
  await shop.send('order', 'PUT', '/admin/plans/paid-back', {
    ...{ name: 'Paid back', amount: 999, currency: 'eur' },
    policy: { when_impossible: 'refund' },
  })
  await shop.send('provisioner', 'PUT', '/admin/plan-specs/paid-back', {
    ptero_egg_id: 1,
    limits: { memory: 1024, swap: 0, disk: 5120, io: 500, cpu: 100 },
    environment: {},
  })
}, 120_000)
afterAll(() => shop?.[Symbol.asyncDispose]())

test('a server that cannot be installed is deleted and refunded once', async () => {
  await isPaidBack(await impossible())
})

type Death = [ServiceName, Failpoint]
// Where the effect is there and its record is not.
const afterEffects: Death[] = [
  ['provisioner', 'panel.after-delete'],
  ['order', 'consume.after-commit'],
  ['billing-gateway', 'consume.after-commit'],
  ['billing-gateway', 'refund.after-create'],
]
const others: Death[] = [
  ['provisioner', 'panel.before-delete'],
  ['order', 'consume.before-commit'],
  ['billing-gateway', 'consume.before-commit'],
  ['billing-gateway', 'consume.after-ack'],
  ['billing-gateway', 'refund.before-create'],
]

for (const [name, point] of inSoak([...afterEffects, ...others], afterEffects))
  test(`the ${name} dies at ${point}, and still it is paid back exactly once`, async () => {
    const { id, checkoutUrl } = await shop.placeOrder({ plan: 'paid-back' })
    shop.panel.planInstalls({ mode: 'fail' }, id)
    const { death } = await mortal.dieAt(name, point)
    await shop.pay(checkoutUrl)
    expect(await death).toMatchObject({ signal: 'SIGKILL' })
    await mortal.revive(name)
    await eventually(() => shop.send(name, 'GET', '/livez'))
    await isPaidBack(id)
  })

async function impossible(): Promise<string> {
  const { id, checkoutUrl } = await shop.placeOrder({ plan: 'paid-back' })
  shop.panel.planInstalls({ mode: 'fail' }, id)
  await shop.pay(checkoutUrl)
  return id
}

async function isPaidBack(id: string): Promise<void> {
  await eventually(
    async () => {
      const order = (await shop.orderOf(id)) as { status: string; billing_status?: string }
      expect(order).toMatchObject({ status: 'terminated', billing_status: 'refunded' })
    },
    { timeoutMs: 60_000, everyMs: 100 },
  )
  expect(shop.serversOf(id)).toEqual([])
  const { url, secretKey } = shop.stripe
  const response = await fetch(`${url}/v1/refunds?limit=100`, {
    headers: { authorization: `Bearer ${secretKey}` },
  })
  const { data } = (await response.json()) as { data: { amount: number; metadata: { order_id?: string } }[] }
  expect(data.filter(({ metadata }) => metadata.order_id === id)).toMatchObject([{ amount: 999 }])
}
