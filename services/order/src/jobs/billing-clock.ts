import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import type { GatewayContext } from '../peers/gateway.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { dueOrders, postpone } from '../store/due-orders.ts'
import { recheckOrder } from './recheck-order.ts'

type Context = GatewayContext & { prisma: PrismaClient; timeScale: number; wake: () => void }

const atOnce = 50
const lookEveryMs = 15_000
const askAgainMs = 60_000

/** Does what is due with orders by their own clock: warns, suspends, ends. Any number of replicas do each step once. */
export function startBillingClock(context: Context) {
  const { prisma, timeScale, wake, log } = context
  let unansweredSince: Date | null = null
  const refused = new Set<string>()

  async function tick(): Promise<number> {
    const now = new Date()
    const due = await dueOrders(prisma, now, atOnce)
    if (due.length === 0) return 0
    const catalogue = await readCatalogue(prisma)
    let mayAsk = true
    let done = 0
    const asked: Parameters<typeof recheckOrder>[2]['asked'] = ({ id }, became) => {
      // One who does not answer is not asked again for each order.
      mayAsk = became !== 'unanswered'
      unansweredSince = mayAsk ? null : (unansweredSince ?? now)
      if (became === 'refused') refused.add(id)
      else refused.delete(id)
    }
    for (const order of due) {
      const said = await recheckOrder(context, order, { catalogue, now, mayAsk, asked }).catch((error) => {
        log.error({ err: error, orderId: order.id }, 'What is due for an order could not be done')
        return 'failed'
      })
      if (said === null || said === 'failed') {
        const until = new Date(now.getTime() + Math.max(1_000, askAgainMs * timeScale))
        await postpone(prisma, order, { now, until })
      } else {
        refused.delete(order.id)
        done += 1
      }
    }
    if (done > 0) wake()
    return done
  }

  const loop: Loop = startLoop({
    tick,
    idleMs: Math.max(250, lookEveryMs * timeScale),
    onError: (error) => log.warn({ err: error }, 'What is due could not be looked at; trying again'),
  })

  return {
    tick,
    stop: loop.stop,
    /** Why orders wait that would be suspended or ended. */
    trouble: () =>
      unansweredSince === null
        ? troubleOf([...refused])
        : `Since ${unansweredSince.toISOString()} nobody says how subscriptions stand: nothing is done for want of money`,
  }
}

function troubleOf([first, ...others]: string[]): string | null {
  return first === undefined
    ? null
    : `Stripe does not show the subscriptions of ${others.length + 1} orders, such as ${first}: nothing is done for want of their money`
}
