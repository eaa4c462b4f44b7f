import type { Payment, Subscription } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { at, days, done, first, iso, line, receive, shop, sub } from '../../../test/billing-story.ts'
import { order, server } from '../../../test/fixtures.ts'
import { applyAdminCommand } from '../decisions/admin-command.ts'
import { applyPayment } from '../decisions/apply-payment.ts'
import { applyServer } from '../decisions/apply-server.ts'
import type { Order } from '../order/order.ts'

// Who paid for a server that never was, and pays no more, waits for a person until the money is back.

const rules = shop()
const paid = first({ paid: { amount: 500, currency: 'eur' }, lines: [line({ amount: 500 })] })
const held = done(applyPayment(order(), paid, rules))
const failed = done(
  applyServer(
    done(applyPayment(order(), first(), rules)),
    server({ status: 'failed', ptero_server_id: null }),
    rules,
  ),
)
const over = { status: 'canceled', ended_at: iso(2), ended_reason: 'cancellation_requested' } as const
const late = { status: 'past_due', current_period_end: iso(60) } as const

function after60Days(before: Order, payment: Payment, changes: Partial<Subscription>): Order {
  const state = sub({ version: 2, ...changes })
  return days(rules, receive(at(rules, 2), before, state), [2, 62], { ...state, version: 3 }, [payment]).now
}

test.each<[string, Order, Payment, Partial<Subscription>]>([
  ['is held and its subscription cancelled', held, paid, over],
  ['is held and its renewal not paid', held, paid, late],
  ['could not be made and its subscription cancelled', failed, first(), over],
])('an order that %s is ended by no clock, but by a refund or an operator', (_, before, payment, changes) => {
  const waiting = after60Days(before, payment, changes)
  expect(waiting.status).toBe('error')
  expect(waiting.desired).not.toBe('terminated')
  const refunded = { ...payment, version: 2, refunded: payment.paid.amount }
  expect(days(rules, receive(at(rules, 63), waiting, refunded), [63, 75], null, [refunded]).now.desired).toBe(
    'terminated',
  )
  const command = { do: 'terminate', subscription: 'keep' } as const
  expect(applyAdminCommand(waiting, { command, reason: 'Paid back by transfer' }, rules)).toMatchObject({
    order: { desired: 'terminated' },
  })
})
