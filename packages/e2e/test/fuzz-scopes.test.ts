import { randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { openConnection } from '@spawnpoint/database'
import { inSoak, serviceNames } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, documents, isProblem, memoryNow, sendAgain, sendRaw, show } from './fuzz-client.ts'
import { seeded } from './fuzz-random.ts'
import { type FuzzRequest, mutated, templatesOf } from './fuzz-requests.ts'
import { quiet } from './quiet.ts'
import { openShop, type Shop } from './shop.ts'

const count = Number(process.env.FUZZ_REQUESTS ?? inSoak(3_000, 1_500))
const seed = Number(process.env.FUZZ_SEED ?? 1)
const atOnce = 16
const maxGrowthMb = 100
const secretOf = (name: string) => `${name}-f3a9c17e5b20d846`

/**
 * Which tables a key may change beside those that each request, and each tick of a service, may. What follows from an order is in
 * other services too; an operator may have everything decided again.
 */
const sales =
  'orders order_history customer_lock outbox inbox parked_event server allocation_claim node_capacity waiting checkout stripe_event payment'
const mayChange: Record<string, string> = {
  none: '',
  unknown: '',
  expired: '',
  read: '',
  orders: sales,
  'shop-b': sales,
  catalogue: 'plans regions plan_spec region region_node region_node_map node_capacity outbox',
  refunds: 'refund_request outbox refund',
  panels: 'panel secrets secret panel_view',
  operate: `${sales} difference drift dead_letter replay replay_finding stripe_event payment subscription refund_request sweep`,
}
const keys = Object.keys(mayChange)
/** Written by ticks and by requests that are refused. */
const always = 'audit lease stream_progress sweep panel_view interval_lock'
const mayOrder = ['orders', 'read', 'operate']

let shop: Shop
/** Of the order of the first shop, in what nobody but that shop and operators may read. */
const marker = `only-shop-a-${randomUUID()}`
let orderId: string
const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
const crashed: string[] = []

beforeAll(async () => {
  const scoped = ['orders', 'catalogue', 'read', 'operate', 'refunds', 'panels']
  const entries = [
    ...scoped.map((scope) => `${scope}:scopes=${scope}:${secretOf(scope)}`),
    `shop-b:scopes=orders:${secretOf('shop-b')}`,
    `expired:scopes=operate+panels+catalogue:expires=2026-01-31:${secretOf('expired')}`,
  ]
  shop = await openShop({ env: { API_KEYS: entries.join(',') } })
  for (const name of serviceNames)
    void shop.stack.services[name]
      .exited()
      .then((exit) => exit.wanted || crashed.push(`${name}: ${JSON.stringify(exit)}`))
  // An address that has shown no valid key would be throttled, and nothing else tested.
  for (const name of serviceNames) expect((await shop.send(name, 'GET', '/admin/audit')).status).toBe(200)
  const placed = await shop.send(
    'order',
    'POST',
    '/orders',
    { plan: 'small', region: 'eu', customer: { email: 'a@example.com', name: marker }, server_name: marker },
    { authorization: `Bearer ${secretOf('orders')}`, 'idempotency-key': randomUUID() },
  )
  const order = (await placed.json()) as { id: string; checkout_url: string }
  orderId = order.id
  await shop.pay(order.checkout_url)
  await shop.becomes(orderId, 'provisioned')
}, 120_000)

afterAll(async () => {
  agent.destroy()
  await shop?.[Symbol.asyncDispose]()
})

test(
  `${count} mutated requests (seed ${seed}), a part by each of ${keys.length} keys: nobody changes or reads what their scope does not say`,
  async () => {
    // What Stripe has signed needs no key.
    const templates = templatesOf(await documents(shop)).filter(({ event }) => !event)
    const random = seeded(seed)
    const wrong: string[] = []
    const report: Record<string, Record<string, number>> = {}
    const memory: number[][] = []
    let serial = 0
    const begun = performance.now()

    async function sendUntil(end: number, key: string, statuses: Record<string, number>) {
      while (serial < end) {
        serial += 1
        const template = templates[random.below(templates.length)]
        if (!template) throw new Error('There are no templates')
        const path = random.chance(0.5) ? template.path.replaceAll('fuzz', orderId) : template.path
        const apiKey = secretOf(key)
        const made = mutated({ ...template, path }, { random, serial, apiKey, webhookSecret: 'none' })
        const sent = key === 'none' ? withoutKey(made) : made
        const to = { shop, agent }
        const answer = random.chance(0.03)
          ? await sendRaw(to, sent, random.below(2 ** 31))
          : await sendAgain(to, sent)
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
        const trouble = troubleWith(answer, key)
        if (trouble !== null)
          wrong.push(
            `#${serial} ${key}: ${trouble} ${show(sent)} → ${answer.status} ${answer.body.slice(0, 300)}`,
          )
      }
    }

    for (const [index, key] of keys.entries()) {
      await quiet(shop)
      const before = await checksums()
      const statuses: Record<string, number> = {}
      const end = Math.round((count / keys.length) * (index + 1))
      await Promise.all(Array.from({ length: atOnce }, () => sendUntil(end, key, statuses)))
      await quiet(shop)
      const after = await checksums()
      const allowed = `${always} ${mayChange[key]}`.split(' ')
      for (const [table, sum] of Object.entries(after))
        if (sum !== before[table] && !allowed.includes(table.split('.')[1] ?? ''))
          wrong.push(`${key} changed ${table}`)
      report[key] = statuses
      memory.push(Object.values(memoryNow(shop)))
    }
    const seconds = Math.round((performance.now() - begun) / 100) / 10
    process.stderr.write(
      `${JSON.stringify({ count, seed, seconds, statuses: report, memory, wrong: wrong.length })}\n`,
    )

    expect(wrong.slice(0, 20)).toEqual([])
    expect(crashed).toEqual([])
    for (const service of serviceNames.keys()) {
      const [, first = 0, ...later] = memory.map((each) => each[service] ?? 0)
      expect(Math.max(...later) - first).toBeLessThan(maxGrowthMb)
    }
    for (const name of serviceNames) {
      const answer = await shop.send(name, 'GET', '/readyz')
      expect([name, answer.status]).toEqual([name, 200])
    }
  },
  60_000 + count * 20,
)

function troubleWith(answer: Answer, key: string): string | null {
  const isBusy = answer.status === 503 && answer.retryAfter !== undefined
  if ((answer.status >= 500 && !isBusy) || answer.status === 0) return 'it failed'
  if (!isProblem(answer)) return 'it is no problem document'
  if (!mayOrder.includes(key) && answer.body.includes(marker)) return "it tells of another shop's order"
  if (['none', 'unknown', 'expired'].includes(key) && answer.status === 201) return 'it was let in'
  return null
}

function withoutKey({ headers, ...sent }: FuzzRequest): FuzzRequest {
  const { authorization: _, ...others } = headers
  return { ...sent, headers: others }
}

/** By table of each schema: how many rows, and what is in them. */
async function checksums(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const [schema, url] of Object.entries(shop.stack.databases)) {
    const connection = await openConnection(url)
    const tables = await connection.query<Record<string, string>[]>('SHOW TABLES')
    for (const table of tables.flatMap((row) => Object.values(row))) {
      const [sum] = await connection.query<{ Checksum: bigint | number }[]>(`CHECKSUM TABLE \`${table}\``)
      found[`${schema}.${table}`] = String(sum?.Checksum)
    }
    await connection.end()
  }
  return found
}
