import { type ServiceName, serviceNames } from '@spawnpoint/stack'
import { atMost, type Goal } from '../bench/benchmark.ts'
import { median } from '../bench/samples.ts'

type Stages = {
  idle: Record<ServiceName, number>
  underLoad: Record<ServiceName, number[]>
  after: Record<ServiceName, number>
  webhooks: number
}

const mostMb = 150
/** What a garbage collector may be off by. A kilobyte kept of each event would be 33 MB. */
const flatMb = 5

export function goalsOf({ idle, underLoad, after, webhooks }: Stages): Goal[] {
  return serviceNames.flatMap((name) => [
    atMost(mostMb, { what: `${name}, idle`, value: idle[name], unit: 'MB' }),
    atMost(mostMb, { what: `${name}, at most under load`, value: Math.max(...underLoad[name]), unit: 'MB' }),
    atMost(mostMb, { what: `${name}, after ${webhooks} webhooks`, value: after[name], unit: 'MB' }),
    atMost(flatMb, {
      what: `${name}, growth in the last third`,
      value: growthInLastThird(underLoad[name]),
      unit: 'MB',
    }),
  ])
}

/** From what it was about during the second third to what it was about during the last. */
export function growthInLastThird(values: readonly number[]): number {
  const third = Math.floor(values.length / 3)
  return median(values.slice(-third)) - median(values.slice(third, -third))
}
