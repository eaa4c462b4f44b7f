import type { BillingFinding, Payment, Subscription } from '@spawnpoint/contracts'
import { orderIdsOf } from '../consumers/order-ids.ts'
import { evaluateBilling } from '../rules/billing/evaluate-billing.ts'
import { policyOf } from '../rules/decisions/reevaluate-order.ts'
import type { KnownOrder } from '../rules/discrepancies/find-discrepancies.ts'
import type { Rules } from '../rules/order/decision.ts'
import { type Order, orderState } from '../rules/order/order.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { changedWithin, ordersBilledBy, readOrderIdsAfter, readOrders } from '../store/orders.ts'
import type { Tx } from '../store/tx.ts'

/** The order of each payment or subscription, or null if there is none. Orders that changed just now are left out: the other side may report an older state. */
export async function ordersOf<Thing extends Payment | Subscription>(
  db: Tx,
  things: Thing[],
  quietMs: number,
): Promise<{ thing: Thing; orderId: string; order: KnownOrder | null }[]> {
  const subscriptions = things.flatMap(({ order_id, ...thing }) =>
    order_id === null ? (thing.subscription_id ?? []) : [],
  )
  const billedBy = await ordersBilledBy(db, [...new Set(subscriptions)])
  const named = things.map((thing) => ({ thing, ids: orderIdsOf({ data: thing }, billedBy) }))
  const known = await readKnown(db, named.flatMap(({ ids }) => ids).filter(isOfOurKind), quietMs)
  return named.flatMap(({ thing, ids }) => {
    const orderId = ids.find((id) => known.has(id)) ?? ids[0] ?? ''
    const order = known.get(orderId) ?? null
    return order === 'busy' ? [] : [{ thing, orderId, order }]
  })
}

/** In the order they began, a page at a time; `next` is the `after` of the page that follows. Those that changed since, or all. */
export async function readOrdersAfter(
  db: Tx,
  after: bigint,
  { quietMs, since }: { quietMs: number; since: Date | null },
): Promise<{ orders: KnownOrder[]; next: bigint | null }> {
  const { ids, next } = await readOrderIdsAfter(db, after, since)
  const known = await readKnown(db, ids, quietMs)
  const orders = [...known.values()].flatMap((order) => (order === 'busy' ? [] : [order]))
  return { orders, next }
}

async function readKnown(db: Tx, ids: string[], quietMs: number): Promise<Map<string, KnownOrder | 'busy'>> {
  if (ids.length === 0) return new Map()
  const orders = await readOrders(db, ids)
  const busy = await changedWithin(db, ids, quietMs)
  const rules = { catalogue: await readCatalogue(db), now: new Date() }
  const known = new Map<string, KnownOrder | 'busy'>()
  for (const [id, order] of orders)
    known.set(id, {
      ...orderState(order),
      server_version: order.server_version,
      findings: findingsOf(order, rules),
    })
  for (const id of busy) known.set(id, 'busy')
  return known
}

// With today's catalogue: a Price may have been listed since the order was evaluated.
function findingsOf(order: Order, { catalogue, now }: Rules): BillingFinding[] {
  const policy = policyOf({ catalogue, now }, order.plan)
  return evaluateBilling(order, { policy, now, catalogue }).order.money.findings ?? []
}

// Anything may stand in the metadata of a seller's own checkout, and an ascii column compares with ascii alone.
function isOfOurKind(id: string): boolean {
  return /^[\x21-\x7e]{1,36}$/.test(id)
}
