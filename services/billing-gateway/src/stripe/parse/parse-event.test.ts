import { readFileSync } from 'node:fs'
import { basil, checkoutSession, eventBody, stripeEvent, thinEvent } from '@spawnpoint/stripe-simulator'
import { describe, expect, test } from 'vitest'
import { handledEventTypes, parseStripeEvent } from './parse-event.ts'

const orderId = '7d3a9c1e-52b4-5f0e-9a61-0c8e4b7f2d35'
const metadata = { order_id: orderId, region: 'eu' }
const nobody = {
  address: null,
  business_name: null,
  individual_name: null,
  phone: null,
  tax_exempt: null,
  tax_ids: null,
}
const testMode = { livemode: false }

function read(...[type, session, options]: Parameters<typeof stripeEvent>) {
  return parseStripeEvent(JSON.parse(eventBody(stripeEvent(type, session, options))), testMode)
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
      fact: {
        about: 'payment',
        isOurs: true,
        payment: expect.objectContaining({
          payment_id: session.id,
          status: 'succeeded',
          order_id: orderId,
          region: 'eu',
          plan: null,
          paid: { amount: 1190, currency: 'eur' },
          discount: 100,
          tax: 190,
          nothing_owed: false,
          payment_intent_id: session.payment_intent,
          customer_email: 'player@example.com',
        }),
      },
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
    expect(read(type, checkoutSession({ metadata, payment_status }))).toMatchObject({
      fact: { payment: { status } },
    })
  })

  test('owes nothing when a voucher left nothing to pay', () => {
    const session = checkoutSession({ metadata, amount_total: 0 })
    expect(read('checkout.session.completed', session)).toMatchObject({
      fact: { payment: { nothing_owed: true, paid: { amount: 0 } } },
    })
  })

  test('is one also without an order, when its metadata names a plan', () => {
    const session = checkoutSession({ metadata: { plan: 'small', region: 'eu', server_name: 'Ours' } })
    expect(read('checkout.session.completed', session)).toMatchObject({
      fact: { payment: { order_id: null, plan: 'small', region: 'eu', server_name: 'Ours' } },
    })
  })

  test.each(['commande-é', 'x'.repeat(300), '3f2504e0-4f89-41d3-9a0c-0305e82c3301', orderId.toUpperCase()])(
    'begins an order when its metadata names a plan beside an unrelated order: %s',
    (order_id) => {
      const session = checkoutSession({ metadata: { order_id, plan: 'small', region: 'eu' } })
      expect(read('checkout.session.completed', session)).toMatchObject({
        fact: { payment: { order_id: null, plan: 'small', region: 'eu' } },
      })
    },
  )

  test('is parsed however long its texts are: names are clipped, a long address is dropped', () => {
    const long = 'x'.repeat(500)
    const session = checkoutSession({
      metadata: { plan: long, region: long, server_name: long },
      customer_details: { ...nobody, email: `${long}@example.com`, name: long },
    })
    expect(read('checkout.session.completed', session)).toMatchObject({
      fact: {
        payment: {
          plan: 'x'.repeat(191),
          region: 'x'.repeat(191),
          server_name: 'x'.repeat(191),
          customer_email: null,
          customer_name: 'x'.repeat(320),
        },
      },
    })
  })

  test('brings text that every database and panel takes', () => {
    const session = checkoutSession({
      metadata: { plan: 'small', region: 'eu', server_name: 'half \ud83d of one' },
      customer_details: { ...nobody, email: 'player@example.com', name: '\ude00 Player' },
    })
    expect(read('checkout.session.completed', session)).toMatchObject({
      fact: { payment: { server_name: 'half \ufffd of one', customer_name: '\ufffd Player' } },
    })
  })

  test('reads the same in the shape of an older API version', () => {
    const session = checkoutSession({ metadata })
    expect(
      read('checkout.session.completed', session, { apiVersion: basil, created: 1_790_000_000 }),
    ).toEqual(read('checkout.session.completed', session, { created: 1_790_000_000 }))
  })
})

describe('An event without a billing update', () => {
  const paid = stripeEvent('checkout.session.completed', checkoutSession({ metadata }))
  test.each([
    ['thin_event', thinEvent(paid)],
    ['type_not_used', { ...paid, type: 'invoice.created' }],
    ['type_not_used', { ...paid, type: 'toString' }],
    ['wrong_mode', { ...paid, livemode: true }],
    ['connected_account', { ...paid, account: 'acct_1' }],
    [
      'not_ours',
      stripeEvent('checkout.session.completed', checkoutSession({ client_reference_id: 'theirs' })),
    ],
    [
      'not_ours',
      stripeEvent(
        'checkout.session.completed',
        checkoutSession({ metadata: { order_id: 'commande-é', region: 'eu' } }),
      ),
    ],
    ['not_a_sale', stripeEvent('checkout.session.completed', checkoutSession({ metadata, mode: 'setup' }))],
  ])('is ignored as %s', (ignored, event) => {
    expect(parseStripeEvent(event, testMode)).toEqual({ ignored })
  })
})

test('A session without an amount is an error, never a free server', () => {
  expect(() =>
    read('checkout.session.completed', checkoutSession({ metadata, amount_total: null })),
  ).toThrow()
})

test('The README lists every type that has to be sent', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const list = readme.slice(
    readme.indexOf('## The webhook endpoint'),
    readme.indexOf('Leave `invoice.created` out'),
  )
  const listed = [...list.matchAll(/`([a-z_]+(?:\.[a-z_]+)+)`/g)].map(([, type]) => type)
  expect(listed.sort()).toEqual([...handledEventTypes].sort())
})
