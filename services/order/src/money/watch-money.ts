import { type Loop, startLoop } from '@spawnpoint/messaging'
import { readCatalogue } from '../catalogue.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { GatewayContext } from '../subscriptions/ask-gateway.ts'
import { dueOrders, postpone } from './due-orders.ts'
import { lookAgain } from './look-again.ts'

type Context = GatewayContext & { prisma: PrismaClient; timeScale: number; wake: () => void }

const atOnce = 50
const lookEveryMs = 15_000
const askAgainMs = 60_000

/** Does what is due with orders by their own clock: warns, suspends, ends. Any number of replicas do each step once. */
export function watchMoney(context: Context) {
  const { prisma, timeScale, wake, log } = context
  let silentSince: Date | null = null

  async function tick(): Promise<number> {
    const now = new Date()
    const due = await dueOrders(prisma, now, atOnce)
    if (due.length === 0) return 0
    const catalogue = await readCatalogue(prisma)
    let mayAsk = true
    let done = 0
    // One who does not answer is not asked again for each order.
    const asked = (isAnswered: boolean) => {
      mayAsk = isAnswered
      silentSince = isAnswered ? null : (silentSince ?? now)
    }
    for (const order of due) {
      const said = await lookAgain(context, order, { catalogue, now, mayAsk, asked }).catch((error) => {
        log.error({ err: error, orderId: order.id }, 'What is due for an order could not be done')
        return 'failed'
      })
      if (said === null || said === 'failed') {
        const until = new Date(now.getTime() + Math.max(1_000, askAgainMs * timeScale))
        await postpone(prisma, order, { now, until })
      } else done += 1
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
      silentSince &&
      `Since ${silentSince.toISOString()} nobody says how subscriptions stand: nothing is done for want of money`,
  }
}
