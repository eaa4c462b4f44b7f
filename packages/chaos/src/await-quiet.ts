import { setTimeout as delay } from 'node:timers/promises'
import type { Receipt } from './buyer.ts'
import { type Books, type Finding, judge, unsettled } from './ledger.ts'
import type { OrderSeen } from './shop.ts'

export type Quiet = { findings: Finding[]; books: Books }

/**
 * Waits until every order has come to its end, the books balance and nothing has moved outside for `stillMs`: a second server
 * would come late. Gives up after `patienceMs` with what is wrong then.
 */
export async function awaitQuiet({
  receipts,
  readOrders,
  readOutside,
  movement,
  stillMs,
  patienceMs,
  say,
}: {
  receipts: readonly Receipt[]
  /** Null while the order API does not answer. */
  readOrders: () => Promise<OrderSeen[] | null>
  /** Dear with thousands of servers, and the simulated panel stands still meanwhile: read only when the orders are settled. */
  readOutside: () => Promise<Pick<Books, 'servers' | 'subscriptions'>>
  /** Grows whenever somebody changes something on the panel or receives a call from Stripe. */
  movement: () => number
  stillMs: number
  patienceMs: number
  say: (line: string) => void
}): Promise<Quiet> {
  const deadline = performance.now() + patienceMs
  let said = ''
  let moved = movement()
  let stillSince = performance.now()
  for (;;) {
    const begun = performance.now()
    const orders = await readOrders()
    const open = orders && unsettled(receipts, orders)
    const now = performance.now()
    if (movement() !== moved || open !== 0) {
      moved = movement()
      stillSince = now
    }
    if (orders && (now - stillSince >= stillMs || now >= deadline)) {
      const books = { receipts, orders, ...(await readOutside()) }
      const findings = judge(books)
      if (findings.length === 0 || performance.now() >= deadline) return { findings, books }
      stillSince = performance.now()
    }
    if (orders === null && now >= deadline)
      throw new Error('The order API does not answer: nothing can be counted')
    const state = open === null ? 'The order API does not answer' : `${open} orders are not settled`
    if (state !== said) say(state)
    said = state
    // Whoever looks must not be the load.
    await delay(Math.max(500, 3 * (performance.now() - begun)))
  }
}
