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
import { order, payment } from '../../../test/fixtures.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { reevaluateOrder } from '../decisions/reevaluate-order.ts'
import type { Order } from '../order/order.ts'

const month = (n: number, changes: Partial<Payment> = {}) =>
  payment({
    ...{ ...of, payment_id: `in_${n + 1}`, kind: 'renewal' },
    lines: [line({ start: iso(30 * n), end: iso(30 * n + 30) })],
    ...{ paid_from: iso(30 * n), paid_until: iso(30 * n + 30) },
    ...changes,
  })
const large = (changes = {}) => item({ price: 'price_large', plan: 'large', amount: 1_999, ...changes })

describe('Who pays less', () => {
  test('D1 sent invoices: month 2 is never paid, month 3 is: told', () => {
    const rules = shop()
    const sent = { collection_method: 'send_invoice' as const }
    const open = { status: 'failed' as const, invoice_status: 'open' as const, amount_remaining: 999 }
    const items = [item({ current_period_end: iso(90) })]
    const second = month(1, {
      ...open,
      due_at: iso(60),
      failure: 'The invoice was not paid by its due date.',
    })
    const active = sub({
      version: 2,
      ...sent,
      current_period_end: iso(90),
      paid_from: iso(60),
      paid_until: iso(90),
      items,
    })
    const third = month(2)
    const late = bought(at(rules, 62), active, second, third)
    const now = asked(at(rules, 70), late, { ...active, version: 3 }, [second, third])
    expect(now.desired).toBe('running')
    expect(told(now)).toBe(true)
  })

  test('D2 an upgrade with proration_behavior none in the first period: the bigger server is paid as the small one: told', () => {
    const rules = shop()
    const up = sub({ version: 2, plan: 'large', items: [large()] })
    const now = asked(at(rules, 6), bought(at(rules, 5), up), { ...up, version: 3 }, [first()])
    expect(now).toMatchObject({ plan: 'large', desired: 'running' })
    expect(found(now)).toContain('underpaid')
  })

  test('D2b the same in a later period', () => {
    const rules = shop()
    const up = sub({
      version: 2,
      plan: 'large',
      current_period_end: iso(60),
      paid_from: iso(30),
      paid_until: iso(60),
      items: [large({ current_period_end: iso(60) })],
    })
    const now = asked(at(rules, 36), bought(at(rules, 35), month(1), up), { ...up, version: 3 }, [
      first(),
      month(1),
    ])
    expect(now).toMatchObject({ plan: 'large', desired: 'running' })
    expect(found(now)).toContain('underpaid')
  })

  test('D4 an upgrade with payment_behavior default_incomplete, never confirmed: past_due, told', () => {
    const rules = shop()
    const up = sub({ version: 2, status: 'past_due', plan: 'large', items: [large()] })
    const now = asked(at(rules, 6), bought(at(rules, 5), up), { ...up, version: 3 }, [first()])
    expect(now).toMatchObject({ plan: 'large' })
    expect(told(now)).toBe(true)
  })

  test('D6 collection is paused; an unrelated invoice with a late due date does not hide that nobody pays', () => {
    const rules = shop()
    const paused = sub({
      version: 2,
      pause_collection: { behavior: 'void', resumes_at: null },
      current_period_end: iso(120),
      items: [item({ current_period_end: iso(120) })],
    })
    const setup = payment({
      ...{ ...of, payment_id: 'in_setup', kind: 'change', status: 'pending', invoice_status: 'open' },
      ...{ due_at: iso(150), lines: [], paid_until: null, amount_remaining: 500 },
      paid: { amount: 500, currency: 'eur' },
    })
    const now = asked(at(rules, 95), bought(at(rules, 92), paused, setup), { ...paused, version: 3 }, [
      first(),
      setup,
    ])
    expect(found(now)).toContain('running_unpaid')
  })

  test('D7 the present period is credited in full to the balance (credit note), and the next one is paid from it', () => {
    const rules = shop()
    const next = sub({
      version: 2,
      current_period_end: iso(60),
      paid_from: iso(30),
      paid_until: iso(60),
      items: [item({ current_period_end: iso(60) })],
    })
    const free = month(1, { collected: 0 })
    const now = asked(at(rules, 36), bought(at(rules, 35), free, next), { ...next, version: 3 }, [
      first(),
      free,
    ])
    expect(told(now)).toBe(true)
  })
})

describe('Who has paid', () => {
  const upgraded = () => {
    const up = sub({
      version: 2,
      plan: 'large',
      current_period_end: iso(60),
      paid_from: iso(30),
      paid_until: iso(60),
      items: [large({ current_period_end: iso(60) })],
    })
    const change = payment({
      ...{ ...of, payment_id: 'in_up', kind: 'change' },
      ...{ paid: { amount: 833, currency: 'eur' }, collected: 833 },
      lines: [
        line({ amount: -833, proration: true, start: iso(35), end: iso(60) }),
        line({ price: 'price_large', amount: 1_666, proration: true, start: iso(35), end: iso(60) }),
      ],
      ...{ paid_from: null, paid_until: null },
    })
    return { up, change }
  }
  test('D3 an upgrade in a renewed month with always_invoice, paid: not underpaid', () => {
    const rules = shop()
    const { up, change } = upgraded()
    const now = asked(at(rules, 36), bought(at(rules, 35), month(1), up, change), { ...up, version: 3 }, [
      first(),
      month(1),
      change,
    ])
    expect(now).toMatchObject({ plan: 'large' })
    expect(found(now)).toEqual([])
  })
  test('D3b … and is not suspended under underpaid: suspend', () => {
    const rules = shop({ underpaid: 'suspend' })
    const { up, change } = upgraded()
    const now = asked(at(rules, 36), bought(at(rules, 35), month(1), up, change), { ...up, version: 3 }, [
      first(),
      month(1),
      change,
    ])
    expect(now.desired).toBe('running')
  })

  test('D5 two plans in one subscription: pays 9.99 + 19.99 and gets one server: held or told', () => {
    const rules = shop({}, ['price_small'])
    const two = first({
      paid: { amount: 2_998, currency: 'eur' },
      lines: [line(), line({ item: 'si_2', price: 'price_large', plan: 'large', amount: 1_999 })],
    })
    const paid = done(applyPayment(order(), two, rules))
    const items = [item(), large({ item: 'si_2' })]
    const known = receive(rules, paid, sub({ items }))
    expect(known.status === 'error' || told(known)).toBe(true)
  })

  test('D5b quantity of a listed Price goes from 1 to 3: pays for three, gets one: told', () => {
    const rules = shop({}, ['price_small'])
    const three = sub({
      version: 2,
      current_period_end: iso(60),
      paid_from: iso(30),
      paid_until: iso(60),
      items: [item({ quantity: 3, current_period_end: iso(60) })],
    })
    const paid = month(1, {
      lines: [line({ quantity: 3, amount: 2_997, start: iso(30), end: iso(60) })],
      paid: { amount: 2_997, currency: 'eur' },
    })
    expect(told(bought(at(rules, 31), three, paid))).toBe(true)
  })

  test('D8 the grace is shortened: suspended only after Stripe was asked, not by what it said days ago', () => {
    const late = sub({
      version: 2,
      status: 'past_due',
      current_period_end: iso(60),
      items: [item({ current_period_end: iso(60) })],
    })
    const open = renewal({ status: 'failed', invoice_status: 'open', attempts: 1 })
    const long = shop({ grace_days: 20 })
    const before = asked(at(long, 31), bought(at(long, 30.1), late, open), { ...late, version: 3 }, [
      first(),
      open,
    ])
    expect(before.desired).toBe('running')
    // On day 40 the customer pays, and the event is lost; on day 45 the seller sends a grace of one day.
    const short = shop({ grace_days: 0.5 })
    const after = done(reevaluateOrder(before, before, { rules: at(short, 45) }))
    expect(after.desired).toBe('running')
  })

  test('D9 dunning cancels in a paid month; the open invoice is paid and its event lost: asked before it is suspended', () => {
    const rules = shop()
    const ended = sub({
      version: 2,
      status: 'canceled',
      ended_reason: 'payment_failed',
      ended_at: iso(12),
      current_period_end: iso(30),
    })
    const over = bought(at(rules, 12), ended)
    expect(over.desired).toBe('running')
    const due = done(reevaluateOrder(over, over, { rules: at(rules, 30.01) }))
    // Nobody asked Stripe since day 12, or ever.
    expect({ desired: due.desired, asked: due.money.asked_at ?? null }).toEqual({
      desired: 'running',
      asked: null,
    })
  })
})

export type { Order }
