import type { Payment, PaymentState, Subscription } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import { order, payment, selling, server, subscription } from '../../../test/fixtures.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applyServer } from '../decisions/apply-server.ts'
import { applySubscription } from '../decisions/apply-subscription.ts'
import { withStatus } from '../decisions/reevaluate-order.ts'
import type { Decision } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { defaultPolicy, type Policy } from '../order/policy.ts'
import { summarizeBilling } from './billing-summary.ts'
import { confirmableReasons } from './confirmations.ts'
import { evaluateBilling } from './evaluate-billing.ts'

const paidUntil = '2026-12-01T00:00:00.000Z'
const day = (count: number) => new Date(Date.parse(paidUntil) + count * 86_400_000)
const iso = (count: number) => day(count).toISOString()
const ofSubscription = { payment_id: 'sub_1', subscription_id: 'sub_1', paid_until: paidUntil }

describe('paid once', () => {
  test('it is paid for ever, and never evaluated again', () => {
    const once = paidFor({ payment_id: 'cs_1' })
    expect(at(3_000, once)).toMatchObject({ billing_status: 'paid', desired: 'running', money_due_at: null })
  })

  test('part of it back changes nothing; all of it suspends, and ends after the retention', () => {
    expect(asked(0, withPayment({ refunded: 998 }))).toMatchObject({
      billing_status: 'paid',
      desired: 'running',
    })
    const refunded = asked(0, withPayment({ refunded: 999 }))
    expect(refunded).toMatchObject({
      billing_status: 'refunded',
      desired: 'suspended',
      suspended_at: iso(0),
    })
    expect(at(5.9, known(refunded, 5))).toMatchObject({ warning: null, money_due_at: iso(6) })
    const warned = at(6, refunded)
    expect(warned.warning).toEqual({
      step: 'terminate',
      at: iso(7),
      reason: 'All its money went back to the buyer.',
    })
    expect(at(6.9, warned)).toMatchObject({ desired: 'suspended', warning: warned.warning })
    expect(evaluated(7, warned)).toMatchObject({ mustAsk: true, order: { desired: 'suspended' } })
    expect(at(7, known(warned, 7))).toMatchObject({
      desired: 'terminated',
      warning: null,
      billing_status: 'refunded',
    })
  })

  test('a deletion that moves forward is announced for the whole time', () => {
    const suspended = asked(0, withPayment({ refunded: 999 }))
    const late = at(6.9, suspended)
    expect(late.warning).toMatchObject({ step: 'terminate', at: iso(7.9) })
    expect(at(7, known(late, 7))).toMatchObject({ desired: 'suspended', warning: late.warning })
    expect(at(7.9, known(late, 7.9))).toMatchObject({ desired: 'terminated' })
  })

  test('what its seller keeps or only suspends does not end', () => {
    const refunded = withPayment({ refunded: 999 })
    expect(asked(99, refunded, { full_refund: 'keep' })).toMatchObject({ desired: 'running' })
    const suspended = asked(0, refunded, { full_refund: 'suspend' })
    expect(asked(99, suspended, { full_refund: 'suspend' })).toMatchObject({
      desired: 'suspended',
      warning: null,
    })
  })

  test('no order ends without a warning, even if the service was down for weeks', () => {
    const refunded = asked(0, withPayment({ refunded: 999 }))
    const late = at(30, refunded)
    expect(late).toMatchObject({ desired: 'suspended', warning: { step: 'terminate', at: iso(31) } })
    expect(at(31, known(late, 31))).toMatchObject({ desired: 'terminated' })
  })

  test.each([
    ['inquiry', 'paid', 'running'],
    ['open', 'disputed', 'suspended'],
    ['won', 'paid', 'running'],
    ['lost', 'disputed', 'suspended'],
  ] as const)('a dispute that is %s makes it %s and %s', (dispute, billing_status, desired) => {
    expect(asked(0, withPayment({ dispute }))).toMatchObject({ billing_status, desired })
  })

  test('a lost dispute ends after the retention, which counts from the loss, and never without a question', () => {
    const disputed = asked(0, withPayment({ dispute: 'open' }))
    const lost = asked(60, { ...disputed, money: withPayment({ dispute: 'lost' }).money })
    expect(lost).toMatchObject({ desired: 'suspended', billing_status: 'disputed', warning: null })
    expect(at(65.9, known(lost, 65))).toMatchObject({ warning: null, money_due_at: iso(66) })
    const warned = at(66, lost)
    expect(warned).toMatchObject({ desired: 'suspended', warning: { step: 'terminate', at: iso(67) } })
    expect(evaluated(67, warned)).toMatchObject({ mustAsk: true, order: { desired: 'suspended' } })
    expect(at(67, known(warned, 67))).toMatchObject({ desired: 'terminated' })
  })

  test('a bank may take its time: nothing ends meanwhile, and the retention begins after it', () => {
    const disputed = asked(0, withPayment({ dispute: 'open', refunded: 999 }))
    expect(asked(90, disputed)).toMatchObject({ desired: 'suspended', warning: null })
    const won = { ...disputed, money: withPayment({ dispute: 'won', refunded: 999 }).money }
    expect(asked(90, won)).toMatchObject({
      desired: 'suspended',
      suspended_at: iso(90),
      warning: null,
    })
    expect(at(95.9, known(asked(90, won), 95))).toMatchObject({ warning: null, money_due_at: iso(96) })
    expect(at(96, asked(90, won))).toMatchObject({ warning: { step: 'terminate', at: iso(97) } })
  })

  test('what is suspended is looked up daily: the event of a dispute that was won may be lost', () => {
    const disputed = asked(0, withPayment({ dispute: 'open' }))
    expect(disputed.money_due_at).toBe(iso(1))
    expect(evaluated(0.9, disputed).mustAsk).toBe(false)
    expect(evaluated(1, disputed).mustAsk).toBe(true)
    const won = { ...disputed, money: withPayment({ dispute: 'won' }).money }
    expect(asked(1, won)).toMatchObject({ desired: 'running', suspended_at: null, money_due_at: null })
  })

  test('a suspicious payment is held while there is no server, unless a person released it', () => {
    const suspicious = withPayment({ fraud_warning: 'Stolen card' })
    const held = asked(0, { ...suspicious, ptero_server_id: null })
    expect(held).toMatchObject({ desired: 'none', status: 'error', error_message: 'Held: Stolen card' })
    expect(asked(0, suspicious)).toMatchObject({ desired: 'running' })
    const released = { ...held, delivery: { ...held.delivery, released: true } }
    expect(asked(0, released)).toMatchObject({ desired: 'running', error_message: null })
  })
})

describe('paid by the month', () => {
  test('a paid period is evaluated when it ends, and nothing is done at once', () => {
    const running = subscribed({})
    expect(at(-10, running)).toMatchObject({ billing_status: 'paid', money_due_at: iso(0), warning: null })
    expect(evaluated(0.05, running)).toMatchObject({ mustAsk: false, order: { billing_status: 'paid' } })
  })

  test('silence is worth a question, and nothing more without an answer', () => {
    const running = subscribed({})
    for (const days of [0.1, 2.5, 30])
      expect(evaluated(days, running)).toMatchObject({
        mustAsk: true,
        order: { billing_status: 'paid', desired: 'running', warning: null },
      })
  })

  test('an unreported renewal suspends nobody: it is a finding, and looked up every day', () => {
    const asked = unanswered(subscribed({}), 0.1)
    const running = at(0.1, asked)
    expect(running).toMatchObject({
      billing_status: 'paid',
      desired: 'running',
      warning: null,
      money_due_at: iso(1.1),
      money: { findings: [{ kind: 'running_unpaid', about: 'sub_1' }] },
    })
    expect(evaluated(30, unanswered(running, 29.5))).toMatchObject({
      mustAsk: false,
      order: { desired: 'running' },
    })
    expect(evaluated(30.6, unanswered(running, 29.5))).toMatchObject({ mustAsk: true })
  })

  test('a paid order whose period is unknown is asked about two hours later, and then every day', () => {
    const sold = paidFor({ ...ofSubscription, paid_until: null })
    const waits = at(0, { ...sold, money_due_at: null })
    expect(waits.money_due_at).toBe(iso(2 / 24))
    expect(evaluated(1 / 24, waits)).toMatchObject({ mustAsk: false, order: { money_due_at: iso(2 / 24) } })
    expect(evaluated(2 / 24, waits)).toMatchObject({ mustAsk: true, order: { desired: 'running' } })
    const open = at(2 / 24, unanswered(waits, 2 / 24))
    expect(open).toMatchObject({ desired: 'running', money_due_at: iso(1 + 2 / 24) })
    expect(evaluated(1 + 2 / 24, open)).toMatchObject({ mustAsk: true })
  })

  test('a trial whose end is not reported is asked about two hours after it', () => {
    const trial = { status: 'trialing', trial_end: iso(5), paid_until: null } as const
    const before = { ...subscribed(trial), money_due_at: null }
    const sold = {
      ...before,
      money: { ...before.money, payments: withPayment({ paid_until: null }, before).money.payments },
    }
    expect(at(0, sold)).toMatchObject({ desired: 'running', money_due_at: iso(5 + 2 / 24) })
    expect(evaluated(5 + 2 / 24, sold)).toMatchObject({ mustAsk: true, order: { desired: 'running' } })
  })

  test('a dispute about the time before a trial does not suspend during the trial', () => {
    const lost = withPayment({ dispute: 'lost' }, subscribed({ status: 'trialing', trial_end: iso(5) }))
    expect(asked(0, lost)).toMatchObject({ desired: 'running', billing_status: 'paid' })
  })

  test('a failed renewal is past due, warned a day before, and suspended after another question', () => {
    const asked = known(subscribed({ status: 'past_due' }), 0.1)
    const late = at(0.1, asked)
    expect(late).toMatchObject({ billing_status: 'past_due', desired: 'running', money_due_at: iso(2) })
    const warned = at(2, late)
    expect(warned.warning).toEqual({
      step: 'suspend',
      at: iso(3),
      reason: 'Its renewal of 2026-12-01 is not paid.',
    })
    expect(evaluated(3, warned)).toMatchObject({ mustAsk: true, order: { desired: 'running' } })
    expect(at(3, known(warned, 3))).toMatchObject({ desired: 'suspended', suspended_at: iso(3) })
  })

  test('a card that fails makes it past due at once', () => {
    const failing = subscribed({ status: 'past_due' })
    expect(at(0.01, failing)).toMatchObject({ billing_status: 'past_due', desired: 'running' })
    expect(at(2.5, failing)).toMatchObject({ warning: { step: 'suspend', at: iso(3) } })
  })

  test.each<[Partial<Subscription>]>([
    [{ status: 'unpaid' }],
    [{ status: 'paused' }],
    [{ uncollectible: true }],
  ])('when Stripe gives up it is suspended at once: %j', (changes) => {
    expect(evaluated(0, subscribed(changes))).toMatchObject({ mustAsk: true, order: { desired: 'running' } })
    const given = at(0, known(subscribed(changes), 0))
    expect(given).toMatchObject({ billing_status: 'past_due', desired: 'suspended', suspended_at: iso(0) })
    expect(at(6, given)).toMatchObject({ warning: { step: 'terminate', at: iso(7) } })
    const due = at(7, at(6, given))
    expect(due).toMatchObject({ desired: 'suspended' })
    expect(at(7, known(at(6, given), 7))).toMatchObject({ desired: 'terminated' })
  })

  test('a payment that arrives before its subscription counts', () => {
    const unpaid = at(0, known(subscribed({ status: 'unpaid' }), 0))
    const paid = after(
      applyPayment(
        unpaid,
        payment({ ...ofSubscription, payment_id: 'in_2', kind: 'renewal', paid_until: iso(30) }),
        selling({ small: 999 }, { now: day(1) }),
      ),
    )
    expect(paid).toMatchObject({ billing_status: 'paid', desired: 'running', suspended_at: null })
  })

  test('a cancellation warns before, and ends when Stripe reports it', () => {
    const ending = subscribed({ cancel_at: iso(0) })
    expect(at(-2, ending)).toMatchObject({ warning: null, money_due_at: iso(-1) })
    expect(at(-1, ending)).toMatchObject({
      warning: { step: 'suspend', at: iso(0), reason: 'Its subscription ends then.' },
    })
    const reported = subscribed({ status: 'canceled', ended_at: iso(0) })
    expect(evaluated(0, reported)).toMatchObject({ mustAsk: true, order: { desired: 'running' } })
    const over = at(0, known(reported, 0))
    expect(over).toMatchObject({ billing_status: 'ended', desired: 'suspended', money_due_at: iso(6) })
    expect(evaluated(7, at(6, over))).toMatchObject({ mustAsk: true, order: { desired: 'suspended' } })
    expect(at(7, known(at(6, over), 7))).toMatchObject({ desired: 'terminated' })
  })

  test('an earlier period that went back is made good by a later one that is paid', () => {
    const renewed = after(
      applyPayment(
        withPayment({ ...ofSubscription, refunded: 999 }, subscribed({})),
        payment({ ...ofSubscription, payment_id: 'in_2', kind: 'renewal', paid_until: iso(30) }),
      ),
    )
    expect(renewed).toMatchObject({ billing_status: 'paid', desired: 'running' })
  })
})

test('of the seller and the billing the stricter one wins, and what has ended never comes back', () => {
  const refunded = withPayment({ refunded: 999 })
  expect(at(0, { ...withPayment({}), wanted: 'suspended' })).toMatchObject({
    desired: 'suspended',
    suspended_at: null,
  })
  expect(asked(0, { ...refunded, wanted: 'suspended' })).toMatchObject({
    desired: 'suspended',
    suspended_at: iso(0),
  })
  expect(at(0, { ...withPayment({}), wanted: 'terminated' })).toMatchObject({ desired: 'terminated' })
  expect(at(0, { ...withPayment({}), desired: 'terminated' })).toMatchObject({ desired: 'terminated' })
})

test('an order that has ended leaves no subscription behind that asks for more', () => {
  const ended = { ...subscribed({}), wanted: 'terminated' } as const
  expect(at(-5, ended)).toMatchObject({ desired: 'terminated', money_due_at: iso(-5) })
  expect(at(-5, { ...subscribed({ status: 'canceled' }), wanted: 'terminated' })).toMatchObject({
    money_due_at: null,
  })
})

test('an order that was never accepted wants no server, whatever becomes of its payments', () => {
  const held = after(applyPayment(order(), payment({ paid: { amount: 1, currency: 'eur' } })))
  expect(at(0, held)).toMatchObject({ desired: 'none', status: 'error', billing_status: 'paid' })
  const [first] = held.money.payments
  const back = { ...held, money: { ...held.money, payments: [{ ...first, refunded: 1 } as PaymentState] } }
  const refunded = asked(0, back)
  expect(refunded).toMatchObject({ desired: 'none', billing_status: 'refunded', suspended_at: iso(0) })
  expect(at(7, known(at(6, refunded), 7))).toMatchObject({ desired: 'terminated' })
})

function evaluated(days: number, before: Order, policy: Partial<Policy> = {}) {
  const evaluation = evaluateBilling(before, { policy: { ...defaultPolicy, ...policy }, now: day(days) })
  return { ...evaluation, order: withStatus(evaluation) }
}

function at(days: number, before: Order, policy: Partial<Policy> = {}): Order {
  return evaluated(days, before, policy).order
}

function paidFor(changes: Partial<Payment>): Order {
  const paid = after(applyPayment(order(), payment(changes), selling({ small: 999 }, { now: day(-30) })))
  return after(applyServer(paid, server()))
}

function withPayment(changes: Partial<PaymentState>, before = paidFor({})): Order {
  const payments = before.money.payments.map((one) => ({ ...one, ...changes }))
  return { ...before, money: { ...before.money, payments } }
}

function subscribed(changes: Partial<Subscription>): Order {
  const rules = selling({ small: 999 }, { now: day(-30) })
  // Stripe moves the period when it renews, before it collects.
  const isRenewed = changes.status !== undefined || changes.uncollectible === true
  const current_period_end = isRenewed ? iso(30) : paidUntil
  const said = subscription({ paid_until: paidUntil, current_period_end, ...changes })
  const next = after(applySubscription(paidFor(ofSubscription), said, rules))
  // As it stood when that was said is another matter.
  return { ...next, desired: 'running', suspended_at: null, warning: null }
}

/** The same, once Stripe was asked and reported what is known. */
function asked(days: number, before: Order, policy: Partial<Policy> = {}): Order {
  return at(days, known(before, days), policy)
}

/** Stripe was asked, and reported again what is known. */
function known(before: Order, days: number): Order {
  const summary = summarizeBilling(before, day(days).getTime())
  const confirmed = confirmableReasons(summary)
  const givenUp = summary.nonPayment?.isGivenUp ? { confirmed_given_up: true } : {}
  return { ...before, money: { ...before.money, asked_at: iso(days), confirmed, ...givenUp } }
}

/** Stripe was asked, and reported neither a payment nor a failure. */
function unanswered(before: Order, days: number): Order {
  return { ...before, money: { ...before.money, asked_at: iso(days), confirmed: [] } }
}

function after(decision: Decision): Order {
  if (decision.kind === 'ignored') throw new Error(`Ignored as ${decision.reason}`)
  return decision.order
}
