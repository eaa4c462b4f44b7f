import { owning } from '@spawnpoint/stack'
import { atLeast, type Benchmark } from '../bench/benchmark.ts'
import { interleave } from '../bench/interleave.ts'
import { median, ratios } from '../bench/samples.ts'
import { registerCatalogue } from '../sale-path/catalogue.ts'
import { openSalePath } from '../sale-path/open-sale-path.ts'
import { processorSeries } from '../sale-path/processor-time.ts'
import { createSampler } from './take-sample.ts'

const repetitions = 3

/**
 * Payments that already lie in the journal go through the gateway, the order service and the provisioner's consumer, all of
 * them real processes. Both sides are the same build and the same sale path; they differ in MAX_BATCH alone, which says how many
 * events the translator, the relays and the consumers take at once. Creating servers is left out: the panel takes every call
 * and answers none, so that the provisioner holds eight servers in hand and consumes the rest. The time begins when the payments
 * become due in running, warm services and ends when the provisioner has committed and acknowledged the last `order.paid`.
 */
export const pipeline: Benchmark = {
  name: 'pipeline',
  compares: 'payments in the journal → `order.paid` handled by the provisioner: batched / lists of one',
  async run({ seconds, servers, print, signal }) {
    await using started = owning()
    const salePath = await openSalePath(servers, started, { panel: {} })
    await registerCatalogue(salePath.stack, [1])
    salePath.panel.addFault({ do: { kind: 'hang' } })
    started.own({
      [Symbol.asyncDispose]: async () => void (await salePath.stack.services.provisioner.kill()),
    })
    const takeSample = await createSampler(salePath, { print, signal })
    const sampleS = seconds ?? 3
    const { batched, single } = await interleave(
      {
        batched: () => takeSample({ maxBatch: 256, orders: Math.ceil(sampleS * 1_500), warmUp: 3_000 }),
        single: () => takeSample({ maxBatch: 1, orders: Math.ceil(sampleS * 120), warmUp: 100 }),
      },
      { repetitions, atMostSeconds: 100, signal },
    )
    const rates = batched.map(({ ordersPerSecond }) => ordersPerSecond)
    const singleRates = single.map(({ ordersPerSecond }) => ordersPerSecond)
    return {
      goals: [
        atLeast(5, {
          what: 'batched / lists of one',
          value: median(ratios(rates, singleRates)),
          unit: '×',
        }),
        atLeast(1_500, { what: 'batched', value: median(rates), unit: 'orders/s' }),
      ],
      samples: {
        'batched (orders/s)': rates,
        'lists of one (orders/s)': singleRates,
        ...processorSeries(
          'batched',
          batched.map(({ processor }) => processor),
        ),
        ...processorSeries(
          'lists of one',
          single.map(({ processor }) => processor),
        ),
      },
    }
  },
}
