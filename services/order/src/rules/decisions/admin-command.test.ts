import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { order, payment, selling, server } from '../../../test/fixtures.ts'
import type { Decision } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { type AdminCommand, applyAdminCommand } from './admin-command.ts'
import { applyPayment } from './apply-payment.ts'
import { applyServer } from './apply-server.ts'
import { decideHeldOrder } from './decide-held-order.ts'

const reason = 'the customer asked'
const rules = selling({ small: 999, large: 1999 })
const paid = after(applyPayment(order(), payment()))
const running = after(applyServer(paid, server()))
const held = after(applyPayment(order(), payment({ paid: { amount: 1, currency: 'eur' } })))
const customer = { id: 'c-2', email: 'b@example.com', name: 'B' }

describe('commands of a seller', () => {
  test.each<[AdminCommand, Order, object]>([
    [
      { do: 'suspend' },
      running,
      {
        event: 'order.suspended',
        note: `Suspended: ${reason}`,
        order: { desired: 'suspended', status: 'provisioned' },
      },
    ],
    [
      { do: 'resume' },
      commanded(running, { do: 'suspend' }),
      { event: 'order.resumed', note: `Resumed: ${reason}`, order: { desired: 'running', version: 4 } },
    ],
    [
      { do: 'terminate' },
      running,
      { event: 'order.ended', note: `Ended: ${reason}`, order: { desired: 'terminated', version: 3 } },
    ],
    [{ do: 'terminate' }, held, { event: 'order.ended', order: { desired: 'terminated', status: 'error' } }],
    [
      { do: 'change-plan', plan: 'large' },
      running,
      {
        event: 'order.changed',
        note: `Plan small → large: ${reason}`,
        previousPlan: 'small',
        order: { plan: 'large', price: { amount: 1999 }, desired: 'running', version: 3 },
      },
    ],
    [
      { do: 'rename', server_name: 'Castle' },
      running,
      { event: 'order.changed', note: `Renamed: ${reason}`, order: { server_name: 'Castle', version: 3 } },
    ],
    [
      { do: 'change-owner', customer },
      running,
      { event: 'order.changed', note: `Owner changed: ${reason}`, order: { customer, version: 3 } },
    ],
  ])('is published with its reason: %j', (command, before, expected) => {
    expect(decide(before, command)).toMatchObject({ kind: 'apply', ...expected })
  })

  test('agrees to a reinstall for its plan alone, also for one that the order has already', () => {
    const as = (command: AdminCommand, before = running) => decide(before, command)
    expect(as({ do: 'change-plan', plan: 'large', reinstall: true })).toMatchObject({
      order: { plan: 'large', delivery: { reinstall_for: 'large' } },
    })
    const later = commanded(running, { do: 'change-plan', plan: 'small', reinstall: true })
    expect(later).toMatchObject({ plan: 'small', version: 3, delivery: { reinstall_for: 'small' } })
    expect(as({ do: 'change-plan', plan: 'small', reinstall: true }, later)).toEqual({ kind: 'unchanged' })
    expect(as({ do: 'change-plan', plan: 'large' }, later)).toMatchObject({
      order: { delivery: { reinstall_for: null } },
    })
  })

  test.each<[AdminCommand, Order]>([
    [{ do: 'resume' }, running],
    [{ do: 'suspend' }, commanded(running, { do: 'suspend' })],
    [{ do: 'terminate' }, commanded(running, { do: 'terminate' })],
    [{ do: 'change-plan', plan: 'small' }, running],
    [{ do: 'rename', server_name: 'Home' }, running],
    [{ do: 'change-owner', customer: running.customer }, running],
  ])('a second time changes nothing: %j', (command, before) => {
    expect(decide(before, command)).toEqual({ kind: 'unchanged' })
  })

  test.each<[string, AdminCommand, Order]>([
    ['order_terminated', { do: 'resume' }, commanded(running, { do: 'terminate' })],
    ['order_terminated', { do: 'suspend' }, commanded(held, { do: 'terminate' })],
    ['order_terminated', { do: 'rename', server_name: 'X' }, commanded(running, { do: 'terminate' })],
    ['order_without_server', { do: 'suspend' }, order()],
    ['order_without_server', { do: 'terminate' }, order()],
    ['order_without_server', { do: 'resume' }, held],
    ['unknown_plan', { do: 'change-plan', plan: 'huge' }, running],
  ])('is refused as %s: %j', (code, command, before) => {
    expect(decide(before, command)).toMatchObject({ kind: 'refused', code, why: expect.any(String) })
  })
})

test('a failed server does not bring back an order that is to be suspended or has ended', () => {
  const failed = server({ version: 3, status: 'failed', error_message: 'No such egg' })
  for (const what of ['suspend', 'terminate'] as const) {
    const stuck = after(applyServer(commanded(running, { do: what }), failed))
    expect(stuck).toMatchObject({ status: 'error', error_message: 'No such egg' })
    expect(decideHeldOrder(stuck, {}, rules)).toMatchObject({ code: 'order_not_held' })
  }
})

test('the status of an order is that of its server, whatever is wanted of it', () => {
  const serverState = (status: 'suspended' | 'terminated') => server({ version: 3, status })
  const suspended = after(applyServer(commanded(running, { do: 'suspend' }), serverState('suspended')))
  expect(suspended).toMatchObject({ status: 'suspended', desired: 'suspended' })
  expect(commanded(suspended, { do: 'resume' })).toMatchObject({ status: 'suspended', desired: 'running' })
  const ended = after(applyServer(commanded(running, { do: 'terminate' }), serverState('terminated')))
  expect(ended).toMatchObject({ status: 'terminated', error_message: null })
})

const commands: fc.Arbitrary<AdminCommand> = fc.oneof(
  fc.constantFrom<AdminCommand>({ do: 'suspend' }, { do: 'resume' }, { do: 'terminate' }),
  fc.constantFrom('small', 'large', 'huge').map((plan) => ({ do: 'change-plan', plan }) as const),
  fc.constantFrom('Home', 'Castle').map((server_name) => ({ do: 'rename', server_name }) as const),
)
const happenings = fc.array(
  fc.oneof(
    commands.map((command) => ({ command })),
    fc.constantFrom('cs_1', 'cs_2').map((payment_id) => ({ payment: payment({ payment_id }) })),
    fc
      .record({
        version: fc.integer({ min: 1, max: 9 }),
        status: fc.constantFrom('waiting', 'provisioned', 'failed', 'suspended', 'terminated'),
      })
      .map((serverState) => ({ server: server(serverState) })),
  ),
  { maxLength: 20 },
)

test('whatever else happens, an order that has ended stays so, and each of its events has a higher version', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      let current = order()
      for (const one of all) {
        const before = current
        const decision =
          'command' in one
            ? decide(before, one.command)
            : 'payment' in one
              ? applyPayment(before, one.payment)
              : applyServer(before, one.server)
        if (decision.kind !== 'apply') continue
        current = decision.order
        if (before.desired === 'terminated') expect(current.desired).toBe('terminated')
        if (before.billing_status === 'paid') expect(current.billing_status).toBe('paid')
        expect(current.version - before.version).toBe(decision.event === null ? 0 : 1)
      }
    }),
    { numRuns: 2_000 },
  )
})

function decide(before: Order, command: AdminCommand) {
  return applyAdminCommand(before, { command, reason }, rules)
}

function commanded(before: Order, command: AdminCommand): Order {
  const decision = decide(before, command)
  if (decision.kind !== 'apply') throw new Error(`Not granted: ${decision.kind}`)
  return decision.order
}

function after(decision: Decision): Order {
  if (decision.kind === 'ignored') throw new Error(`Ignored as ${decision.reason}`)
  return decision.order
}
