import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { oneServer, startSeller } from './seller.ts'
import { allEvents, day, type Seller, subscribe } from './subscriber.ts'

const start = Date.parse('2026-01-31T10:00:00Z')

test('a year of a monthly subscription is thirteen paid invoices on the anchor’s day, without a gap', async () => {
  await using seller = await startSeller({ now: () => start })
  const { id } = await subscribe(seller, { amount: 1200 })
  await seller.simulator.moveClock({ to: '2027-01-31T12:00:00Z' })
  const invoices = await everyInvoice(seller.stripe, { subscription: id })
  expect(invoices.map(({ status }) => status)).toEqual(Array(13).fill('paid'))
  const periods = invoices.map(({ lines }) => lines.data[0]?.period)
  expect(periods.map((period) => new Date(Number(period?.start) * 1000).toISOString().slice(0, 10))).toEqual([
    '2026-01-31',
    '2026-02-28',
    '2026-03-31',
    '2026-04-30',
    '2026-05-31',
    '2026-06-30',
    '2026-07-31',
    '2026-08-31',
    '2026-09-30',
    '2026-10-31',
    '2026-11-30',
    '2026-12-31',
    '2027-01-31',
  ])
  for (const [index, period] of periods.slice(1).entries()) expect(period?.start).toBe(periods[index]?.end)
})

test('every id leads to an object and all sums agree at the end of the year', async () => {
  await using seller = await startSeller({ now: () => start })
  const events = await anEventfulQuarter(seller)
  const objects = new Map(events.flatMap(({ data: { object } }) => idsIn(object)).map((id) => [id, id]))
  expect(objects.size).toBeGreaterThan(60)
  for (const id of objects.keys()) await expect(retrieve(seller.stripe, id)).resolves.toMatchObject({ id })

  for (const invoice of await everyInvoice(seller.stripe)) {
    expect(sum(invoice.lines.data.map(({ amount }) => amount))).toBe(invoice.total)
    expect(invoice.amount_paid + invoice.amount_remaining).toBe(invoice.amount_due)
    const payments = (await seller.stripe.invoicePayments.list({ invoice: invoice.id })).data
    const paid = sum(payments.map(({ amount_paid }) => amount_paid ?? 0))
    if (invoice.id !== outOfBand.invoice)
      expect(paid).toBe(invoice.status === 'paid' ? invoice.amount_due : 0)
  }
  for await (const charge of seller.stripe.charges.list({ limit: 100 })) {
    const refunds = (await seller.stripe.refunds.list({ charge: charge.id })).data
    const gone = refunds.filter(({ status }) => status !== 'failed').map(({ amount }) => amount)
    expect(charge.amount_refunded).toBe(sum(gone))
    expect(charge.refunded).toBe(charge.amount_refunded === charge.amount && charge.amount > 0)
  }
})

test('the newest event of an object shows it as it is', async () => {
  await using seller = await startSeller({ now: () => start })
  const events = await anEventfulQuarter(seller)
  const newest = new Map<string, object>()
  for (const { data } of events) if ('id' in data.object) newest.set(String(data.object.id), data.object)
  const kinds = /^(?:sub|in|pi|re|du|cs|prv)_/
  const reported = [...newest].filter(([id]) => kinds.test(id) && !quiet.has(id))
  expect(reported.length).toBeGreaterThan(30)
  for (const [id, object] of reported) expect(plain(await retrieve(seller.stripe, id))).toEqual(plain(object))
})

const outOfBand = { invoice: '' }
/** Stripe emits no event when a review was put on a payment, or taken off. */
const quiet = new Set<string>()

/** Sales, renewals, failures, changes, refunds and disputes, all within what the list of events still shows. */
async function anEventfulQuarter(seller: Seller) {
  const { stripe, simulator } = seller
  const seen: Stripe.Event[] = []
  const keep = async () => {
    const known = new Set(seen.map(({ id }) => id))
    seen.push(...(await allEvents(stripe)).filter(({ id }) => !known.has(id)))
  }
  const good = await subscribe(seller)
  const bad = await subscribe(seller, { amount: 3000 })
  const cash = await subscribe(seller, { amount: 700, currency: 'eur' })
  const once = (await stripe.checkout.sessions.create(oneServer)).id
  simulator.pay(once, 'declined')
  const payment_intent = String(simulator.pay(once).session.payment_intent)
  simulator.sellElsewhere({ mode: 'subscription', customer: good.customer })
  await stripe.refunds.create({ payment_intent, amount: 300 })
  simulator.planRefund({ outcome: 'failed', after_seconds: day })
  await stripe.refunds.create({ payment_intent, amount: 200 })
  const disputed = await intentOf(stripe, cash.session.invoice)
  simulator.moveDispute(simulator.openDispute({ payment_intent: disputed }).id, 'won')
  const review = simulator.openReview({ payment_intent })
  simulator.closeReview(review.id, 'approved')
  quiet.add(payment_intent)
  simulator.setCard(bad.customer, 'declined')
  await simulator.moveClock({ advance_seconds: 20 * day })
  await keep()
  const big = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 5000,
    recurring: { interval: 'month' },
    product_data: { name: 'Bigger' },
  })
  await stripe.subscriptions.update(good.id, {
    items: [{ id: String(good.subscription.items.data[0]?.id), price: big.id }],
    proration_behavior: 'always_invoice',
  })
  simulator.setCard(cash.customer, 'declined')
  await simulator.moveClock({ advance_seconds: 10 * day })
  await keep()
  const [open] = (await stripe.invoices.list({ subscription: cash.id, status: 'open' })).data
  outOfBand.invoice = simulator.payInvoice(String(open?.id), { outOfBand: true }).id
  await stripe.subscriptions.update(good.id, { cancel_at_period_end: true })
  await simulator.moveClock({ advance_seconds: 20 * day })
  await keep()
  await simulator.moveClock({ advance_seconds: 20 * day })
  await keep()
  return seen
}

async function everyInvoice(stripe: Stripe, params: Stripe.InvoiceListParams = {}) {
  const invoices: Stripe.Invoice[] = []
  for await (const invoice of stripe.invoices.list({ limit: 100, ...params })) invoices.unshift(invoice)
  return invoices
}

async function intentOf(stripe: Stripe, invoice: unknown) {
  const [payment] = (await stripe.invoicePayments.list({ invoice: String(invoice) })).data
  return String(payment?.payment.payment_intent)
}

const paths: Record<string, string> = {
  ch: 'charges',
  cs: 'checkout/sessions',
  cus: 'customers',
  du: 'disputes',
  ii: 'invoiceitems',
  in: 'invoices',
  inpay: 'invoice_payments',
  pi: 'payment_intents',
  pm: 'payment_methods',
  price: 'prices',
  prod: 'products',
  prv: 'reviews',
  re: 'refunds',
  sub: 'subscriptions',
}

function retrieve(stripe: Stripe, id: string): Promise<unknown> {
  return stripe.rawRequest('GET', `/v1/${paths[prefixOf(id)]}/${id}`)
}

function prefixOf(id: string) {
  return id.startsWith('cs_test_') ? 'cs' : id.slice(0, id.lastIndexOf('_'))
}

/** Every id of a kind that the API can be asked for, wherever it stands in an object. */
function idsIn(value: unknown): string[] {
  if (typeof value === 'string')
    return /^[a-z_]+_\w{14,}$/.test(value) && prefixOf(value) in paths ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(idsIn)
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'lastResponse' ? undefined : inner)))
}

function sum(amounts: number[]) {
  return amounts.reduce((total, amount) => total + amount, 0)
}
