import { basil, checkoutSession, eventBody, stripeEvent, thinEvent } from '@spawnpoint/simulators'
import { describe, expect, test } from 'vitest'
import { translate } from './translate.ts'

const metadata = { order_id: 'order-1', region: 'eu' }
const testMode = { livemode: false }

function read(...[type, session, options]: Parameters<typeof stripeEvent>) {
  return translate(JSON.parse(eventBody(stripeEvent(type, session, options))), testMode)
}

describe('A session of ours', () => {
  test('completed and paid has succeeded, with what was paid and who paid', () => {
    const session = checkoutSession({
      metadata,
      amount_total: 1190,
      currency: 'eur',
      total_details: { amount_discount: 100, amount_shipping: 0, amount_tax: 190 },
    })
    expect(read('checkout.session.completed', session, { created: 1_790_000_000 })).toEqual({
      happenedAt: new Date(1_790_000_000_000),
      fact: expect.objectContaining({
        payment_id: session.id,
        status: 'succeeded',
        order_id: 'order-1',
        region: 'eu',
        plan: null,
        paid: { amount: 1190, currency: 'eur' },
        discount: 100,
        tax: 190,
        nothing_owed: false,
        payment_intent_id: session.payment_intent,
        customer_email: 'player@example.com',
      }),
    })
  })

  test.each([
    ['checkout.session.completed', 'paid', 'succeeded'],
    ['checkout.session.completed', 'no_payment_required', 'succeeded'],
    ['checkout.session.completed', 'unpaid', 'pending'],
    ['checkout.session.async_payment_succeeded', 'paid', 'succeeded'],
    ['checkout.session.async_payment_failed', 'unpaid', 'failed'],
    ['checkout.session.expired', 'unpaid', 'expired'],
  ] as const)('%s and %s is %s', (type, payment_status, status) => {
    expect(read(type, checkoutSession({ metadata, payment_status }))).toMatchObject({ fact: { status } })
  })

  test('owes nothing when a voucher left nothing to pay', () => {
    const session = checkoutSession({ metadata, amount_total: 0 })
    expect(read('checkout.session.completed', session)).toMatchObject({
      fact: { nothing_owed: true, paid: { amount: 0 } },
    })
  })

  test('is one also without an order, when its metadata names a plan', () => {
    const session = checkoutSession({ metadata: { plan: 'small', region: 'eu', server_name: 'Ours' } })
    expect(read('checkout.session.completed', session)).toMatchObject({
      fact: { order_id: null, plan: 'small', region: 'eu', server_name: 'Ours' },
    })
  })

  test('reads the same in the shape of an older API version', () => {
    const session = checkoutSession({ metadata })
    expect(
      read('checkout.session.completed', session, { apiVersion: basil, created: 1_790_000_000 }),
    ).toEqual(read('checkout.session.completed', session, { created: 1_790_000_000 }))
  })
})

describe('An event that says nothing to us', () => {
  const paid = stripeEvent('checkout.session.completed', checkoutSession({ metadata }))
  test.each([
    ['thin_event', thinEvent(paid)],
    ['type_not_used', { ...paid, type: 'invoice.paid' }],
    ['type_not_used', { ...paid, type: 'toString' }],
    ['wrong_mode', { ...paid, livemode: true }],
    ['connected_account', { ...paid, account: 'acct_1' }],
    [
      'not_ours',
      stripeEvent('checkout.session.completed', checkoutSession({ client_reference_id: 'theirs' })),
    ],
    ['not_a_sale', stripeEvent('checkout.session.completed', checkoutSession({ metadata, mode: 'setup' }))],
  ])('is ignored as %s', (ignored, event) => {
    expect(translate(event, testMode)).toEqual({ ignored })
  })
})

test('A session without an amount is an error, never a free server', () => {
  expect(() =>
    read('checkout.session.completed', checkoutSession({ metadata, amount_total: null })),
  ).toThrow()
})
