import { expect, test } from 'vitest'
import { openAccount } from './in-process.ts'
import { typesOf } from './subscriber.ts'

const metadata = { plan: 'monthly', region: 'eu' }

// Source of all: docs.stripe.com/payment-links/api (a link's metadata goes to its sessions), docs.stripe.com/metadata.
test('a link’s metadata is on its session, and nowhere on the subscription and its invoices', () => {
  const account = openAccount()
  const { session, subscription, invoice, events } = account.sellByLink({ metadata })
  expect(session).toMatchObject({
    metadata,
    payment_link: expect.stringMatching(/^plink_/),
    payment_status: 'paid',
  })
  expect(subscription?.metadata).toEqual({})
  expect(invoice?.parent?.subscription_details?.metadata).toEqual({})
  expect(invoice?.lines.data[0]?.metadata).toEqual({})
  // The objects that are ours are reported before the one that shows it.
  expect(typesOf(events).at(-1)).toBe('checkout.session.completed')
  account.advanceClock(31 * 86_400_000)
  expect(account.events().filter(({ type }) => type === 'invoice.paid')).toHaveLength(2)
})

test('a buyer can take two, and an add-on beside them', async () => {
  const account = openAccount()
  const { session, subscription, invoice } = account.sellByLink({ metadata, quantity: 2, add_ons: [300] })
  expect(session.amount_total).toBe(2298)
  expect(subscription?.items.data.map(({ quantity, price }) => [quantity, price.unit_amount])).toEqual([
    [2, 999],
    [1, 300],
  ])
  expect(invoice?.lines.data.map(({ amount, quantity }) => [amount, quantity])).toEqual([
    [1998, 2],
    [300, 1],
  ])
  const lines = await account.client().checkout.sessions.listLineItems(session.id)
  expect(lines.data[0]).toMatchObject({ quantity: 2, adjustable_quantity: { enabled: true } })
})

test('nothing may be owed because the price is nothing, or because of a coupon', () => {
  const account = openAccount()
  const free = account.sellByLink({ mode: 'payment', amount: 0, metadata }).session
  expect(free).toMatchObject({
    amount_subtotal: 0,
    amount_total: 0,
    discounts: [],
    payment_intent: null,
    payment_status: 'no_payment_required',
    total_details: { amount_discount: 0 },
  })
  for (const mode of ['payment', 'subscription'] as const) {
    const { session, invoice } = account.sellByLink({ mode, amount: 999, discount: 999, metadata })
    expect(session).toMatchObject({
      amount_subtotal: 999,
      amount_total: 0,
      payment_status: 'no_payment_required',
      total_details: { amount_discount: 999 },
    })
    if (mode === 'payment') continue
    expect(invoice).toMatchObject({
      subtotal: 999,
      total: 0,
      amount_paid: 0,
      status: 'paid',
      total_discount_amounts: [{ amount: 999 }],
    })
  }
})

test('a coupon takes off a part of the first payment only', () => {
  const account = openAccount()
  const { session, invoice } = account.sellByLink({ discount: 200, metadata })
  expect(session).toMatchObject({ amount_subtotal: 999, amount_total: 799 })
  expect(invoice).toMatchObject({ subtotal: 999, total: 799, amount_paid: 799 })
  account.advanceClock(31 * 86_400_000)
  const renewal = account.events().findLast(({ type }) => type === 'invoice.paid')
  expect(renewal?.data.object).toMatchObject({ total: 999, total_discount_amounts: [] })
})

test('another product of the same account may name a plan as well', async () => {
  const account = openAccount()
  const { subscription } = account.sellElsewhere({
    mode: 'subscription',
    subscription_metadata: { plan: 'gold' },
  })
  expect(await account.client().subscriptions.retrieve(String(subscription))).toMatchObject({
    metadata: { plan: 'gold' },
  })
})
