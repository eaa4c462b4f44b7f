import { Agent } from 'node:http'
import { eventually, inSoak, type ServiceName, serviceNames } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documents, isProblem, memoryNow, sendAgain, sendRaw, show } from './fuzz-client.ts'
import { seeded } from './fuzz-random.ts'
import { mutated, templatesOf } from './fuzz-requests.ts'
import { openShop, type Shop } from './shop.ts'

const count = Number(process.env.FUZZ_REQUESTS ?? inSoak(5_000, 1_500))
const seed = Number(process.env.FUZZ_SEED ?? 1)
const atOnce = 16
const maxGrowthMb = 100

let shop: Shop
const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
const crashed: string[] = []

beforeAll(async () => {
  shop = await openShop()
  for (const name of serviceNames)
    void shop.stack.services[name]
      .exited()
      .then((exit) => exit.wanted || crashed.push(`${name}: ${JSON.stringify(exit)}`))
}, 120_000)

afterAll(async () => {
  agent.destroy()
  await shop?.[Symbol.asyncDispose]()
})

test(
  `${count} mutated requests (seed ${seed}): no 5xx, no crash, no growth, and a server is sold afterwards`,
  async () => {
    const templates = templatesOf(await documents(shop))
    const random = seeded(seed)
    const statuses = new Map<string, number>()
    const wrong: string[] = []
    let serial = 0

    async function sendUntil(end: number) {
      while (serial < end) {
        serial += 1
        const template = templates[random.below(templates.length)] ?? templates[0]
        if (!template) throw new Error('There are no templates')
        const sent = mutated(template, {
          random,
          serial,
          apiKey: shop.stack.apiKey,
          webhookSecret: shop.stripe.webhookSecret,
        })
        const answer = random.chance(0.03)
          ? await sendRaw({ shop, agent }, sent, random.below(2 ** 31))
          : await sendAgain({ shop, agent }, sent)
        const key = `${sent.service} ${answer.status}`
        statuses.set(key, (statuses.get(key) ?? 0) + 1)
        if (answer.status >= 500 || answer.status === 0 || !isProblem(answer))
          wrong.push(`#${serial} ${answer.status} ${show(sent)} → ${answer.body.slice(0, 300)}`)
      }
    }
    const flood = (end: number) => Promise.all(Array.from({ length: atOnce }, () => sendUntil(end)))

    // What a process needs once, it needs after a fifth of them.
    const begun = performance.now()
    const memory: Record<ServiceName, number>[] = []
    for (const fifth of [1, 2, 3, 4, 5]) {
      await flood((count / 5) * fifth)
      memory.push(memoryNow(shop))
    }
    const seconds = Math.round((performance.now() - begun) / 100) / 10
    process.stderr.write(
      `${JSON.stringify({ count, seed, seconds, statuses: Object.fromEntries([...statuses].sort()), memory, wrong: wrong.length })}\n`,
    )

    expect(crashed).toEqual([])
    expect(wrong.slice(0, 20)).toEqual([])
    for (const name of serviceNames) {
      const [first = 0, ...later] = memory.map((fifth) => fifth[name])
      expect(Math.max(...later) - first).toBeLessThan(maxGrowthMb)
    }
    const { id, checkoutUrl } = await shop.placeOrder()
    await shop.pay(checkoutUrl)
    await shop.becomes(id, 'provisioned', 60_000)
    expect(shop.serversOf(id)).toHaveLength(1)
    // Nobody paid what it costs, so nobody else got one.
    await eventually(() =>
      expect(shop.panel.state().servers.filter(({ external_id }) => external_id)).toHaveLength(1),
    )
  },
  60_000 + count * 20,
)
