import { setTimeout as delay } from 'node:timers/promises'
import { owning } from '@spawnpoint/stack'
import { atLeast, atMost, type Benchmark } from '../bench/benchmark.ts'
import { median, percentile } from '../bench/samples.ts'
import type { SalePath } from '../sale-path/open-sale-path.ts'
import { openBuyers, type Purchase } from './buyers.ts'
import { describe, openLaunch, sell } from './launch.ts'

const callsAMinute = 240
const askedForPosition = 25

/** More than the panel can create: 300 buyers within a minute, who need more than three minutes of its calls. */
export const crowd: Benchmark = {
  name: 'crowd',
  compares:
    '300 buyers in 60 s, of which a panel creates some 85 a minute / who comes first, and what they are told',
  async run({ servers, print, signal }) {
    await using started = owning()
    const salePath = await openLaunch(servers, started, { nodes: 6, portsEach: 60 })
    const buyers = await openBuyers(salePath, { started, signal })
    const asking = askInTheMiddle(salePath, buyers, signal)
    const sold = await sell(salePath, buyers, { buyers: 300, inSeconds: 60, patienceMs: 300_000 })
    print(describe('a crowd', sold))
    const asked = await asking
    const errors = asked.map(({ orderId, at, expectedAt }) => {
      const created = buyers.createdAt(orderId)
      return Math.abs(expectedAt - created) / (created - at)
    })
    const busyMinutes = (buyers.lastCreatedAt() - Math.min(...sold.paid.map(({ paidAt }) => paidAt))) / 60_000
    const total = Object.values(sold.calls).reduce((sum, count) => sum + count, 0)
    return {
      goals: [
        atLeast(300, { what: 'orders accepted', value: sold.purchases.filter(accepted).length, unit: '' }),
        atLeast(300, { what: 'provisioned', value: sold.waits.length, unit: '' }),
        atMost(0, { what: 'answered 429', value: sold.throttled, unit: '' }),
        atLeast(0.95, {
          what: "of the panel's calls used",
          value: total / (callsAMinute * busyMinutes),
          unit: '',
        }),
        atMost(0.2, { what: 'estimate off by, p50', value: median(errors), unit: '' }),
        atMost(10, {
          what: 'created before one who paid earlier, by most',
          value: overtaken(sold.paid, buyers),
          unit: 'places',
        }),
      ],
      samples: {
        'estimate off by': errors,
        'paid → provisioned (s)': sold.waits,
        'p90 (s)': [percentile(sold.waits, 90)],
      },
    }
  },
}

const accepted = ({ status }: Purchase) => status === 201

type Asked = { orderId: string; at: number; expectedAt: number; position: number }

/** What those who are queued are told once all have ordered. */
async function askInTheMiddle(
  { stack }: SalePath,
  buyers: Awaited<ReturnType<typeof openBuyers>>,
  signal: AbortSignal,
): Promise<Asked[]> {
  await delay(65_000, undefined, { signal })
  const queued = buyers.waiting().slice(0, 8 * askedForPosition)
  const asked = queued.filter((_, index) => index % 8 === 7)
  const answers = await Promise.all(
    asked.map(async (orderId) => {
      const response = await fetch(`${stack.services.order.url}/orders/${orderId}`, {
        headers: { authorization: `Bearer ${stack.apiKey}` },
      })
      const at = Date.now()
      const { queue } = (await response.json()) as {
        queue?: { position: number; expected_at: string | null } | null
      }
      return queue?.expected_at
        ? [{ orderId, at, expectedAt: Date.parse(queue.expected_at), position: queue.position }]
        : []
    }),
  )
  return answers.flat()
}

/** By how many places at most a server was created before that of somebody who had paid earlier. */
function overtaken(paid: Purchase[], { createdAt }: { createdAt(orderId: string): number }): number {
  const byPayment = paid.toSorted((a, b) => a.paidAt - b.paidAt).map(({ orderId }) => orderId ?? '')
  const byCreation = byPayment.toSorted((a, b) => createdAt(a) - createdAt(b))
  return Math.max(...byPayment.map((id, place) => place - byCreation.indexOf(id)))
}
