import { type Panel, startPanel } from '@spawnpoint/panel-simulator'
import type { Failpoint } from '@spawnpoint/service-kit'
import { inSoak } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lifePaths } from './life-paths.ts'
import { type Mortal, makeMortal } from './mortal.ts'
import { openShop, type Shop } from './shop.ts'

const timeScale = 0.03

let shop: Shop
let mortal: Mortal
let fra: Panel

// The shop's only region is on the second panel: the first one must not be asked for a server.
beforeAll(async () => {
  const first = await openShop({ timeScale })
  fra = await startPanel({ timeScale, install: { mode: 'at-once' }, rateLimitPerMinute: null })
  const serversOf = (orderId: string) =>
    fra.state().servers.filter(({ external_id }) => external_id === orderId)
  shop = { ...first, panel: fra, serversOf }
  mortal = await makeMortal(shop, ['provisioner'])
  await shop.send('order', 'PUT', '/admin/plans/large', { name: 'Large', amount: 1999, currency: 'eur' })
  await put('/admin/panels/fra', { url: fra.url, token: fra.token })
  for (const [plan, memory] of Object.entries({ small: 1024, large: 2048 }))
    await put(`/admin/plan-specs/${plan}`, {
      panel: 'fra',
      ptero_egg_id: 1,
      limits: { memory, swap: 0, disk: 5120, io: 500, cpu: 100 },
      environment: plan === 'large' ? { BUILD_NUMBER: '42' } : {},
    })
  await shop.send('order', 'PUT', '/admin/plans/rust', { name: 'Rust', amount: 1999, currency: 'eur' })
  await put('/admin/plan-specs/rust', {
    panel: 'fra',
    ptero_egg_id: 2,
    limits: { memory: 2048, disk: 5120 },
    environment: { RCON_PASS: 'example-password' },
    egg_change: 'reinstall',
  })
  await put('/admin/region-nodes/eu', { panel: 'fra', nodes: [1, 2, 3] })
}, 120_000)

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]()
  await fra?.close()
})

const onTheSale = inSoak<Failpoint[]>(
  ['panel.before-user', 'panel.after-user', 'panel.before-create', 'panel.after-create'],
  ['panel.after-create'],
)

for (const point of onTheSale)
  test(`it dies at ${point} on the second panel, and the buyer still gets exactly one server there`, async () => {
    const died = await dieNextAt(point)
    const { id, checkoutUrl } = await shop.placeOrder({ email: `${point}@example.com` })
    await shop.pay(checkoutUrl)
    expect(await died()).toMatchObject({ signal: 'SIGKILL' })
    await shop.becomes(id, 'provisioned', 60_000)
    expect(shop.serversOf(id)).toHaveLength(1)
    expectNothingOnTheFirst()
  })

for (const { name, points, begin, go, end } of lifePaths)
  for (const point of points.filter((one) => ['panel.between-patches', 'panel.after-delete'].includes(one)))
    test(`it dies at ${point} on the second panel, and ${name}`, async () => {
      const id = await begin(shop, `${name.length}.${point}@example.com`)
      const died = await dieNextAt(point)
      await go(shop, id)
      expect(await died()).toMatchObject({ signal: 'SIGKILL' })
      await end(shop, id)
      expectNothingOnTheFirst()
    })

/** Kills the provisioner when it passes the point next; the rest is done by the next one. */
async function dieNextAt(point: Failpoint) {
  const { death } = await mortal.dieAt('provisioner', point)
  return async () => {
    const how = await death
    await mortal.revive('provisioner')
    return how
  }
}

function expectNothingOnTheFirst(): void {
  expect(shop.stack.panel?.state().servers).toEqual([])
}

async function put(path: string, body: unknown): Promise<void> {
  const answer = await shop.send('provisioner', 'PUT', path, body)
  expect({ path, status: answer.status }).toEqual({ path, status: 200 })
}
