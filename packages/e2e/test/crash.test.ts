import { fileURLToPath } from 'node:url'
import { type Failpoint, failpoints } from '@spawnpoint/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lifePaths } from './life-paths.ts'
import { openShop, type Shop } from './shop.ts'

const dieAt = fileURLToPath(new URL('./die-at.mjs', import.meta.url))
const services = ['billing-gateway', 'order', 'provisioner'] as const

// Which processes pass which point; the test fails when one is missing here or is never passed.
const passedBy = (point: Failpoint): readonly (typeof services)[number][] => {
  const [place] = point.split('.')
  if (place === 'relay') return services
  // The gateway consumes order events only for refunds; it dies there in impossible.test.ts.
  if (place === 'consume') return ['order', 'provisioner']
  if (place === 'place-order') return ['order']
  if (place === 'reconcile' || place === 'panel') return ['provisioner']
  return ['billing-gateway']
}

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.03 })
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

// What comes after the sale has paths of its own.
const onOtherPaths = new Set<Failpoint>(lifePaths.flatMap(({ points }) => points))
onOtherPaths.delete('reconcile.before-record')
// The gateway's own tests kill it there: no sale passes them.
const atStripe = new Set<Failpoint>(
  failpoints.filter((point) => /^(refund|subscription|catch-up)[.]/.test(point)),
)

for (const point of failpoints.filter((one) => !onOtherPaths.has(one) && !atStripe.has(one)))
  for (const name of passedBy(point))
    test(`${name} dies at ${point}, and the buyer still gets exactly one server`, async () => {
      const service = shop.stack.services[name]
      await service.stop()
      await service.start({ env: { DIE_AT: point }, nodeArgs: ['--import', dieAt] })
      const died = service.exited()
      process.kill(service.pid(), 'SIGUSR2')
      const revived = died.then(() => service.start({ env: { DIE_AT: '' }, nodeArgs: [] }))
      // A customer of its own, so that the panel has no user of this e-mail yet.
      const { id, checkoutUrl } = await shop.placeOrder({ email: `${name}.${point}@example.com` })
      await shop.pay(checkoutUrl)
      expect(await died).toMatchObject({ signal: 'SIGKILL' })
      await revived
      await shop.becomes(id, 'provisioned', 60_000)
      expect(shop.serversOf(id)).toHaveLength(1)
    })
