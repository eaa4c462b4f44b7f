import { setTimeout as delay } from 'node:timers/promises'
import { owning } from '@spawnpoint/stack'
import { atMost, type Benchmark } from '../bench/benchmark.ts'
import { median } from '../bench/samples.ts'
import { registerCatalogue } from '../sale-path/catalogue.ts'
import { openBuyers } from './buyers.ts'
import { describe, openLaunch, sell, slowDown } from './launch.ts'

const onNode = 25

/** A node accepts connections and never answers, while 25 of its servers are to be suspended: what sales on the other nodes notice. */
export const hangingNode: Benchmark = {
  name: 'hanging-node',
  compares: 'sales on other nodes while 25 suspensions are due on one that hangs / the same without them',
  async run({ servers, print, signal }) {
    await using started = owning()
    const salePath = await openLaunch(servers, started, { nodes: 3, portsEach: 60 })
    const { stack, panel } = salePath
    const buyers = await openBuyers(salePath, { started, signal })
    panel.configure({ rateLimitPerMinute: 2_400 })
    await registerCatalogue(stack, [3])
    const there = await sell(salePath, buyers, { buyers: onNode, inSeconds: 5, patienceMs: 60_000 })
    await registerCatalogue(stack, [1, 2])
    const wanted = { buyers: 20, inSeconds: 20, patienceMs: 120_000 }
    const normal = await sell(salePath, buyers, wanted)
    print(describe('before', normal))
    panel.removeFaults()
    panel.breakWings({ node: 3, fault: 'hang' })
    slowDown(panel)
    for (const { orderId } of there.paid)
      await fetch(`${stack.services.order.url}/admin/orders/${orderId}/suspend`, {
        method: 'POST',
        headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ reason: 'bench' }),
      })
    await delay(3_000, undefined, { signal })
    const beside = await sell(salePath, buyers, wanted)
    print(describe('beside a hanging node', beside))
    return {
      goals: [
        atMost(1.5, {
          what: 'p50 / p50 before',
          value: median(beside.waits) / median(normal.waits),
          unit: '×',
        }),
        atMost(0, { what: 'without a server', value: wanted.buyers - beside.waits.length, unit: '' }),
      ],
      samples: { 'before (s)': normal.waits, 'beside (s)': beside.waits },
    }
  },
}
