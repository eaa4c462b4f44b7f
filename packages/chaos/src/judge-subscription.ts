import type { Receipt } from './buyer.ts'
import { type MonthlyPlanId, plans } from './catalogue.ts'
import type { Entitlement } from './entitlement.ts'
import type { ServerSeen, Verdict } from './seen.ts'
import type { OrderSeen } from './shop.ts'

/** `harm`: what was seen of it between the steps of the clock. `price`: what its subscription costs now, in minor units. */
export type SubscriptionSeen = Entitlement & { price: number; harm: string | null }

type Judged = { verdict: Verdict; why: string }
type Case = {
  receipt: Receipt
  order: OrderSeen | undefined
  servers: readonly ServerSeen[]
  seen: SubscriptionSeen
}

/** Whether the server of a subscription is as its money says. */
export function judgeSubscription(of: Case): Judged[] {
  const { order, servers, seen } = of
  const [server] = servers
  const say = (verdict: Verdict, why: string): Judged[] => [
    { verdict, why: `${why}; ${seen.why}; ${stands(order)}` },
  ]
  if (servers.length > 1) return say('doubled', `Servers ${servers.map(({ id }) => id).join(' and ')}`)
  if (seen.harm !== null) return say('harmed', seen.harm)
  if (seen.claim === 'undecided') return []
  if (seen.claim === 'not-entitled') return notEntitled(of, say)
  if (!server) {
    // It never had one, or it has none any more.
    const never = order?.ptero_server_id === null || order === undefined
    return never ? say(isOwed(order) ? 'stuck' : 'lost', 'Paid, no server') : say('harmed', 'Deleted')
  }
  if (server.status === 'suspended') return say('harmed', `Server ${server.id} is suspended`)
  if (server.status !== null) return say('stuck', `Server ${server.id} is ${server.status}`)
  if (order?.status !== 'provisioned') return say('wrong', `Server ${server.id} runs`)
  return differences(of, order, server).flatMap((why) => say('wrong', why))
}

function notEntitled(
  { order, servers: [server] }: Case,
  say: (verdict: Verdict, why: string) => Judged[],
): Judged[] {
  if (server && server.status !== 'suspended')
    return say('freeloading', `Server ${server.id} is ${server.status ?? 'running'}`)
  const expected = server ? 'suspended' : 'terminated'
  if (order?.status === expected || (!server && order?.ptero_server_id === null)) return []
  return say('wrong', `Server ${server ? `${server.id} is suspended` : 'is gone'}`)
}

function differences({ receipt, seen }: Case, order: OrderSeen, server: ServerSeen): string[] {
  const plan = planOf(seen.price)
  const compared: [what: string, said: unknown, is: unknown][] = [
    ['ptero_server_id', order.ptero_server_id, server.id],
    ['ptero_identifier', order.ptero_identifier, server.identifier],
    ['billing_status', order.billing_status, 'paid'],
    ['error_message', order.error_message, null],
    ['external_id', order.id, server.external_id],
    ['owner', receipt.order.email, server.owner],
    ['memory', plan && plans[plan].memoryMb, server.memory],
  ]
  return compared.flatMap(([what, said, is]) =>
    said === is ? [] : [`${what}: ${String(said)} where it is ${String(is)}`],
  )
}

function planOf(price: number): MonthlyPlanId | null {
  const ids = ['monthly', 'monthly-large'] as const
  return ids.find((id) => plans[id].amount === price) ?? null
}

function isOwed(order: OrderSeen | undefined): boolean {
  return order?.billing_status === 'paid' && ['paid', 'provisioning', 'error'].includes(order.status)
}

function stands(order: OrderSeen | undefined): string {
  if (!order) return 'there is no such order'
  const { status, billing_status, error_message } = order
  return `the order is ${status}/${billing_status}${error_message ? ` (${error_message})` : ''}`
}
