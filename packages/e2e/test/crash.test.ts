import { type Failpoint, failpoints } from '@spawnpoint/service-kit'
import { inSoak } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lifePaths } from './life-paths.ts'
import { type Mortal, makeMortal } from './mortal.ts'
import { openShop, type Shop } from './shop.ts'

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
let mortal: Mortal

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.03 })
  mortal = await makeMortal(shop, services)
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

// What comes after the sale has paths of its own.
const onOtherPaths = new Set<Failpoint>(lifePaths.flatMap(({ points }) => points))
onOtherPaths.delete('reconcile.before-record')
// The gateway's own tests kill it there: no sale passes them.
const atStripe = new Set<Failpoint>(
  failpoints.filter((point) => /^(refund|subscription|catch-up)[.]/.test(point)),
)

const onTheSale = failpoints.filter((point) => !onOtherPaths.has(point) && !atStripe.has(point))

// One of each step, where its effect is there and its record is not: what the others leave undone is only begun anew.
const representative: Failpoint[] = [
  'place-order.after-commit',
  'checkout.after-stripe',
  'journal.after-commit',
  'translate.after-commit',
  'relay.after-publish',
  'consume.after-commit',
  'panel.before-create',
  'panel.after-create',
  'reconcile.after-record',
]

for (const point of inSoak(onTheSale, representative))
  for (const name of passedBy(point))
    test(`${name} dies at ${point}, and the buyer still gets exactly one server`, async () => {
      const { death } = await mortal.dieAt(name, point)
      const revived = death.then(() => mortal.revive(name))
      // A customer of its own, so that the panel has no user of this e-mail yet.
      const { id, checkoutUrl } = await shop.placeOrder({ email: `${name}.${point}@example.com` })
      await shop.pay(checkoutUrl)
      expect(await death).toMatchObject({ signal: 'SIGKILL' })
      await revived
      await shop.becomes(id, 'provisioned', 60_000)
      expect(shop.serversOf(id)).toHaveLength(1)
    })
