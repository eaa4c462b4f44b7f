import type { Payment, Subscription } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import {
  at,
  bought,
  days,
  first,
  found,
  iso,
  item,
  line,
  receive,
  shop,
  sub,
} from '../../../test/billing-story.ts'
import { payment } from '../../../test/fixtures.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { comparePayment } from '../discrepancies/find-discrepancies.ts'
import { orderState } from '../order/order.ts'

// The seller ends a subscription on day 20 in favour of another one that names the same order (metadata.order_id).

const two = { subscription_id: 'sub_2', order_id: 'o-1' }
const over = sub({
  ...{ version: 3, status: 'canceled', ended_reason: 'cancellation_requested', ended_at: iso(20) },
})
const month = { start: iso(20), end: iso(50) }

function second(
  changes: Partial<Parameters<typeof item>[0] & object> = {},
  more: Partial<Subscription> = {},
) {
  const items = [item({ item: 'si_2', current_period_end: iso(50), ...changes })]
  return sub({ ...two, current_period_end: iso(50), paid_from: null, paid_until: null, items, ...more })
}

function begun(
  amount: number,
  lines = [line({ item: 'si_2', amount, ...month })],
  more: Partial<Payment> = {},
) {
  const period = { paid_from: iso(20), paid_until: iso(50) }
  return payment({
    ...two,
    payment_id: 'sub_2',
    paid: { amount, currency: 'eur' },
    lines,
    ...period,
    ...more,
  })
}

const raised = () => {
  const rules = shop()
  const small = rules.catalogue.plans.get('small')
  if (small) rules.catalogue.plans.set('small', { ...small, price: { amount: 1_299, currency: 'eur' } })
  return rules
}
const large = { price: 'price_large', plan: 'large', amount: 1_999 }
const addOn = line({ item: 'si_3', price: 'price_add', amount: 300, ...month })
const prorated = line({ item: 'si_2', amount: 333, proration: true, start: iso(20), end: iso(30) })

type Row = [
  string,
  { rules?: ReturnType<typeof shop>; state: Subscription; paid: Payment; plan?: string; told?: string[] },
]
const rows: Row[] = [
  ['for exactly the price', { state: second(), paid: begun(999) }],
  [
    'prorated to the first of the month',
    {
      state: second({ current_period_end: iso(30) }, { current_period_end: iso(30) }),
      paid: begun(333, [prorated], { paid_until: iso(30) }),
    },
  ],
  [
    'by a listed Price that costs less',
    {
      rules: shop({}, ['price_small', 'price_loyal']),
      state: second({ price: 'price_loyal', amount: 799 }),
      paid: begun(799, [line({ item: 'si_2', price: 'price_loyal', amount: 799, ...month })]),
    },
  ],
  ['for the raised price', { rules: raised(), state: second({ amount: 1_299 }), paid: begun(1_299) }],
  [
    'by a bigger plan',
    {
      state: second(large, { plan: 'large' }),
      paid: begun(1_999, [line({ item: 'si_2', ...large, ...month })], { plan: 'large' }),
      plan: 'large',
    },
  ],
  [
    'with an add-on',
    { state: second(), paid: begun(1_299, [line({ item: 'si_2', plan: 'small', ...month }), addOn]) },
  ],
  [
    'in another currency by a listed Price',
    {
      rules: shop({}, ['price_usd']),
      state: second({ price: 'price_usd', amount: 1_099, currency: 'usd' }),
      paid: begun(1_099, [line({ item: 'si_2', price: 'price_usd', amount: 1_099, ...month })], {
        paid: { amount: 1_099, currency: 'usd' },
      }),
    },
  ],
  [
    'for less than the plan costs, which is told',
    { state: second({ amount: 50 }), paid: begun(50), told: ['plan_price_mismatch'] },
  ],
]

describe.each(rows)(
  'another subscription %s',
  (_, { rules = shop(), state, paid, plan = 'small', told = [] }) => {
    const before = bought(at(rules, 1), sub({ version: 2 }))
    const known = (facts: (Payment | Subscription)[]) =>
      facts.reduce((order, fact) => receive(at(rules, 20), order, fact), before)

    test('takes over the order and its server, whichever event arrives first', () => {
      for (const facts of permutations([over, state, paid]))
        expect(known(facts)).toMatchObject({
          ...{ desired: 'running', plan, subscription_id: 'sub_2' },
          money: { former_payments: ['sub_1'], subscription: { status: 'active' } },
        })
      expect(found(known([over, state, paid]))).toEqual(told)
    })

    test('is not paid back once it has taken over', () => {
      const order = known([over, state, paid])
      expect(comparePayment(paid, 'o-1', { ...orderState(order), server_version: 0, findings: [] })).toEqual(
        [],
      )
    })
  },
)

describe('another subscription that begins where the paid time ends', () => {
  const rules = shop()
  const free = payment({
    ...{ ...two, payment_id: 'sub_2', paid: { amount: 0, currency: 'eur' }, collected: 0 },
    ...{ nothing_owed: true, lines: [], paid_from: null, paid_until: null },
  })
  const state = second({ current_period_end: iso(30) }, { current_period_end: iso(30) })
  const moved = [state, free, over].reduce(
    (order, fact) => receive(at(rules, 20), order, fact),
    bought(at(rules, 1), sub({ version: 2 })),
  )

  test('is paid until then by the one before, and runs on by its own renewal', () => {
    expect(moved).toMatchObject({ desired: 'running', subscription_id: 'sub_2', paid_until: iso(30) })
    const { seen, now } = days(rules, moved, [20.25, 30], { ...state, version: 2 }, [free])
    expect(seen.every(({ desired, told }) => desired === 'running' && !told)).toBe(true)
    const next = line({ item: 'si_2', start: iso(30), end: iso(60) })
    const renewed = payment({
      ...{ ...two, payment_id: 'in_22', kind: 'renewal', lines: [next] },
      ...{ paid_from: iso(30), paid_until: iso(60) },
    })
    expect(receive(at(rules, 30.1), now, renewed)).toMatchObject({ desired: 'running', paid_until: iso(60) })
  })

  test('and is not paid then: is late as any other', () => {
    const late = second({ current_period_end: iso(60) }, { version: 3, status: 'past_due' })
    const { firstOf } = days(rules, moved, [30.25, 45], late, [free])
    expect(firstOf('suspended')).toBe(33)
    expect(firstOf('terminated')).toBeGreaterThanOrEqual(40)
  })

  test('is no alarm while the one before goes on, for nobody has paid twice', () => {
    const running = bought(at(rules, 1), sub({ version: 2 }))
    expect(applyPayment(running, free, at(rules, 19))).not.toHaveProperty('alarm')
    expect(
      comparePayment(free, 'o-1', { ...orderState(running), server_version: 0, findings: [] }),
    ).not.toContainEqual(expect.objectContaining({ kind: 'paid_twice' }))
  })
})

test('while another subscription of the order goes on, a server whose own is not paid is suspended, told and never deleted', () => {
  const rules = shop()
  const late = sub({
    version: 3,
    status: 'unpaid',
    current_period_end: iso(60),
    items: [item({ current_period_end: iso(60) })],
  })
  const both = [second(), begun(999), late].reduce(
    (order, fact) => receive(at(rules, 31), order, fact),
    bought(at(rules, 1), sub({ version: 2 })),
  )
  const { now, firstOf } = days(rules, both, [31.25, 60], { ...late, version: 4 }, [first()])
  expect(firstOf('terminated')).toBeNull()
  expect(now).toMatchObject({ desired: 'suspended', warning: null })
  expect(found(now)).toEqual(['paid_and_suspended'])
  const ended = { ...late, version: 9, status: 'canceled', ended_at: iso(60) } as const
  expect(receive(at(rules, 60), now, ended)).toMatchObject({ desired: 'running', subscription_id: 'sub_2' })
})

function permutations<Fact>(all: Fact[]): Fact[][] {
  if (all.length < 2) return [all]
  return all.flatMap((one) =>
    permutations(all.filter((other) => other !== one)).map((rest) => [one, ...rest]),
  )
}

test('one whose first period a bank debit is still to pay keeps the server from being deleted, and says what comes next', () => {
  const rules = shop()
  const order = bought(at(rules, 21), over, second({}, { status: 'active' }))
  const { now, firstOf } = days(rules, order, [21, 60], { ...over, version: 4 }, [first()])
  expect(firstOf('terminated')).toBeNull()
  const finding = expect.stringContaining('The order goes by sub_2 once that is paid')
  expect(now.money.findings).toContainEqual({ kind: 'paid_and_suspended', about: 'sub_2', finding })
})
