import { expect, test } from 'vitest'
import type { Receipt } from './buyer.ts'
import type { SubscriptionSeen } from './judge-subscription.ts'
import { type Books, judge, undecided, unsettled } from './ledger.ts'
import type { Ending, PlannedOrder } from './schedule-orders.ts'
import type { ServerSeen } from './seen.ts'
import type { OrderSeen } from './shop.ts'

test('a paid order with its server balances', () => {
  expect(judge(books())).toEqual([])
})

test('paid, no server, and nobody knows that one is owed: lost', () => {
  const lost = [
    [],
    [seen({ status: 'pending', billing_status: 'unpaid' })],
    [seen({ status: 'provisioned' })],
  ]
  for (const orders of lost) expect(verdictsOf(books({ servers: [], orders }))).toEqual(['lost'])
})

test('paid, and the order still waits for its server: stuck', () => {
  for (const status of ['paid', 'provisioning', 'error'])
    expect(verdictsOf(books({ servers: [], orders: [seen({ status })] }))).toEqual(['stuck'])
  const installing = [server({ status: 'installing' })]
  expect(verdictsOf(books({ servers: installing, orders: [seen({ status: 'provisioning' })] }))).toEqual([
    'stuck',
  ])
})

test('two servers for one payment: doubled, even when the second one carries no external id', () => {
  const second = server({ id: 8, external_id: null })
  expect(verdictsOf(books({ servers: [server(), second] }))).toEqual(['doubled'])
})

test('a server is there and its order does not say so: wrong', () => {
  for (const status of ['pending', 'paid', 'provisioning', 'error', 'cancelled'])
    expect(verdictsOf(books({ orders: [seen({ status })] }))).toEqual(['wrong'])
})

test('a server that nobody paid for: orphaned', () => {
  const unpaid = books({ receipts: [receipt({ ending: 'walks-away', paid: null })] })
  expect(verdictsOf(unpaid)).toEqual(['orphaned'])
  const unknown = server({ id: 9, name: 'from nowhere' })
  expect(verdictsOf(books({ servers: [server(), unknown] }))).toEqual(['orphaned'])
})

test('two orders for one purchase are wrong', () => {
  expect(verdictsOf(books({ orders: [seen(), seen({ id: 'order-2' })] }))).toEqual(['wrong'])
})

test.each<[string, Partial<OrderSeen>, Partial<ServerSeen>]>([
  ['another identifier', { ptero_identifier: 'other' }, {}],
  ['another server', { ptero_server_id: 99 }, {}],
  ['another price', { amount: 1 }, {}],
  ['an old error', { error_message: 'The panel was away' }, {}],
  ['no payment', { billing_status: 'unpaid' }, {}],
  ['a server of another order', {}, { external_id: 'order-2' }],
  ['a server that is still being installed', {}, { status: 'installing' }],
  ["somebody else's server", {}, { owner: 'somebody@example.com' }],
  ["another plan's server", {}, { memory: 1 }],
])('an order that shows %s is wrong', (_, order, panel) => {
  expect(verdictsOf(books({ orders: [seen(order)], servers: [server(panel)] }))).toEqual(['wrong'])
})

test.each<[Ending, Partial<Receipt>, Partial<OrderSeen>]>([
  ['walks-away', {}, { status: 'pending', billing_status: 'unpaid' }],
  ['expires', { expired: true }, { status: 'cancelled', billing_status: 'unpaid' }],
  ['bank-refuses', {}, { status: 'cancelled', billing_status: 'unpaid' }],
  ['wrong-amount', { paid: { amount: 499, currency: 'eur' } }, { status: 'error', billing_status: 'paid' }],
])('who %s gets no server, and the order says why', (ending, note, order) => {
  const receipts = [{ ...receipt({ ending, paid: null }), ...note }]
  expect(judge(books({ receipts, orders: [seen(order)], servers: [] }))).toEqual([])
  expect(verdictsOf(books({ receipts, orders: [seen({ status: 'provisioned' })], servers: [] }))).toEqual([
    'wrong',
  ])
  expect(verdictsOf(books({ receipts, orders: [], servers: [] }))).toEqual(['wrong'])
  expect(verdictsOf(books({ receipts, orders: [seen(order)] }))).toEqual(['orphaned'])
})

test('a buyer waits until the order has come to its end', () => {
  expect(unsettled([receipt()], [])).toBe(1)
  expect(unsettled([receipt()], [seen({ status: 'provisioning' })])).toBe(1)
  expect(unsettled([receipt()], [seen()])).toBe(0)
  const expired = [{ ...receipt({ ending: 'expires', paid: null }), expired: true }]
  expect(unsettled(expired, [seen({ status: 'pending', billing_status: 'unpaid' })])).toBe(1)
  expect(unsettled(expired, [seen({ status: 'cancelled', billing_status: 'unpaid' })])).toBe(0)
})

test('an order that the shop never took is nothing to anybody', () => {
  const never = { ...receipt({ paid: null }), orderId: null, sessionId: null }
  expect(judge(books({ receipts: [never], orders: [], servers: [] }))).toEqual([])
})

const settledSubscription: Partial<OrderSeen>[] = [
  { status: 'provisioned' },
  { status: 'suspended', billing_status: 'past_due' },
  { status: 'terminated', billing_status: 'ended' },
]

test('the server of a paid subscription that runs balances', () => {
  expect(judge(subscribed({ claim: 'entitled' }))).toEqual([])
})

test('entitled, and its server is suspended or deleted: harmed', () => {
  for (const order of settledSubscription) {
    const suspended = [server({ ...large, status: 'suspended' })]
    expect(verdictsOf(subscribed({ claim: 'entitled' }, { order, servers: suspended }))).toEqual(['harmed'])
    expect(verdictsOf(subscribed({ claim: 'entitled' }, { order, servers: [] }))).toEqual(['harmed'])
  }
})

test('it was suspended meanwhile although it was entitled: harmed, even when it runs again', () => {
  const harm = 'Server 7 was suspended'
  expect(verdictsOf(subscribed({ claim: 'entitled', harm }))).toEqual(['harmed'])
})

test('not entitled, and its server runs: freeloading, whatever the order says', () => {
  for (const order of settledSubscription)
    expect(verdictsOf(subscribed({ claim: 'not-entitled' }, { order }))).toEqual(['freeloading'])
})

test('not entitled, and its server is suspended or gone: as it has to be, if the order says so', () => {
  const suspended = { servers: [server({ status: 'suspended' })], order: { status: 'suspended' } }
  const gone = { servers: [], order: { status: 'terminated' } }
  for (const { servers, order } of [suspended, gone]) {
    expect(judge(subscribed({ claim: 'not-entitled' }, { servers, order }))).toEqual([])
    expect(verdictsOf(subscribed({ claim: 'not-entitled' }, { servers }))).toEqual(['wrong'])
  }
})

test('what is legitimately in between is counted neither way, and named', () => {
  for (const servers of [[], [server(large)], [server({ status: 'suspended' })]]) {
    const between = subscribed({ claim: 'undecided', why: 'Its payment is disputed' }, { servers })
    expect(judge(between)).toEqual([])
    expect(undecided(between)).toEqual(['chaos 000001: Its payment is disputed'])
  }
  expect(undecided(subscribed({ claim: 'entitled' }))).toEqual([])
})

test('a subscription that never got its server is lost or stuck, not harmed', () => {
  const none = { ptero_server_id: null, ptero_identifier: null }
  const expected = { provisioning: 'stuck', provisioned: 'lost' }
  for (const [status, verdict] of Object.entries(expected)) {
    const order = { ...none, status }
    expect(verdictsOf(subscribed({ claim: 'entitled' }, { order, servers: [] }))).toEqual([verdict])
  }
})

test("another plan's server than the subscription pays for is wrong", () => {
  expect(verdictsOf(subscribed({ claim: 'entitled', price: 1_499 }))).toEqual(['wrong'])
  expect(
    judge(subscribed({ claim: 'entitled', price: 1_499 }, { servers: [server({ memory: 2_048 })] })),
  ).toEqual([])
})

test('a subscription waits until its server has come to rest', () => {
  const { receipts } = subscribed({ claim: 'entitled' })
  for (const order of settledSubscription) expect(unsettled(receipts, [seen(order)])).toBe(0)
  expect(unsettled(receipts, [seen({ status: 'provisioning' })])).toBe(1)
})

const large = { memory: 3_072 }

function subscribed(
  changes: Partial<SubscriptionSeen>,
  { order = {}, servers = [server(large)] }: { order?: Partial<OrderSeen>; servers?: ServerSeen[] } = {},
): Books {
  const subscription = { claim: 'entitled', why: 'Paid', price: 2_499, harm: null, ...changes } as const
  const receipts = [{ ...receipt(), subscriptionId: 'sub_1' }]
  return { receipts, orders: [seen(order)], servers, subscriptions: new Map([['sub_1', subscription]]) }
}

function verdictsOf(of: Books): string[] {
  return judge(of).map(({ verdict }) => verdict)
}

function books(changes: Partial<Books> = {}): Books {
  return {
    receipts: [receipt()],
    orders: [seen()],
    servers: [server()],
    subscriptions: new Map(),
    ...changes,
  }
}

function receipt({
  ending = 'pays',
  paid = { amount: 999, currency: 'eur' },
}: {
  ending?: Ending
  paid?: Receipt['paid']
} = {}): Receipt {
  const order: PlannedOrder = {
    number: 1,
    atMs: 0,
    from: 'shop',
    ending,
    plan: 'once',
    email: 'buyer.1@example.com',
    serverName: 'chaos 000001',
    thinkMs: 0,
    life: null,
  }
  return {
    ...{ order, orderId: 'order-1', sessionId: 'cs_1', subscriptionId: null },
    ...{ paid, expired: false, attempts: 1 },
  }
}

function seen(changes: Partial<OrderSeen> = {}): OrderSeen {
  return {
    id: 'order-1',
    status: 'provisioned',
    billing_status: 'paid',
    server_name: 'chaos 000001',
    amount: 999,
    currency: 'eur',
    ptero_server_id: 7,
    ptero_identifier: 'abcd1234',
    error_message: null,
    ...changes,
  }
}

function server(changes: Partial<ServerSeen> = {}): ServerSeen {
  return {
    id: 7,
    identifier: 'abcd1234',
    external_id: 'order-1',
    name: 'chaos 000001',
    status: null,
    owner: 'buyer.1@example.com',
    memory: 1_024,
    ...changes,
  }
}
