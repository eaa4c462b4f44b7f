import type { Payment } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import {
  asked,
  at,
  bought,
  done,
  first,
  found,
  iso,
  item,
  line,
  of,
  receive,
  renewal,
  shop,
  sub,
  told,
} from '../../../test/billing-story.ts'
import { payment } from '../../../test/fixtures.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applySubscription } from '../decisions/apply-subscription.ts'
import { reevaluateOrder } from '../decisions/reevaluate-order.ts'
import type { Order } from '../order/order.ts'
import type { Policy } from '../order/policy.ts'

// Sequences that real accounts have produced, beyond the plain story of a subscription.

describe('Who has paid', () => {
  test('pays an invoice by hand in place of a period that was refunded: runs on, and a person is told', () => {
    const rules = shop()
    const refunded = first({ version: 2, refunded: 999 })
    const byHand = (changes: Partial<Payment> = {}) =>
      payment({ ...of, payment_id: 'in_hand', kind: 'change', lines: [], paid_until: null, ...changes })
    const replaced = asked(at(rules, 6), bought(rules, sub(), refunded, byHand()), sub(), [
      refunded,
      byHand(),
    ])
    expect(replaced).toMatchObject({ desired: 'running', suspended_at: null, billing_status: 'paid' })
    expect(found(replaced)).toEqual(['running_unpaid'])
    const fee = byHand({ paid: { amount: 500, currency: 'eur' } })
    const unpaid = asked(at(rules, 6), bought(rules, sub(), refunded, fee), sub(), [refunded, fee])
    expect(unpaid).toMatchObject({ desired: 'suspended', billing_status: 'refunded' })
  })

  test('pays the open invoice after dunning has cancelled the subscription: runs on, or a person is told', () => {
    const rules = shop()
    const late = bought(
      rules,
      sub({
        version: 2,
        status: 'past_due',
        current_period_end: iso(60),
        items: [item({ current_period_end: iso(60) })],
      }),
      renewal({ status: 'failed', invoice_status: 'open', attempts: 4, failure: 'declined' }),
    )
    const ended = sub({
      version: 3,
      status: 'canceled',
      ended_reason: 'payment_failed',
      ended_at: iso(32),
      current_period_end: iso(60),
    })
    const known = receive(at(rules, 32), late, ended)
    expect(known.desired).toBe('running')
    const over = asked(at(rules, 32), known, { ...ended, version: 4 }, [first()])
    expect(over.desired).toBe('suspended')
    // Two days later the customer pays by the link that GET /orders/:id shows.
    const paid = applyPayment(over, renewal({ version: 2 }), at(rules, 34))
    const after = done(paid)
    expect({ desired: after.desired, told: told(after) }).not.toEqual({ desired: 'suspended', told: false })
  })

  test('and is deleted within the 30 days it has just paid for', () => {
    const rules = shop()
    const late = bought(
      rules,
      sub({ version: 2, status: 'past_due', current_period_end: iso(60) }),
      renewal({ status: 'failed', invoice_status: 'open', attempts: 4 }),
    )
    const ended = sub({
      version: 3,
      status: 'canceled',
      ended_reason: 'payment_failed',
      ended_at: iso(32),
      current_period_end: iso(60),
    })
    let now = receive(at(rules, 32), late, ended)
    now = receive(at(rules, 34), now, renewal({ version: 2 }))
    expect(now.paid_until).toBe(iso(60))
    for (let days = 34; days < 59; days++)
      now = asked(at(rules, days), now, { ...ended, version: 4, paid_until: iso(60), paid_from: iso(30) })
    expect(now.desired).not.toBe('terminated')
  })

  test('monthly, paid until day 30; the switch to yearly is declined and given up on day 13: runs until day 30', () => {
    const rules = shop()
    const yearly = item({
      price: 'price_yearly',
      plan: 'yearly',
      amount: 9_990,
      interval: 'year',
      current_period_end: iso(370),
    })
    const change = payment({
      ...{ ...of, payment_id: 'in_9', kind: 'change', status: 'failed', invoice_status: 'open', attempts: 4 },
      ...{
        lines: [line({ item: 'si_1', price: 'price_yearly', amount: 9_990, start: iso(5), end: iso(370) })],
      },
      paid: { amount: 9_157, currency: 'eur' },
    })
    const unpaid = sub({ version: 3, status: 'unpaid', items: [yearly], current_period_end: iso(370) })
    const before = bought(rules, sub({ version: 2 }), change)
    const after = asked(at(rules, 13), receive(at(rules, 13), before, unpaid), { ...unpaid, version: 4 }, [
      change,
    ])
    expect(after).toMatchObject({ paid_until: iso(30), desired: 'running' })
  })

  test('a trial that the seller adds (an invoice over 0, as Stripe makes one) is not underpaid', () => {
    const rules = shop({ underpaid: 'suspend' })
    const change = payment({
      ...{
        ...of,
        payment_id: 'in_9',
        kind: 'change',
        nothing_owed: true,
        paid: { amount: 0, currency: 'eur' },
      },
      ...{
        collected: 0,
        lines: [line({ amount: 0, start: iso(10), end: iso(60) })],
        paid_from: iso(10),
        paid_until: iso(60),
      },
    })
    const trial = sub({
      ...{ version: 3, status: 'trialing', trial_end: iso(60), current_period_end: iso(60) },
      ...{ items: [item({ current_period_end: iso(60) })], paid_from: iso(10), paid_until: iso(60) },
    })
    const before = bought(at(rules, 10), sub({ version: 2 }), change, trial)
    expect.soft(found(before)).toEqual([])
    const after = asked(at(rules, 14), before, { ...trial, version: 4 }, [change])
    expect(after.desired).toBe('running')
  })

  test('an add-on of another interval fails; the plan itself (its Price is listed, no metadata) is paid', () => {
    const rules = shop({}, ['price_small'])
    const items = [
      item({ plan: null, current_period_end: iso(60) }),
      item({
        item: 'si_2',
        price: 'price_voice',
        plan: null,
        amount: 100,
        interval: 'year',
        current_period_end: iso(390),
      }),
    ]
    const unpaid = sub({
      version: 3,
      status: 'unpaid',
      plan: null,
      items,
      current_period_end: iso(390),
      paid_from: iso(30),
      paid_until: iso(60),
    })
    const paid = renewal({})
    const addOn = renewal({
      ...{ payment_id: 'in_3', status: 'failed', invoice_status: 'open', attempts: 4 },
      ...{
        lines: [line({ item: 'si_2', price: 'price_voice', amount: 100, start: iso(25), end: iso(390) })],
      },
      ...{ paid_from: null, paid_until: null },
    })
    const before = bought(at(rules, 31), sub({ version: 2, plan: null, items }), paid, addOn)
    const after = asked(at(rules, 40), receive(at(rules, 40), before, unpaid), { ...unpaid, version: 4 }, [
      paid,
      addOn,
    ])
    expect(after).toMatchObject({ paid_until: iso(60), desired: 'running' })
  })

  test('an upgrade in a paid month is declined and Stripe cancels (its default): not deleted in that month', () => {
    const rules = shop()
    const large = item({ price: 'price_large', plan: 'large', amount: 1_999 })
    const change = payment({
      ...{ ...of, payment_id: 'in_9', kind: 'change', status: 'failed', invoice_status: 'open', attempts: 4 },
      ...{
        lines: [line({ amount: 900, proration: true, start: iso(2) })],
        paid: { amount: 900, currency: 'eur' },
      },
    })
    const ended = sub({
      version: 4,
      status: 'canceled',
      ended_reason: 'payment_failed',
      ended_at: iso(10),
      plan: 'large',
      items: [large],
    })
    let now = bought(
      rules,
      sub({ version: 2 }),
      sub({ version: 3, status: 'past_due', plan: 'large', items: [large] }),
      change,
    )
    now = receive(at(rules, 10), now, ended)
    const early = { desired: now.desired, found: found(now) }
    for (let days = 10; days < 29; days++)
      now = asked(at(rules, days), now, { ...ended, version: 5 }, [change])
    expect(now.paid_until).toBe(iso(30))
    expect.soft(early).not.toEqual({ desired: 'suspended', found: [] })
    expect(now.desired).not.toBe('terminated')
  })

  test('paused by the seller (subscriptions.pause) in a paid month: runs, and is told once that is over', () => {
    const rules = shop()
    const paused = sub({ version: 3, status: 'paused' })
    const before = bought(rules, sub({ version: 2 }), paused)
    expect(before.desired).toBe('running')
    const after = asked(at(rules, 40), before, { ...paused, version: 4 })
    expect({ desired: after.desired, found: found(after) }).toEqual({
      desired: 'running',
      found: ['running_unpaid'],
    })
  })

  test('a cancellation that is taken back leaves no warning', () => {
    const rules = shop()
    const ending = receive(
      at(rules, 29.5),
      bought(rules, sub({ version: 2 })),
      sub({ version: 3, cancel_at: iso(30) }),
    )
    const back = receive(at(rules, 29.6), ending, sub({ version: 4 }))
    expect(ending.warning?.step).toBe('suspend')
    expect(back).toMatchObject({ warning: null, desired: 'running' })
  })

  test('a renewal in another currency is not certain to be less: reported, not suspended', () => {
    const rules = shop({ underpaid: 'suspend' })
    const ends = { current_period_end: iso(60), paid_from: iso(30), paid_until: iso(60) }
    const usd = renewal({
      paid: { amount: 1_299, currency: 'usd' },
      lines: [line({ price: 'price_usd', amount: 1_299, start: iso(30), end: iso(60) })],
    })
    const known = sub({
      ...{ version: 2, ...ends },
      items: [item({ price: 'price_usd', amount: 1_299, currency: 'usd', current_period_end: iso(60) })],
    })
    const after = asked(at(rules, 34), bought(at(rules, 30.1), usd, known), { ...known, version: 3 }, [usd])
    expect.soft(found(after).length).toBeGreaterThan(0)
    expect(after.desired).toBe('running')
  })

  test('a first month with a trial, then a coupon of 100 % for ever: runs, nothing is found', () => {
    const rules = shop({ underpaid: 'suspend' })
    const ends = { current_period_end: iso(60), paid_from: iso(30), paid_until: iso(60) }
    const free = renewal({
      paid: { amount: 0, currency: 'eur' },
      discount: 999,
      nothing_owed: true,
      collected: 0,
    })
    const known = sub({ version: 2, ...ends, items: [item({ current_period_end: iso(60) })] })
    const after = asked(at(rules, 34), bought(at(rules, 30.1), free, known), { ...known, version: 3 }, [free])
    expect(after).toMatchObject({ desired: 'running', billing_status: 'paid' })
    expect(found(after)).toEqual([])
  })

  test('sent invoices: partly paid before the due date, overdue, then paid: runs throughout its grace', () => {
    const rules = shop()
    const ends = { current_period_end: iso(60), items: [item({ current_period_end: iso(60) })] }
    const sent = renewal({
      status: 'pending',
      invoice_status: 'open',
      due_at: iso(44),
      amount_remaining: 999,
    })
    const known = sub({ version: 2, collection_method: 'send_invoice', ...ends })
    let now = bought(at(rules, 30.1), sent, known)
    now = receive(at(rules, 40), now, { ...sent, version: 2, amount_remaining: 499 })
    now = asked(at(rules, 45), now, { ...known, version: 3, status: 'past_due' }, [
      { ...sent, version: 3, status: 'failed' },
    ])
    expect(now).toMatchObject({ desired: 'running', billing_status: 'past_due' })
    now = asked(at(rules, 47.1), now, { ...known, version: 4, status: 'past_due' }, [
      { ...sent, version: 4, status: 'failed' },
    ])
    expect(now.desired).toBe('suspended')
    now = receive(at(rules, 48), now, renewal({ version: 5 }))
    expect(now).toMatchObject({ desired: 'running', billing_status: 'paid' })
  })
})

describe('What cannot be undone', () => {
  test('what was confirmed as late is asked again before it is suspended as given up', () => {
    const rules = shop()
    const ends = { current_period_end: iso(60), items: [item({ current_period_end: iso(60) })] }
    const open = renewal({ status: 'failed', invoice_status: 'open', attempts: 1 })
    const pastDue = sub({ version: 2, status: 'past_due', ...ends })
    // Nothing had arrived: the clock asked two hours after the period, and Stripe confirmed that it is late.
    const late = asked(at(rules, 30.1), bought(rules), pastDue, [open])
    expect(late).toMatchObject({ billing_status: 'past_due', desired: 'running' })
    // Days later, within the grace, an event says `unpaid`. Its customer pays in that minute; nobody asks.
    const unpaid = applySubscription(late, sub({ version: 3, status: 'unpaid', ...ends }), at(rules, 32))
    expect(done(unpaid).desired).toBe('running')
  })

  test('who was only to be suspended is not deleted a day after his renewal is late', () => {
    const rules = shop({ full_refund: 'suspend', refunded_subscription: 'keep' })
    const back = first({ version: 2, refunded: 999 })
    let now = asked(at(rules, 5), bought(rules, sub({ version: 2 })), sub({ version: 3 }), [back])
    expect(now.desired).toBe('suspended')
    const ends = { current_period_end: iso(60), items: [item({ current_period_end: iso(60) })] }
    const late = sub({ version: 4, status: 'past_due', ...ends })
    const open = renewal({ status: 'failed', invoice_status: 'open', attempts: 1 })
    now = receive(at(rules, 30.1), receive(at(rules, 30.1), now, open), late)
    for (let days = 30.5; days < 36; days += 0.5) now = asked(at(rules, days), now, late, [back, open])
    // Grace until day 33, and from there seven days.
    expect(now.desired).toBe('suspended')
  })
})

describe('Who does not pay', () => {
  test.each(['alert', 'suspend'] as const)(
    'an upgrade whose invoice is declined is reported, and the paid period goes on (policy %s)',
    (underpaid) => {
      const rules = shop({ underpaid })
      const large = item({ price: 'price_large', plan: 'large', amount: 1_999 })
      const change = payment({
        ...{
          ...of,
          payment_id: 'in_9',
          kind: 'change',
          status: 'failed',
          invoice_status: 'open',
          attempts: 4,
        },
        ...{
          lines: [line({ amount: 900, proration: true, start: iso(2) })],
          paid: { amount: 900, currency: 'eur' },
        },
      })
      const pastDue = sub({ version: 3, status: 'past_due', plan: 'large', items: [large] })
      const before = bought(rules, sub({ version: 2 }), pastDue, change)
      const after = asked(at(rules, 20), before, { ...pastDue, version: 4, status: 'unpaid' }, [change])
      // It has the bigger server since day 2, and paid for the smaller one.
      expect(after).toMatchObject({ plan: 'large', desired: 'running' })
      expect(found(after)).toEqual(['underpaid'])
    },
  )

  test('quantity 0 of a listed Price is reported', () => {
    const rules = shop({}, ['price_small'])
    const none = sub({
      version: 3,
      items: [item({ quantity: 0, current_period_end: iso(60) })],
      current_period_end: iso(60),
      paid_from: iso(30),
      paid_until: iso(60),
    })
    const free = renewal({
      ...{ nothing_owed: true, paid: { amount: 0, currency: 'eur' }, collected: 0 },
      lines: [line({ amount: 0, quantity: 0, start: iso(30), end: iso(60) })],
    })
    const before = bought(at(rules, 31), sub({ version: 2 }), free, none)
    const after = asked(at(rules, 40), before, { ...none, version: 4 }, [free])
    expect({ desired: after.desired, found: found(after) }).not.toEqual({ desired: 'running', found: [] })
  })

  test('an add-on by the year, added on day 10, does not pay for a year of the plan', () => {
    const rules = shop()
    const items = [
      item({ current_period_end: iso(60) }),
      item({
        item: 'si_2',
        price: 'price_voice',
        plan: null,
        amount: 100,
        interval: 'year',
        current_period_end: iso(375),
      }),
    ]
    const addOn = payment({
      ...{ ...of, payment_id: 'in_9', kind: 'change', paid: { amount: 1_200, currency: 'eur' } },
      lines: [line({ item: 'si_2', price: 'price_voice', amount: 1_200, start: iso(10), end: iso(375) })],
      ...{ paid_from: iso(10), paid_until: iso(375) },
    })
    const failed = renewal({ status: 'failed', invoice_status: 'open', attempts: 4 })
    const pastDue = sub({
      version: 3,
      status: 'past_due',
      items,
      current_period_end: iso(375),
      paid_from: iso(0),
      paid_until: iso(30),
    })
    const before = bought(at(rules, 10), sub({ version: 2, items: [item(), ...items.slice(1)] }), addOn)
    const late = [pastDue, failed].reduce<Order>((now, fact) => receive(at(rules, 31), now, fact), before)
    const after = asked(at(rules, 45), late, { ...pastDue, version: 4, status: 'unpaid' }, [addOn, failed])
    expect({ desired: after.desired, paid_until: after.paid_until, found: found(after) }).not.toMatchObject({
      ...{ desired: 'running', found: [] },
    })
  })

  test('takes each SEPA debit back once the next one is in (8 weeks, no questions): reported', () => {
    const rules = shop()
    const period = (n: number): Payment =>
      payment({
        ...of,
        ...{ payment_id: n === 0 ? 'sub_1' : `in_${n}`, kind: n === 0 ? 'first' : 'renewal' },
        lines: [line({ start: iso(30 * n), end: iso(30 * n + 30) })],
        ...{ paid_from: iso(30 * n), paid_until: iso(30 * n + 30) },
      })
    const known = (n: number) =>
      sub({
        ...{ version: n + 2, items: [item({ current_period_end: iso(30 * n + 30) })] },
        ...{ current_period_end: iso(30 * n + 30), paid_from: iso(30 * n), paid_until: iso(30 * n + 30) },
      })
    let now = bought(rules, known(0))
    for (let n = 1; n <= 6; n++) {
      now = receive(at(rules, 30 * n), receive(at(rules, 30 * n), now, period(n)), known(n))
      const back = {
        ...period(n - 1),
        version: 2,
        disputed_at: iso(30 * n + 3),
        dispute_reason: 'debit_not_authorized',
      }
      now = receive(at(rules, 30 * n + 3), now, { ...back, dispute: 'lost' })
    }
    // Six months taken back; one is left, and that will be taken back too.
    expect(now.money.payments.filter(({ dispute }) => dispute === 'lost')).toHaveLength(6)
    expect({ desired: now.desired, found: found(now) }).not.toEqual({ desired: 'running', found: [] })
  })

  test('the debit of a month is returned (insufficient funds) once the next one is in: reported', () => {
    const rules = shop()
    const next = sub({
      ...{ version: 2, items: [item({ current_period_end: iso(60) })] },
      ...{ current_period_end: iso(60), paid_from: iso(30), paid_until: iso(60) },
    })
    const back = first({ version: 2, returned: true, disputed_at: iso(33) })
    const before = bought(at(rules, 31), renewal({}), next)
    const after = asked(at(rules, 40), receive(at(rules, 33), before, back), { ...next, version: 3 }, [back])
    expect({ desired: after.desired, found: found(after) }).not.toEqual({ desired: 'running', found: [] })
  })
})

describe('Any order', () => {
  test('quantity, interval and price listed: the renewal before its subscription', () => {
    const rules = at(shop(), 31)
    const yearly = [
      item({ current_period_end: iso(60) }),
      item({
        item: 'si_2',
        price: 'price_voice',
        plan: null,
        amount: 100,
        interval: 'year',
        current_period_end: iso(395),
      }),
    ]
    const lines = [
      line({ item: 'si_2', price: 'price_voice', amount: 100, start: iso(30), end: iso(395) }),
      line({ start: iso(30), end: iso(60) }),
      line({ item: 'si_3', price: 'price_week', amount: 10, start: iso(30), end: iso(37) }),
    ]
    const both = renewal({ lines })
    const known = sub({
      version: 2,
      items: yearly,
      current_period_end: iso(60),
      paid_from: iso(30),
      paid_until: iso(60),
    })
    const one = bought(rules, known, both)
    const other = bought(rules, both, known)
    expect(other.paid_until).toEqual(one.paid_until)
  })
})

describe('A dispute of a part', () => {
  const taken = (disputed: { open: number; lost: number }, changes: Partial<Payment> = {}) =>
    first({
      ...{ version: 2, dispute: disputed.lost > 0 ? 'lost' : 'open', disputed, disputed_at: iso(3) },
      ...changes,
    })
  const after = (payment: Payment, policy: Partial<Policy> = {}) => {
    const rules = at(shop(policy), 4)
    return asked(rules, bought(rules, sub()), sub(), [payment])
  }

  test.each([
    [{ open: 0, lost: 1 }, '0.01 EUR'],
    [{ open: 998, lost: 0 }, '9.98 EUR'],
    [{ open: 1, lost: 1 }, '0.02 EUR'],
  ])('of %j suspends nobody, whatever the policy, and a person is told', (disputed, amount) => {
    const now = after(taken(disputed), { underpaid: 'suspend' })
    expect(now).toMatchObject({ desired: 'running', billing_status: 'paid' })
    expect(now.money.findings).toMatchObject([{ about: 'sub_1', finding: expect.stringContaining(amount) }])
    const later = reevaluateOrder(now, now, { rules: at(shop({ underpaid: 'suspend' }), 20) }).order
    expect(later.desired).toBe('running')
  })

  test.each([
    ['all of it', { open: 0, lost: 999 }, {}],
    ['what a refund has left', { open: 0, lost: 499 }, { refunded: 500 }],
    ['what was charged beside the credit', { open: 0, lost: 300 }, { collected: 300 }],
    ['two that take all of it', { open: 600, lost: 399 }, {}],
  ])('of %s is one of the whole payment', (_, disputed, changes) => {
    expect(after(taken(disputed, changes))).toMatchObject({
      desired: 'suspended',
      billing_status: 'disputed',
    })
  })

  test('that is open beside a lost one ends nothing until that is lost too', () => {
    const now = after(taken({ open: 600, lost: 399 }))
    expect(now.money.lost_since).toBeUndefined()
    expect(found(now)).toEqual([])
  })
})

describe('A renewal with an add-on of the same interval', () => {
  const addOn = line({ item: 'si_add', price: 'price_add', amount: 500, start: iso(30), end: iso(60) })
  const own = line({ start: iso(30), end: iso(60) })
  const items = [
    item({ current_period_end: iso(60) }),
    item({ item: 'si_add', price: 'price_add', plan: null, amount: 500, current_period_end: iso(60) }),
  ]
  const state = sub({
    version: 2,
    items,
    current_period_end: iso(60),
    paid_from: iso(30),
    paid_until: iso(60),
  })

  test.each([
    ['before', [addOn, own]],
    ['before, the plan first', [own, addOn]],
    ['before, with a proration', [addOn, own, line({ item: 'si_add', amount: -100, proration: true })]],
  ])('that arrives %s its subscription ends in the same state as after it', (_, lines) => {
    const rules = at(shop(), 31)
    const renewed = renewal({ paid: { amount: 1_499, currency: 'eur' }, lines })
    const [early, late] = [
      [renewed, state],
      [state, renewed],
    ].map((facts) => bought(rules, ...facts))
    expect(early?.money.payments).toEqual(late?.money.payments)
    expect(early?.money.payments).toMatchObject([{}, { plan_line: { item: 'si_1', amount: 999 } }])
    expect(found(early as Order)).toEqual([])
  })

  test('that pays for the add-on alone pays for no period, whichever arrives first', () => {
    const rules = at(shop(), 31)
    const change = renewal({ kind: 'change', paid: { amount: 500, currency: 'eur' }, lines: [addOn] })
    const [early, late] = [
      [change, state],
      [state, change],
    ].map((facts) => bought(rules, ...facts))
    expect(early?.money).toEqual(late?.money)
    const paidFor = early?.money.payments.find(({ payment_id }) => payment_id === 'in_2')
    expect(paidFor).toMatchObject({ paid_until: null })
    expect(paidFor).not.toHaveProperty('plan_line')
  })
})

test.each([
  ['no retention', { retention_days: 0 }],
  ['no warning', { retention_days: 0, warn_days: 0 }],
  ['no warning, and a retention', { retention_days: 2, warn_days: 0 }],
])('a plan stored with %s warns for a day before it deletes', (_, policy) => {
  const rules = shop(policy)
  const back = first({ version: 2, refunded: 999 })
  let now = asked(at(rules, 5), bought(rules, sub()), sub(), [back])
  const warnings: string[] = []
  for (let hour = 1; hour <= 96 && now.desired !== 'terminated'; hour++) {
    now = asked(at(rules, 5 + hour / 24), now, sub(), [back])
    if (now.warning?.step === 'terminate') warnings.push(now.warning.at)
  }
  expect(now.desired).toBe('terminated')
  expect(warnings.length).toBeGreaterThanOrEqual(23)
  expect(new Set(warnings).size).toBe(1)
})
