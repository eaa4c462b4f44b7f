import { expect, test } from 'vitest'
import { hopSeries, type Passage, totalMs } from './hops.ts'

test('the parts of the way are as long as the whole of it, and the answer to the webhook is one of no part', () => {
  const passage = passageOf({ answered: 4, received: [10, 14, 30, 32] })
  const { 'webhook sent → 200 p50 (ms)': answer, ...parts } = hopSeries([[passage]])
  expect(answer).toEqual([4])
  expect(Object.values(parts)).toEqual([[10], [4], [16], [2], [1]])
  expect(totalMs(passage)).toBe(33)
})

test('each sample has the median of its own passages', () => {
  const of = (paidAfter: number) => passageOf({ answered: 1, received: [paidAfter, 50, 60, 70] })
  const series = hopSeries([[of(2), of(9), of(3)], [of(20)]])
  expect(series['webhook sent → payment.succeeded p50 (ms)']).toEqual([3, 20])
})

function passageOf({
  answered,
  received,
}: {
  answered: number
  received: [number, number, number, number]
}): Passage {
  const sentAt = 1_000
  const types = ['payment.succeeded', 'order.paid', 'server.provisioning', 'server.provisioned'] as const
  return {
    sentAt,
    answeredAt: sentAt + answered,
    received: new Map(
      types.map((type, index) => {
        const storedAt = sentAt + (received[index] ?? 0)
        return [type, { storedAt, handedAt: storedAt + 1 }]
      }),
    ),
  }
}
