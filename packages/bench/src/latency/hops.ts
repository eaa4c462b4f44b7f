import type { EventType } from '@spawnpoint/contracts'
import type { Samples } from '../bench/benchmark.ts'
import { median } from '../bench/samples.ts'

/** One order on its way. All times in ms since 1970. */
export type Passage = {
  sentAt: number
  answeredAt: number
  received: Map<EventType, { storedAt: number; handedAt: number }>
}

export function totalMs(passage: Passage): number {
  return handed(passage) - sent(passage)
}

/** The median of each part of the way, for each sample. The webhook's answer lies inside the first part. */
export function hopSeries(samples: Passage[][]): Samples {
  return Object.fromEntries(
    parts.map(([name, from, to]) => [
      `${name} p50 (ms)`,
      samples.map((passages) => median(passages.map((passage) => to(passage) - from(passage)))),
    ]),
  )
}

type Moment = (passage: Passage) => number

const sent: Moment = ({ sentAt }) => sentAt
const answered: Moment = ({ answeredAt }) => answeredAt
const handed: Moment = ({ received }) => received.get('server.provisioned')?.handedAt ?? Number.NaN

const parts: [name: string, from: Moment, to: Moment][] = [
  ['webhook sent → 200', sent, answered],
  ['webhook sent → payment.succeeded', sent, stored('payment.succeeded')],
  ['payment.succeeded → order.paid', stored('payment.succeeded'), stored('order.paid')],
  ['order.paid → server.provisioning', stored('order.paid'), stored('server.provisioning')],
  ['server.provisioning → server.provisioned', stored('server.provisioning'), stored('server.provisioned')],
  ['server.provisioned → handed to the bench', stored('server.provisioned'), handed],
]

function stored(type: EventType): Moment {
  return ({ received }) => received.get(type)?.storedAt ?? Number.NaN
}
