import type { Failpoint } from '@spawnpoint/service-kit'
import { inSoak } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lifePaths } from './life-paths.ts'
import { type Mortal, makeMortal } from './mortal.ts'
import { openShop, type Shop } from './shop.ts'

let shop: Shop
let mortal: Mortal

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.03 })
  mortal = await makeMortal(shop, ['provisioner'])
  await shop.send('order', 'PUT', '/admin/plans/large', { name: 'Large', amount: 1999, currency: 'eur' })
  await shop.send('provisioner', 'PUT', '/admin/plan-specs/large', {
    ptero_egg_id: 1,
    limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 200 },
    environment: { BUILD_NUMBER: '42' },
  })
  await shop.send('order', 'PUT', '/admin/plans/rust', { name: 'Rust', amount: 1999, currency: 'eur' })
  await shop.send('provisioner', 'PUT', '/admin/plan-specs/rust', {
    ptero_egg_id: 2,
    limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 200 },
    environment: { RCON_PASS: 'example-password' },
    egg_change: 'reinstall',
  })
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

// Where the panel has done it, or half of it, and nobody here knows.
const isRepresentative = (point: Failpoint) => /^panel[.](?:after|between)-/.test(point)

for (const [path, { name, points, begin, go, meanwhile, end }] of lifePaths.entries())
  for (const point of inSoak(points, points.filter(isRepresentative)))
    test(`the provisioner dies at ${point}, and ${name}`, async () => {
      const id = await begin(shop, `${path}.${point}@example.com`)
      const { death } = await mortal.dieAt('provisioner', point)
      await go(shop, id)
      expect(await death).toMatchObject({ signal: 'SIGKILL' })
      meanwhile?.(shop, id)
      await mortal.revive('provisioner')
      await end(shop, id)
    })
