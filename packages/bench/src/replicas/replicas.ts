import { atMost, type Benchmark } from '../bench/benchmark.ts'
import { interleave } from '../bench/interleave.ts'
import { median } from '../bench/samples.ts'
import { sellWith } from './sell-with.ts'

const repetitions = 2

/**
 * One load for one, two and three replicas of the order service and of the provisioner: orders that are paid and become
 * servers on a simulated panel without a rate limit, whose installs are over at once. Each sample has servers, schemas and
 * streams of its own. The buyers are known to the panel already: it loses one of two users who are made at the same moment,
 * which would measure the panel. All processes share this machine, the panel among them, so that the replicas compete with
 * each other and with everything that they use.
 */
export const replicas: Benchmark = {
  name: 'replicas',
  compares: 'paid orders → servers on the panel: 1, 2 and 3 replicas of order and provisioner',
  async run({ seconds, servers, print, signal }) {
    const orders = Math.ceil((seconds ?? 3) * 100)
    const sell = async (count: number) => {
      const sale = await sellWith(count, { orders, servers, signal })
      print(
        `${count} of each: ${Math.round(sale.ordersPerSecond)} orders/s, ${sale.lost} lost, ${sale.doubled} doubled`,
      )
      return sale
    }
    const { one, two, three } = await interleave(
      { one: () => sell(1), two: () => sell(2), three: () => sell(3) },
      { repetitions, atMostSeconds: 110, signal },
    )
    const all = [...one, ...two, ...three]
    const rate = (sales: typeof one) => sales.map(({ ordersPerSecond }) => ordersPerSecond)
    return {
      goals: [
        atMost(0, {
          what: 'paid orders without a server',
          value: sum(all.map(({ lost }) => lost)),
          unit: 'orders',
        }),
        atMost(0, {
          what: 'second servers of an order',
          value: sum(all.map(({ doubled }) => doubled)),
          unit: 'servers',
        }),
      ],
      samples: {
        '1 replica (orders/s)': rate(one),
        '2 replicas (orders/s)': rate(two),
        '3 replicas (orders/s)': rate(three),
        '2 replicas / 1 (×)': [median(rate(two)) / median(rate(one))],
        '3 replicas / 1 (×)': [median(rate(three)) / median(rate(one))],
      },
    }
  },
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
