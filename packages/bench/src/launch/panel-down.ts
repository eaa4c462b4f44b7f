import { setTimeout as delay } from 'node:timers/promises'
import { owning } from '@spawnpoint/stack'
import { atLeast, atMost, type Benchmark } from '../bench/benchmark.ts'
import { openBuyers } from './buyers.ts'
import { describe, openLaunch, sell, slowDown } from './launch.ts'

const room = 90

/** The panel is down for a minute while 120 buyers want what there is for 90. */
export const panelDown: Benchmark = {
  name: 'panel-down',
  compares:
    '120 buyers in 80 s for 90 places, and the panel down for 60 s in the middle / what is sold, and what is oversold',
  async run({ servers, print, signal }) {
    await using started = owning()
    const salePath = await openLaunch(servers, started, { nodes: 3, portsEach: room / 3 })
    const buyers = await openBuyers(salePath, { started, signal })
    const breaking = (async () => {
      await delay(10_000, undefined, { signal })
      // The first fault that fits a call is the one it meets.
      salePath.panel.removeFaults()
      salePath.panel.addFault({ do: { kind: 'refused' } })
      await delay(60_000, undefined, { signal })
      salePath.panel.removeFaults()
      slowDown(salePath.panel)
    })()
    const sold = await sell(salePath, buyers, { buyers: 120, inSeconds: 80, patienceMs: 240_000 })
    await breaking
    print(describe('with the panel down', sold))
    const refusals = sold.purchases.flatMap(({ refusal }) => refusal ?? [])
    const { servers: made, nodes } = salePath.panel.state()
    const most = Math.max(...nodes.map(({ id }) => made.filter(({ node }) => node === id).length))
    return {
      goals: [
        atLeast(room, { what: 'orders accepted', value: sold.paid.length, unit: '' }),
        atMost(room, { what: 'orders accepted, at most', value: sold.paid.length, unit: '' }),
        atLeast(sold.paid.length, { what: 'provisioned', value: sold.waits.length, unit: '' }),
        atMost(room / 3, { what: 'servers on a node', value: most, unit: '' }),
        atMost(0, {
          what: 'refused for another reason than no_capacity',
          value: refusals.filter((code) => code !== 'no_capacity').length,
          unit: '',
        }),
      ],
      samples: { 'paid → provisioned (s)': sold.waits },
    }
  },
}
