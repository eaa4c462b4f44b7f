import { eventually, inSoak } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

// Real seconds: what is measured here is how long a buyer waits.
const leaseMs = 20_000
/** A start of the process, the call that is sent again, and the first look at the install. */
const marginMs = 8_000

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ timeScale: 1 })
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

const carriedOut = ['carries out what it was sent before', 9_000] as const
const neverAnswered = ['never answers what it was sent before', 600_000] as const

test.each(inSoak([carriedOut, neverAnswered], [carriedOut]))(
  'the create of a provisioner that is killed in the middle of it goes on within its lease, where the panel %s',
  async (_, ms) => {
    shop.panel.addFault({ when: { method: 'POST', path: '/servers$', times: 1 }, do: { kind: 'slow', ms } })
    const { provisioner } = shop.stack.services
    const { id, checkoutUrl } = await shop.placeOrder({ email: `after-${ms}@example.com` })
    await shop.pay(checkoutUrl)
    await eventually(
      async () => {
        const response = await shop.send('provisioner', 'GET', `/servers/${id}`)
        expect(await response.json()).toMatchObject({ error_class: 'unanswered' })
      },
      { timeoutMs: 10_000, everyMs: 50 },
    )
    expect(shop.serversOf(id)).toEqual([])
    await provisioner.kill()
    const killedAt = performance.now()
    await provisioner.start()
    await shop.becomes(id, 'provisioned', leaseMs + marginMs)
    const tookMs = performance.now() - killedAt
    expect(tookMs).toBeLessThan(leaseMs + marginMs)
    expect(shop.serversOf(id)).toHaveLength(1)
  },
  90_000,
)
