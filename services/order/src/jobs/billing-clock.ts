import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import type { GatewayContext } from '../peers/gateway.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { dueOrders, postpone } from '../store/due-orders.ts'
import { recheckOrder } from './recheck-order.ts'

type Context = GatewayContext & { prisma: PrismaClient; timeScale: number; wake: () => void }

const atOnce = 50
const checkEveryMs = 15_000
const retryMs = 60_000

/** Warns, suspends and ends orders when that is due. However many replicas run, each step is done once. */
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
      // A gateway that does not answer is not asked again for each order.
      mayAsk = became !== 'unanswered'
      unansweredSince = mayAsk ? null : (unansweredSince ?? now)
      if (became === 'refused') refused.add(id)
      else refused.delete(id)
    }
    for (const order of due) {
      const event = await recheckOrder(context, order, { catalogue, now, mayAsk, asked }).catch((error) => {
        log.error({ err: error, orderId: order.id }, 'Scheduled billing check failed')
        return 'failed'
      })
      if (event === null || event === 'failed') {
        const until = new Date(now.getTime() + Math.max(1_000, retryMs * timeScale))
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
    idleMs: Math.max(250, checkEveryMs * timeScale),
    onError: (error) => log.warn({ err: error }, 'Due orders could not be read; retrying'),
  })

  return {
    tick,
    stop: loop.stop,
    /** Why due suspensions and ends wait. */
    trouble: () =>
      unansweredSince === null
        ? troubleOf([...refused])
        : `The billing gateway has not answered since ${unansweredSince.toISOString()}: no order is suspended or ended for non-payment`,
  }
}

function troubleOf([first, ...others]: string[]): string | null {
  return first === undefined
    ? null
    : `Stripe does not show the subscriptions of ${others.length + 1} orders, such as ${first}: none of them is suspended or ended for non-payment`
}
