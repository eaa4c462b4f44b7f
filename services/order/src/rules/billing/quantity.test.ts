import type { InvoiceLine, SubscriptionItem } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { order, payment, selling, subscription } from '../../../test/fixtures.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applySubscription } from '../decisions/apply-subscription.ts'
import { decideHeldOrder } from '../decisions/decide-held-order.ts'
import type { Order } from '../order/order.ts'

const rules = selling({ small: 999 })
const two = { amount: 1_998, currency: 'eur' }
const id = { payment_id: 'sub_1', subscription_id: 'sub_1', order_id: 'o-1' }
const sentence =
  /^Bought 2 × small \(19\.98 EUR paid\), and one order is one server: held\. .*\/admin\/orders\/o-1\/decide/
const hold = { status: 'error', desired: 'none', error_message: expect.stringMatching(sentence) }

test('a first payment of two units is held with what was bought and the ways out', () => {
  expect(pay(order(), { lines: [line(2)] })).toMatchObject(hold)
})

test('it is held as soon as the invoice or the subscription reports the quantity', () => {
  const unread = pay(order(), {})
  expect(unread.error_message).toMatch(/^Paid 19\.98 EUR where the order costs/)
  expect(pay(unread, { version: 2, lines: [line(2)] })).toMatchObject(hold)
  const heard = after(applySubscription(unread, subscription({ items: [item(2)] }), rules))
  expect(heard).toMatchObject(hold)
})

test('two units are held though together they cost what the plan costs', () => {
  const dear = selling({ small: 1_998 })
  const held = after(applyPayment(order({ price: two }), paid({ lines: [line(2)] }), dear))
  expect(held).toMatchObject(hold)
  expect(after(applyPayment(held, paid({ version: 2, lines: [line(2)] }), dear))).toMatchObject(hold)
  expect(decideHeldOrder(held, {}, dear)).toMatchObject({ code: 'still_held' })
})

test('one server is made for them once a person accepts the amount', () => {
  const held = pay(order(), { lines: [line(2)] })
  expect(decideHeldOrder(held, {}, rules)).toMatchObject({ why: expect.stringMatching(sentence) })
  expect(decideHeldOrder(held, { accept_amount: true, reason: 'Agreed' }, rules)).toMatchObject({
    order: { desired: 'running', status: 'paid', error_message: null },
  })
})

function pay(before: Order, changes: object): Order {
  return after(applyPayment(before, paid(changes), rules))
}

function paid(changes: object) {
  return payment({ ...id, paid: two, ...changes })
}

function after(decision: ReturnType<typeof applyPayment>): Order {
  if (decision.kind === 'ignored') throw new Error(decision.reason)
  return decision.order
}

function line(quantity: number): InvoiceLine {
  return {
    ...{ item: 'si_1', price: 'price_1', plan: 'small', amount: 999 * quantity, quantity, proration: false },
    ...{ start: '2026-11-23T12:00:00.000Z', end: '2026-12-23T12:00:00.000Z' },
  }
}

function item(quantity: number): SubscriptionItem {
  return {
    ...{ item: 'si_1', price: 'price_1', plan: 'small', amount: 999, currency: 'eur', quantity },
    ...{ interval: 'month', interval_count: 1, current_period_end: null },
  }
}
