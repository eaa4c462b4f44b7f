import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { openAccount, subscriberIn } from './in-process.ts'
import { startSeller } from './seller.ts'
import { day, subscribe } from './subscriber.ts'

// Source: the SDK's description of `Invoice.lines` (pending invoice items first, newest first; then subscription items),
// docs.stripe.com/api/invoice-line-item ("the first handful of those items") and docs.stripe.com/api/pagination.
test.each([12, 40, 120])(
  'a renewal of %i waiting lines shows ten of them, and its own line is on the last page',
  async (count) => {
    const buyer = await subscriberIn(openAccount())
    buyer.simulator.crowdInvoice({ subscription: buyer.id, count })
    buyer.until('2026-05-02T00:00:00Z')

    const [renewal] = (await buyer.stripe.invoices.list({ subscription: buyer.id })).data
    expect(renewal).toMatchObject({ status: 'paid', lines: { has_more: true } })
    expect(renewal?.lines.data).toHaveLength(10)
    const all = await buyer.stripe.invoices
      .listLineItems(String(renewal?.id), { limit: 100 })
      .autoPagingToArray({ limit: 1000 })
    expect(all).toHaveLength(count + 1)
    expect(all.slice(0, 10)).toEqual(renewal?.lines.data)
    expect(all.at(-1)).toMatchObject({ amount: 1000, parent: { type: 'subscription_item_details' } })
    expect(all.reduce((sum, { amount }) => sum + amount, 0)).toBe(renewal?.total)
  },
)

test('a webhook shows ten lines too, and the page after them begins with the eleventh', async () => {
  await using seller = await startSeller()
  const { id } = await subscribe(seller)
  seller.simulator.crowdInvoice({ subscription: id, count: 12, kind: 'one_off' })
  await seller.simulator.moveClock({ advance_seconds: 32 * day })
  const paid = seller.receiver.received
    .map(({ event }) => event)
    .filter(({ type }) => type === 'invoice.paid')
  const invoice = paid.map(({ data }) => data.object).find(isRenewal)
  expect(invoice?.lines.data).toHaveLength(10)
  expect(invoice?.lines.has_more).toBe(true)
  const next = await seller.stripe.invoices.listLineItems(String(invoice?.id), {
    starting_after: String(invoice?.lines.data.at(-1)?.id),
  })
  expect(next.data.map(({ amount }) => amount)).toEqual([400, 400, 1000])
  expect(next.has_more).toBe(false)
  const [upcoming] = (await seller.stripe.events.list({ type: 'invoice.upcoming' })).data
  expect(upcoming?.data.object).toMatchObject({ lines: { has_more: true } })
})

// Source: the SDK's description of `Invoice.lines`: (3) what is added to the draft comes last.
test('an item added to a draft follows the subscription’s own line', async () => {
  const buyer = await subscriberIn(openAccount())
  const { customer, stripe } = buyer
  await stripe.invoiceItems.create({ customer, amount: 50, description: 'first' })
  buyer.until('2026-04-02T00:00:00Z')
  await stripe.invoiceItems.create({ customer, amount: 60, description: 'second', subscription: buyer.id })
  buyer.until('2026-05-01T00:30:00Z')
  const [draft] = (await stripe.invoices.list({ subscription: buyer.id, status: 'draft' })).data
  await stripe.invoiceItems.create({ customer, amount: 70, invoice: String(draft?.id) })
  const lines = (await stripe.invoices.retrieve(String(draft?.id))).lines.data
  expect(lines.map(({ amount }) => amount)).toEqual([60, 50, 1000, 70])
  buyer.until('2026-05-02T00:00:00Z')
  expect(await stripe.invoices.retrieve(String(draft?.id))).toMatchObject({ amount_paid: 1180 })
})

test('a subscription of twelve items shows ten, and the list of its items has all', async () => {
  const buyer = await subscriberIn(openAccount())
  const prices = await Promise.all(Array.from({ length: 11 }, (_, index) => buyer.priceOf(100 + index)))
  const updated = await buyer.stripe.subscriptions.update(buyer.id, {
    items: prices.map(({ id }) => ({ price: id })),
  })
  expect(updated.items.data).toHaveLength(10)
  expect(updated.items.has_more).toBe(true)
  const items = buyer.stripe.subscriptionItems.list({ subscription: buyer.id })
  expect(await items.autoPagingToArray({ limit: 100 })).toHaveLength(12)
  // Source: docs.stripe.com/billing/subscriptions/multiple-products (at most 20 products).
  const more = Array.from({ length: 9 }, () => ({ price: String(prices[0]?.id) }))
  await expect(buyer.stripe.subscriptions.update(buyer.id, { items: more })).rejects.toThrow('20')
})

// Source: docs.stripe.com/api/pagination: 10 by default, at most 100.
test('every list gives ten unless asked, and refuses more than a hundred', async () => {
  const { stripe } = await subscriberIn(openAccount())
  for (let count = 0; count < 12; count++) await stripe.customers.create({})
  expect((await stripe.customers.list()).data).toHaveLength(10)
  for (const limit of [0, 101]) {
    for (const list of lists(stripe)) {
      await expect(list({ limit })).rejects.toMatchObject({
        statusCode: 400,
        code: 'parameter_invalid_integer',
        param: 'limit',
      })
    }
  }
})

function lists({ customers, invoices, subscriptions, events, refunds, disputes, charges, ...rest }: Stripe) {
  const { invoicePayments, invoiceItems, prices, checkout } = rest
  const resources = [customers, invoices, subscriptions, events, refunds, disputes, charges, prices]
  return [...resources, invoicePayments, invoiceItems, checkout.sessions].map(
    (resource) => (params: Stripe.PaginationParams) => resource.list(params),
  )
}

function isRenewal(object: unknown): object is Stripe.Invoice {
  return (
    typeof object === 'object' &&
    object !== null &&
    'billing_reason' in object &&
    object.billing_reason === 'subscription_cycle'
  )
}
