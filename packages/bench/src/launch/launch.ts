import { setTimeout as delay } from 'node:timers/promises'
import { owning } from '@spawnpoint/stack'
import { atLeast, atMost, type Benchmark, type Goal } from '../bench/benchmark.ts'
import { median, percentile } from '../bench/samples.ts'
import { registerCatalogue, roomyNodes } from '../sale-path/catalogue.ts'
import { openSalePath, type SalePath } from '../sale-path/open-sale-path.ts'
import { openBuyers, type Purchase, type Wanted } from './buyers.ts'

type Buyers = Awaited<ReturnType<typeof openBuyers>>

/** What every call of a real panel takes at least, and what its Wings takes to accept a server. */
const callMs = 60
const wingsMs = 400

/**
 * A sale is announced and everybody comes at once, at the panel's default limit of 240 calls a minute: buyers who order through the
 * shop's API and pay a second later, as new and as known customers.
 */
export const launch: Benchmark = {
  name: 'launch',
  compares:
    '80 buyers in 40 s, new and then known, at the 240 calls a minute of a panel / what they wait for and cost',
  async run({ servers, print, signal }) {
    await using started = owning()
    const salePath = await openLaunch(servers, started, { nodes: 4, portsEach: 50 })
    const buyers = await openBuyers(salePath, { started, signal })
    const fresh = await sell(salePath, buyers, { buyers: 80, inSeconds: 40, patienceMs: 80_000 })
    print(describe('new customers', fresh))
    // The next window of the panel's limit begins with all of its calls.
    await delay(61_000, undefined, { signal })
    const emailOf = (index: number) => fresh.purchases[index]?.email ?? ''
    const known = await sell(salePath, buyers, { buyers: 80, inSeconds: 40, patienceMs: 80_000, emailOf })
    print(describe('known customers', known))
    return {
      goals: [...goalsOf('new', fresh, 3), ...goalsOf('known', known, 2)],
      samples: { ...seriesOf('new', fresh), ...seriesOf('known', known) },
    }
  },
}

export async function openLaunch(
  servers: Parameters<typeof openSalePath>[0],
  started: Parameters<typeof openSalePath>[1],
  { nodes, portsEach }: { nodes: number; portsEach: number },
): Promise<SalePath> {
  const salePath = await openSalePath(servers, started, {
    panel: { setup: roomyNodes({ nodes, portsEach }) },
  })
  slowDown(salePath.panel)
  await registerCatalogue(
    salePath.stack,
    Array.from({ length: nodes }, (_, index) => index + 1),
  )
  // The panel's limit begins anew, without the calls of the set-up.
  await delay(5_000)
  return salePath
}

/** As slow as a real panel. */
export function slowDown(panel: SalePath['panel']): void {
  panel.addFault({ do: { kind: 'slow', ms: callMs } })
  panel.breakWings({ on: 'create', fault: { kind: 'slow', ms: wingsMs } })
}

type Sold = {
  purchases: Purchase[]
  paid: Purchase[]
  /** From the payment to the server, in s, of those that have one. */
  waits: number[]
  /** From the first order to the last server, in s. */
  tookS: number
  calls: Record<string, number>
  callsPerSale: number
  throttled: number
}

export async function sell(
  { panel }: SalePath,
  buyers: Buyers,
  { patienceMs, ...wanted }: Wanted & { patienceMs: number },
): Promise<Sold> {
  const before = panel.state()
  const purchases = await buyers.buy(wanted)
  const paid = await buyers.arrivals(purchases, patienceMs)
  const after = panel.state()
  const calls = Object.fromEntries(
    Object.entries(after.calls).map(([kind, count]) => [kind, count - (before.calls[kind] ?? 0)]),
  )
  const arrived = paid.filter(({ provisionedAt }) => !Number.isNaN(provisionedAt))
  const first = Math.min(...purchases.map(({ orderedAt }) => orderedAt))
  const last = Math.max(...arrived.map(({ provisionedAt }) => provisionedAt))
  const total = Object.values(calls).reduce((sum, count) => sum + count, 0)
  return {
    purchases,
    paid,
    waits: arrived.map(({ paidAt, provisionedAt }) => (provisionedAt - paidAt) / 1_000),
    tookS: (last - first) / 1_000,
    calls,
    callsPerSale: total / arrived.length,
    throttled: after.throttled - before.throttled,
  }
}

export function describe(who: string, { purchases, paid, waits, tookS, calls, throttled }: Sold): string {
  const kinds = Object.entries(calls)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} × ${kind.replace('api/application/', '')}`)
  return (
    `${who}: ${paid.length} of ${purchases.length} sold, ${waits.length} provisioned within ${tookS.toFixed(1)} s, ` +
    `p50 ${median(waits).toFixed(2)} s, p90 ${percentile(waits, 90).toFixed(2)} s, ${throttled} × 429; ${kinds.join(', ')}`
  )
}

function goalsOf(who: string, sold: Sold, mostCalls: number): Goal[] {
  const accepted = sold.purchases.filter(({ status }) => status === 201).length
  return [
    atLeast(sold.purchases.length, { what: `${who}: orders accepted`, value: accepted, unit: '' }),
    atLeast(accepted, { what: `${who}: provisioned`, value: sold.waits.length, unit: '' }),
    atMost(75, { what: `${who}: all provisioned within`, value: sold.tookS, unit: 's' }),
    atMost(3, { what: `${who}: paid → provisioned, p50`, value: median(sold.waits), unit: 's' }),
    atMost(mostCalls, { what: `${who}: panel calls per sale`, value: sold.callsPerSale, unit: '' }),
    atMost(0, { what: `${who}: answered 429`, value: sold.throttled, unit: '' }),
  ]
}

function seriesOf(who: string, { purchases, waits }: Sold) {
  return {
    [`${who}: paid → provisioned (s)`]: waits,
    [`${who}: POST /orders (ms)`]: purchases.map(({ orderedAt, answeredAt }) => answeredAt - orderedAt),
  }
}
