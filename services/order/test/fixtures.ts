import type { Payment, ServerState, Subscription } from '@spawnpoint/contracts'
import type { Plan } from '../src/rules/order/catalogue.ts'
import type { Rules } from '../src/rules/order/decision.ts'
import { type Order, placedOrder } from '../src/rules/order/order.ts'
import { defaultPolicy, type Policy } from '../src/rules/order/policy.ts'

/** An order of 9.99 EUR that waits for its money. */
export function order(changes: Partial<Order> = {}): Order {
  const request = {
    plan: 'small',
    region: 'eu',
    customer: { id: null, email: 'a@example.com', name: 'A' },
    server_name: 'Home',
    environment: {},
  }
  return { ...placedOrder('o-1', request, { amount: 999, currency: 'eur' }), ...changes }
}

/** 9.99 EUR that came in for nobody's order. */
export function payment(changes: Partial<Payment> = {}): Payment {
  return {
    payment_id: 'cs_1',
    version: 1,
    status: 'succeeded',
    kind: 'first',
    livemode: false,
    order_id: null,
    paid: { amount: 999, currency: 'eur' },
    discount: 0,
    tax: 0,
    shipping: 0,
    nothing_owed: false,
    payment_intent_id: null,
    subscription_id: null,
    stripe_customer_id: null,
    customer_email: 'a@example.com',
    customer_name: 'A',
    plan: null,
    region: null,
    server_name: null,
    failure: null,
    ...changes,
  }
}

/** The server of order `o-1`, installed. */
export function server(changes: Partial<ServerState> = {}): ServerState {
  return {
    order_id: 'o-1',
    version: 2,
    order_version: 2,
    status: 'provisioned',
    ptero_server_id: 7,
    ptero_identifier: 'abcd1234',
    address: '203.0.113.1:25565',
    node_id: 1,
    error_class: null,
    error_message: null,
    ...changes,
  }
}

/** The subscription that pays for order `o-1` by the month. */
export function subscription(changes: Partial<Subscription> = {}): Subscription {
  return {
    subscription_id: 'sub_1',
    version: 1,
    status: 'active',
    livemode: false,
    order_id: 'o-1',
    stripe_customer_id: 'cus_1',
    plan: 'small',
    price: { amount: 999, currency: 'eur' },
    interval: 'month',
    current_period_end: null,
    paid_until: null,
    cancel_at: null,
    ended_at: null,
    uncollectible: false,
    note: null,
    ...changes,
  }
}

/** Plans by name and price, for sale in these regions. */
export function selling(
  prices: Record<string, number>,
  {
    regions = ['eu'],
    policy = {},
    now = new Date('2026-11-23T12:00:00Z'),
  }: { regions?: string[]; policy?: Partial<Policy>; now?: Date } = {},
): Rules {
  const plan = (id: string, amount: number): Plan => ({
    ...{ id, name: id, price: { amount, currency: 'eur' }, interval: null, limits: {} },
    policy: { ...defaultPolicy, ...policy },
  })
  const plans = Object.entries(prices).map(([id, amount]) => [id, plan(id, amount)] as const)
  return { catalogue: { plans: new Map(plans), regions: new Set(regions) }, now }
}
