import type { Receipt } from './buyer.ts'
import { plans } from './catalogue.ts'
import { groupBy } from './group-by.ts'
import { judgeSubscription, type SubscriptionSeen } from './judge-subscription.ts'
import type { ServerSeen, Verdict } from './seen.ts'
import type { OrderSeen } from './shop.ts'

export type Books = {
  receipts: readonly Receipt[]
  orders: readonly OrderSeen[]
  servers: readonly ServerSeen[]
  /** What Stripe's own objects say of each subscription, by its id. */
  subscriptions: ReadonlyMap<string, SubscriptionSeen>
}

export type Finding = { verdict: Verdict; server_name: string; why: string; order_id: string | null }

/** Holds what was paid against what the panel has and what the order API says: nothing from inside the services. */
export function judge({ receipts, orders, servers, subscriptions }: Books): Finding[] {
  const ordersOf = groupBy(orders, ({ server_name }) => server_name)
  const serversOf = groupBy(servers, ({ name }) => name)
  const known = new Set(receipts.map(({ order }) => order.serverName))
  return [
    ...receipts.flatMap((receipt) => {
      const name = receipt.order.serverName
      const seen = seenOf(receipt, subscriptions)
      return judgeOne(receipt, ordersOf.get(name) ?? [], serversOf.get(name) ?? [], seen)
    }),
    ...servers
      .filter(({ name }) => !known.has(name))
      .map(({ name, id }) => finding('orphaned', name, `Server ${id} belongs to nothing that was ordered`)),
    ...orders
      .filter(({ server_name }) => !known.has(server_name))
      .map(({ server_name, id }) => finding('wrong', server_name, 'An order that nobody placed', id)),
  ]
}

/** How many buyers still wait for what their order should become, as far as the order API can tell. */
export function unsettled(receipts: readonly Receipt[], orders: readonly OrderSeen[]): number {
  const byName = new Map(orders.map((order) => [order.server_name, order]))
  return receipts.filter((receipt) => {
    const order = byName.get(receipt.order.serverName)
    if (receipt.subscriptionId !== null) return !settledStates.includes(order?.status ?? '')
    if (entitled(receipt)) return order?.status !== 'provisioned'
    return order !== undefined && describeShortly(order) !== endOfUnpaid(receipt)
  }).length
}

// The server of a subscription may rightly be any of these; which one, its money says.
const settledStates = ['provisioned', 'suspended', 'terminated']

/** Subscriptions that are legitimately in between: nobody can say yet whether their servers are to run. */
export function undecided({ receipts, subscriptions }: Pick<Books, 'receipts' | 'subscriptions'>): string[] {
  return receipts.flatMap((receipt) => {
    const seen = seenOf(receipt, subscriptions)
    return seen?.claim === 'undecided' ? [`${receipt.order.serverName}: ${seen.why}`] : []
  })
}

function seenOf({ subscriptionId }: Receipt, subscriptions: Books['subscriptions']): SubscriptionSeen | null {
  return subscriptionId === null ? null : (subscriptions.get(subscriptionId) ?? null)
}

function judgeOne(
  receipt: Receipt,
  orders: OrderSeen[],
  servers: ServerSeen[],
  seen: SubscriptionSeen | null,
): Finding[] {
  const name = receipt.order.serverName
  const [order] = orders
  const say = (verdict: Verdict, why: string) => [finding(verdict, name, why, order?.id ?? receipt.orderId)]
  if (orders.length > 1) return say('wrong', `${orders.length} orders for one purchase`)
  if (seen)
    return judgeSubscription({ receipt, order, servers, seen }).flatMap(({ verdict, why }) =>
      say(verdict, why),
    )
  if (!entitled(receipt)) return judgeUnpaid(receipt, order, servers, say)

  const stands = order ? `the order is ${describe(order)}` : 'there is no such order'
  const [server] = servers
  if (!server) return say(isOwed(order) ? 'stuck' : 'lost', `Paid, no server; ${stands}`)
  if (servers.length > 1)
    return say('doubled', `Servers ${servers.map(({ id }) => id).join(' and ')}; ${stands}`)
  if (order?.status !== 'provisioned') {
    const verdict = server.status === null ? 'wrong' : 'stuck'
    return say(verdict, `Paid, server ${server.id} is ${server.status ?? 'installed'}; ${stands}`)
  }
  return differences(receipt, order, server).flatMap((why) => say('wrong', why))
}

function isOwed(order: OrderSeen | undefined): boolean {
  return order?.billing_status === 'paid' && ['paid', 'provisioning', 'error'].includes(order.status)
}

/** The right amount is in. A payment of another amount is held until a person looks. */
function entitled({ paid, order }: Receipt): boolean {
  const { amount, currency } = plans[order.plan]
  return paid !== null && paid.amount === amount && paid.currency === currency
}

function judgeUnpaid(
  receipt: Receipt,
  order: OrderSeen | undefined,
  servers: ServerSeen[],
  say: (verdict: Verdict, why: string) => Finding[],
): Finding[] {
  const { paid, orderId } = receipt
  const { from, ending } = receipt.order
  if (servers.length > 0) return say('orphaned', `Server ${servers[0]?.id} was not paid for`)
  if (!order)
    return orderId === null && paid === null ? [] : say('wrong', `No order, although ${from} knows one`)
  const expected = endOfUnpaid(receipt)
  return describeShortly(order) === expected
    ? []
    : say('wrong', `Ended with ${ending}: ${expected} is right, the order is ${describe(order)}`)
}

function endOfUnpaid({ paid, expired, order: { ending } }: Receipt): string {
  if (paid) return 'error/paid'
  return expired || ending === 'bank-refuses' ? 'cancelled/unpaid' : 'pending/unpaid'
}

function differences({ order: { plan, email } }: Receipt, order: OrderSeen, server: ServerSeen): string[] {
  const { amount, currency, memoryMb } = plans[plan]
  const compared: [what: string, said: unknown, is: unknown][] = [
    ['ptero_server_id', order.ptero_server_id, server.id],
    ['ptero_identifier', order.ptero_identifier, server.identifier],
    ['billing_status', order.billing_status, 'paid'],
    ['amount', `${order.amount} ${order.currency}`, `${amount} ${currency}`],
    ['error_message', order.error_message, null],
    ['external_id', order.id, server.external_id],
    ['status on the panel', null, server.status],
    ['owner', email, server.owner],
    ['memory', memoryMb, server.memory],
  ]
  return compared.flatMap(([what, said, is]) =>
    said === is ? [] : [`${what}: ${String(said)} where it is ${String(is)}`],
  )
}

function describe(order: OrderSeen): string {
  return `${describeShortly(order)}${order.error_message ? ` (${order.error_message})` : ''}`
}

function describeShortly({ status, billing_status }: OrderSeen): string {
  return `${status}/${billing_status}`
}

function finding(
  verdict: Verdict,
  server_name: string,
  why: string,
  order_id: string | null = null,
): Finding {
  return { verdict, server_name, why, order_id }
}
