import { describe, expect, test } from 'vitest'
import {
  asked,
  at,
  bought,
  days,
  done,
  first,
  found,
  iso,
  item,
  line,
  receive,
  renewal,
  shop,
  sub,
} from '../../../test/billing-story.ts'
import { order } from '../../../test/fixtures.ts'
import { applyAdminCommand } from '../decisions/admin-command.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { decideHeldOrder } from '../decisions/decide-held-order.ts'

// One order is one server, whatever else its subscription charges for; the Price of the small plan is listed.

const rules = shop({}, ['price_small'])
const large = { item: 'si_2', price: 'price_large', plan: 'large', amount: 1_999 }

describe('Two plans in one subscription', () => {
  const two = first({ paid: { amount: 2_998, currency: 'eur' }, lines: [line(), line(large)] })
  const state = sub({ items: [item(), item(large)] })
  const held = receive(rules, done(applyPayment(order(), two, rules)), state)

  test('are held when they are bought, until a person accepts the amount', () => {
    expect(held).toMatchObject({
      ...{ status: 'error', desired: 'none' },
      error_message: expect.stringMatching(/^Paid 29\.98 EUR where the order costs 9\.99 EUR/),
    })
    expect(receive(rules, held, { ...two, version: 2 })).toMatchObject({ desired: 'none' })
    const accepted = decideHeldOrder(held, { accept_amount: true, reason: 'One is enough.' }, rules)
    if (accepted.kind !== 'apply') throw new Error(accepted.why)
    expect(accepted.order).toMatchObject({ desired: 'running' })
    expect(found(receive(rules, accepted.order, { ...state, version: 2 }))).toEqual([])
  })

  test('are told of when the second one comes later', () => {
    const later = bought(rules, { ...state, version: 2 })
    expect(later).toMatchObject({ desired: 'running', plan: 'small' })
    expect(later.money.findings).toMatchObject([
      {
        kind: 'plan_price_mismatch',
        finding: expect.stringContaining('9.99 EUR a month and 19.99 EUR a month'),
      },
    ])
  })

  test('are told of where both are of the same plan', () => {
    const again = { ...item(), item: 'si_2', price: 'price_small_2' }
    expect(found(bought(rules, sub({ version: 2, items: [item(), again] })))).toEqual(['plan_price_mismatch'])
  })

  test('are one plan and an add-on where the other names no plan', () => {
    const addOn = { ...large, plan: null }
    expect(found(bought(rules, sub({ version: 2, items: [item(), item(addOn)] })))).toEqual([])
  })
})

test('more units of a listed Price than were bought are told of', () => {
  const three = sub({
    ...{ version: 2, current_period_end: iso(60), paid_from: iso(30), paid_until: iso(60) },
    items: [item({ quantity: 3, current_period_end: iso(60) })],
  })
  const paid = renewal({
    lines: [line({ quantity: 3, amount: 2_997, start: iso(30), end: iso(60) })],
    paid: { amount: 2_997, currency: 'eur' },
  })
  expect(bought(at(rules, 31), three, paid).money.findings).toMatchObject([
    { kind: 'plan_price_mismatch', finding: expect.stringContaining('9.99 EUR × 3 a month') },
  ])
  const threeAtOnce = first({
    lines: [line({ quantity: 3, amount: 2_997 })],
    paid: { amount: 2_997, currency: 'eur' },
  })
  const held = done(applyPayment(order(), threeAtOnce, rules))
  const accepted = decideHeldOrder(held, { accept_amount: true, reason: 'One is enough.' }, rules)
  if (accepted.kind !== 'apply') throw new Error(accepted.why)
  expect(found(receive(at(rules, 31), accepted.order, three))).toEqual([])
})

describe('A subscription whose order_id somebody has changed at Stripe to that of another order', () => {
  const other = sub({ version: 2, order_id: 'o-2' })
  const known = asked(at(rules, 1), bought(rules, sub()), other, [first()])

  test('is told, and its server runs', () => {
    expect(known).toMatchObject({ desired: 'running' })
    expect(known.money.findings).toMatchObject([
      {
        kind: 'plan_price_mismatch',
        about: 'sub_1',
        finding: expect.stringContaining('names order o-2 by now'),
      },
    ])
    expect(found(asked(at(rules, 2), known, sub({ version: 3 }), [first()]))).toEqual([])
  })

  test('is not cancelled with this order, for it may pay for the other one', () => {
    const terminate = (choice: object) =>
      applyAdminCommand(known, { command: { do: 'terminate', ...choice }, reason: 'Moved' }, rules)
    expect(terminate({})).toMatchObject({ kind: 'refused', code: 'subscription_undecided' })
    expect(terminate({ subscription: 'keep' })).toMatchObject({
      order: { desired: 'terminated', money_due_at: null },
    })
    const lost = first({ version: 2, dispute: 'lost', disputed: { open: 0, lost: 999 }, disputed_at: iso(2) })
    const { now } = days(rules, receive(at(rules, 2), known, lost), [2, 12], { ...other, version: 3 }, [lost])
    expect(now).toMatchObject({ desired: 'terminated', money_due_at: null })
  })
})
