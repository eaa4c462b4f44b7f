import { owning, type ServiceName, serviceNames } from '@spawnpoint/stack'
import { atMost, type Benchmark } from './bench/benchmark.ts'
import { interleave } from './bench/interleave.ts'
import { openStack } from './bench/open-stack.ts'
import { median } from './bench/samples.ts'
import { leaveOnly } from './testbed/leave-only.ts'

/** From spawning node to the first 200 of /readyz, on schemas that are up to date, one service at a time and nothing beside it. */
export const startup: Benchmark = {
  name: 'startup',
  compares: 'start of a process → ready, each service',
  async run({ servers, signal }) {
    await using started = owning()
    const { stack } = await openStack(servers, started)
    await leaveOnly([], stack)
    const startOf = (name: ServiceName) => async () => {
      const service = stack.services[name]
      await service.start()
      await service.stop()
      return service.readyMs()
    }
    const samples = await interleave(
      {
        'billing-gateway': startOf('billing-gateway'),
        order: startOf('order'),
        provisioner: startOf('provisioner'),
      },
      { repetitions: 5, atMostSeconds: 30, signal },
    )
    return {
      goals: serviceNames.map((name) =>
        atMost(1.5, { what: name, value: median(samples[name]) / 1_000, unit: 's' }),
      ),
      samples: Object.fromEntries(serviceNames.map((name) => [`${name} ms`, samples[name]])),
    }
  },
}
