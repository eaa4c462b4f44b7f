import type { Payment } from '@spawnpoint/contracts'
import { inSoak } from '@spawnpoint/stack'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Action, modelShop } from './model-shop.ts'

const runs = { numRuns: inSoak(10_000, 1_000) }

// As the gateway publishes them: pending, then perhaps failed, then perhaps paid; the amount of a session never changes.
const paymentOf = (id: string) =>
  fc
    .record({
      statuses: fc.subarray<Payment['status']>(['pending', 'failed', 'succeeded']),
      amount: fc.constantFrom(999, 999, 1),
    })
    .map(({ statuses, amount }) =>
      statuses.map((status, index) => payment(id, { version: index + 1, status, amount })),
    )
const payments = fc.tuple(paymentOf('cs_1'), paymentOf('cs_2')).map((lists) => lists.flat())

const which = fc.nat(3)
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary })
const action: fc.Arbitrary<Action> = fc.oneof(
  often(2, fc.record({ do: fc.constant('pay' as const), which })),
  often(3, fc.record({ do: fc.constant('consume-order-event' as const), which })),
  often(1, fc.record({ do: fc.constant('consume-server-event' as const), which })),
  often(5, fc.record({ do: fc.constant('look' as const) })),
  often(5, fc.record({ do: fc.constant('act' as const), worker: fc.constantFrom(0, 0, 0, 1) })),
  often(2, fc.record({ do: fc.constant('land' as const), which: fc.nat(1), answered: fc.boolean() })),
  often(1, fc.record({ do: fc.constant('never-land' as const), which: fc.nat(1) })),
  often(1, fc.record({ do: fc.constant('install' as const) })),
)
const scenario = fc.record({ payments, actions: fc.array(action, { minLength: 30, maxLength: 80 }) })

test('no order of events, lookups, lost responses and late creates makes two servers on a real panel', () => {
  fc.assert(
    fc.property(scenario, ({ payments, actions }) => {
      const shop = runModel(payments, actions, { unique: true, late: true })
      expect(shop.servers().length).toBeLessThanOrEqual(1)
    }),
    runs,
  )
})

test('our own rules make only one server where no create outlives its call, without the help of the panel', () => {
  fc.assert(
    fc.property(scenario, ({ payments, actions }) => {
      const shop = runModel(payments, actions, { unique: false, late: false })
      expect(shop.servers().length).toBeLessThanOrEqual(1)
    }),
    runs,
  )
})

test('a create that lands late is what the external id is for: without it there would be two', () => {
  const actions: Action[] = [
    { do: 'pay', which: 0 },
    { do: 'consume-order-event', which: 1 },
    { do: 'look' },
    { do: 'act', worker: 0 },
    { do: 'look' },
    { do: 'act', worker: 0 },
    { do: 'land', which: 0, answered: false },
    { do: 'land', which: 0, answered: true },
  ]
  const paid = [payment('cs_1', { version: 1, status: 'succeeded', amount: 999 })]
  expect(runModel(paid, actions, { unique: false, late: true }).servers()).toHaveLength(2)
  expect(runModel(paid, actions, { unique: true, late: true }).servers()).toHaveLength(1)
})

test('once every event is processed, a customer who paid in full has exactly one server, and nobody else has one', () => {
  fc.assert(
    fc.property(scenario, ({ payments, actions }) => {
      const shop = runModel(payments, actions, { unique: true, late: true })
      shop.settle()
      const isPaid = payments.some(({ status, paid }) => status === 'succeeded' && paid.amount === 999)
      expect(shop.servers()).toHaveLength(isPaid ? 1 : 0)
      const [made] = shop.servers()
      expect(shop.order().ptero_identifier).toBe(made?.identifier ?? null)
      if (isPaid) expect(shop.order()).toMatchObject({ status: 'provisioned', error_message: null })
    }),
    runs,
  )
})

test('there is never a server for an order that is not paid in full', () => {
  fc.assert(
    fc.property(scenario, ({ payments, actions }) => {
      const unpaid = payments.filter(({ status, paid }) => status !== 'succeeded' || paid.amount !== 999)
      expect(runModel(unpaid, actions, { unique: false, late: true }).servers()).toEqual([])
    }),
    runs,
  )
})

function runModel(payments: Payment[], actions: Action[], panel: Parameters<typeof modelShop>[1]) {
  const shop = modelShop(payments, panel)
  for (const action of actions) shop.take(action)
  return shop
}

function payment(
  id: string,
  { version, status, amount }: { version: number; status: Payment['status']; amount: number },
): Payment {
  return {
    payment_id: id,
    version,
    status,
    kind: 'first',
    livemode: false,
    order_id: 'o-1',
    paid: { amount, currency: 'eur' },
    discount: 0,
    tax: 0,
    shipping: 0,
    nothing_owed: false,
    payment_intent_id: null,
    subscription_id: null,
    stripe_customer_id: null,
    customer_email: null,
    customer_name: null,
    plan: null,
    region: null,
    server_name: null,
    failure: null,
  }
}
