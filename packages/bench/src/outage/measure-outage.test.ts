import { expect, test } from 'vitest'
import { eventIdOf } from '../ingest/signed-requests.ts'
import { measureOutage, type Seen } from './measure-outage.ts'

// Broken from 1 s to 6 s of the time that is measured.
const passage = { name: 'frozen', beganAt: 0, brokeAt: 1_000, backAt: 6_000, endedAt: 14_000 }
const before = { number: 0, status: 200, sentAt: 500, answeredAt: 510 }
const waited = { number: 1, status: 200, sentAt: 900, answeredAt: 6_100 }
const refused = { number: 2, status: 503, sentAt: 3_000, answeredAt: 3_005 }
const after = { number: 3, status: 200, sentAt: 12_000, answeredAt: 12_020 }
const usual: Seen = {
  answers: [before, waited, refused, after],
  stored: new Set([0, 1, 3].map(eventIdOf)),
  passages: [passage],
  rss: { most: () => 120 },
}

test('requests that waited or were refused count as answered; latency counts again 5 s after the outage', () => {
  expect(measureOutage(usual).goals.map(({ value, met }) => [value, met])).toEqual([
    [0, true],
    [0, true],
    [0, true],
    [20, true],
  ])
  expect(measureOutage(usual).samples).toMatchObject({
    'slowest answer, ms': [5_200],
    'p99 before, ms': [10],
  })
})

test.each([
  ['a lost connection', { status: 0 }, 'not answered 200 or 503 within 10 s'],
  ['another error', { status: 500 }, 'not answered 200 or 503 within 10 s'],
  ['an answer after more than 10 s', { answeredAt: 13_001 }, 'not answered 200 or 503 within 10 s'],
  ['a 200 without a row', { status: 200 }, 'answered 200 and not stored'],
])('%s is counted', (_, change, what) => {
  const { goals } = measureOutage({ ...usual, answers: [before, waited, { ...refused, ...change }, after] })
  expect(goals.filter(({ met }) => !met)).toMatchObject([{ what, value: 1 }])
})

test('memory growth is measured against the time before the outage', () => {
  const { goals } = measureOutage({ ...usual, rss: { most: (from) => (from < 1_000 ? 120 : 171) } })
  expect(goals.filter(({ met }) => !met)).toMatchObject([
    { what: 'memory grown, database frozen', value: 51 },
  ])
})
