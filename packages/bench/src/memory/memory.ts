import { setTimeout as delay } from 'node:timers/promises'
import { owning, type Stack, serviceNames } from '@spawnpoint/stack'
import type { Benchmark, BenchmarkOptions, Measured } from '../bench/benchmark.ts'
import { openStack } from '../bench/open-stack.ts'
import { signedRequests } from '../ingest/signed-requests.ts'
import { registerCatalogue, roomyNodes } from '../sale-path/catalogue.ts'
import { openDatabase } from '../testbed/database.ts'
import { openStream } from '../testbed/stream.ts'
import { goalsOf } from './goals.ts'
import { sendBursts } from './send-bursts.ts'
import { residentMb, watchMemory } from './watch-memory.ts'

/**
 * Signed webhooks in bursts, as fast as the gateway takes them; each is stored, translated, becomes a paid order and is consumed by
 * the provisioner, which makes servers meanwhile, on a panel that takes half a second for each answer. Memory is what the
 * kernel reports for a process.
 */
export const memory: Benchmark = {
  name: 'memory',
  compares: 'resident memory of each service: idle, while 100,000 webhooks become orders, and afterwards',
  run,
}

const most = 100_000
const panel = { setup: roomyNodes({ nodes: 3, portsEach: 1_000 }), rateLimitPerMinute: null }

async function run({ seconds, servers, print, signal }: BenchmarkOptions): Promise<Measured> {
  await using started = owning()
  const { stack, nats } = await openStack(servers, started, { panel })
  const { services, stripe } = stack
  if (!stripe || !stack.panel) throw new Error('Only the simulated Stripe and panel are measured with')
  await registerCatalogue(stack, [1, 2, 3])
  stack.panel.addFault({ do: { kind: 'slow', ms: 500 } })
  const orders = started.own(await openStream(nats.url, { name: 'ORDER', signal }))
  await delay(3_000, undefined, { signal })
  const idle = residentMb(services)

  const watching = started.own(watchMemory(services))
  const begun = performance.now()
  const secondsSince = () => (performance.now() - begun) / 1_000
  const webhooks = await sendBursts({
    port: services['billing-gateway'].port,
    requests: signedRequests(stripe.webhookSecret),
    count: most,
    arrived: () => orders.acknowledgedBy('provisioner-order'),
    isEnough: () => seconds !== null && secondsSince() > seconds,
    signal,
  })
  watching[Symbol.dispose]()
  print(`${webhooks} webhooks became orders in ${Math.round(secondsSince())} s`)
  await requirePaid(stack, webhooks)
  await delay(5_000, undefined, { signal })

  return {
    goals: goalsOf({ idle, underLoad: watching.seen, after: residentMb(services), webhooks }),
    samples: Object.fromEntries(serviceNames.map((name) => [`${name} under load, MB`, watching.seen[name]])),
  }
}

async function requirePaid({ databases }: Stack, webhooks: number): Promise<void> {
  await using database = await openDatabase(databases.orders)
  const [row] = await database.query<{ paid: number }>(
    "SELECT COUNT(*) AS paid FROM orders WHERE billing_status = 'paid' AND desired = 'running'",
  )
  if (row?.paid !== webhooks) throw new Error(`${webhooks} webhooks made ${row?.paid} paid orders`)
}
