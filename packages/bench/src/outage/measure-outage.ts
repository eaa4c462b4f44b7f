import { atMost, type Measured } from '../bench/benchmark.ts'
import { percentile } from '../bench/samples.ts'
import type { Answer, Load } from '../ingest/load.ts'
import { eventIdOf } from '../ingest/signed-requests.ts'
import type { RssWatch } from './watch-rss.ts'

/** One outage, in moments of performance.now(). */
export type Passage = { name: string; beganAt: number; brokeAt: number; backAt: number; endedAt: number }

export type Seen = {
  answers: Load['answers']
  stored: Set<string>
  passages: Passage[]
  rss: Pick<RssWatch, 'most'>
}

/** How long after the database is back everything has to be as before. */
export const recoveryMs = 5_000
const patienceMs = 10_000

export function measureOutage({ answers, stored, passages, rss }: Seen): Measured {
  const taken = answers.filter(({ status }) => status === 200)
  const unfit = answers.filter((answer) => ![200, 503].includes(answer.status) || tookMs(answer) > patienceMs)
  const missing = taken.filter(({ number }) => !stored.has(eventIdOf(number)))
  const growthMb = ({ beganAt, brokeAt, endedAt }: Passage) =>
    rss.most(brokeAt, endedAt) - rss.most(beganAt, brokeAt)
  const p99 = (from: number, to: number) =>
    percentile(answers.filter(({ sentAt, answeredAt }) => sentAt >= from && answeredAt <= to).map(tookMs), 99)

  return {
    goals: [
      atMost(0, { what: 'not answered 200 or 503 within 10 s', value: unfit.length, unit: 'events' }),
      atMost(0, { what: 'answered 200 and not stored', value: missing.length, unit: 'events' }),
      ...passages.flatMap((passage) => [
        atMost(50, { what: `memory grown, database ${passage.name}`, value: growthMb(passage), unit: 'MB' }),
        atMost(60, {
          what: `p99 5 s after it is back, database ${passage.name}`,
          value: p99(passage.backAt + recoveryMs, passage.endedAt),
          unit: 'ms',
        }),
      ]),
    ],
    samples: {
      'answered 200, events': [taken.length],
      'answered 503, events': [answers.filter(({ status }) => status === 503).length],
      'slowest answer, ms': [answers.reduce((slowest, answer) => Math.max(slowest, tookMs(answer)), 0)],
      'p99 before, ms': passages.map(({ beganAt, brokeAt }) => p99(beganAt, brokeAt)),
      'memory before, MB': passages.map(({ beganAt, brokeAt }) => rss.most(beganAt, brokeAt)),
    },
  }
}

function tookMs({ sentAt, answeredAt }: Answer): number {
  return answeredAt - sentAt
}
