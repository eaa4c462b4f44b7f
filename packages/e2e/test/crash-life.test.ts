import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lifePaths } from './life-paths.ts'
import { openShop, type Shop } from './shop.ts'

const dieAt = fileURLToPath(new URL('./die-at.mjs', import.meta.url))

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.03 })
  await shop.send('order', 'PUT', '/admin/plans/large', { name: 'Large', amount: 1999, currency: 'eur' })
  await shop.send('provisioner', 'PUT', '/admin/plan-specs/large', {
    ptero_egg_id: 1,
    limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 200 },
    environment: { BUILD_NUMBER: '42' },
  })
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

for (const [path, { name, points, begin, go, meanwhile, end }] of lifePaths.entries())
  for (const point of points)
    test(`the provisioner dies at ${point}, and ${name}`, async () => {
      const { provisioner } = shop.stack.services
      await provisioner.stop()
      await provisioner.start({ env: { DIE_AT: point }, nodeArgs: ['--import', dieAt] })
      const id = await begin(shop, `${path}.${point}@example.com`)
      const died = provisioner.exited()
      process.kill(provisioner.pid(), 'SIGUSR2')
      await go(shop, id)
      expect(await died).toMatchObject({ signal: 'SIGKILL' })
      meanwhile?.(shop, id)
      await provisioner.start({ env: { DIE_AT: '' }, nodeArgs: [] })
      await end(shop, id)
    })
