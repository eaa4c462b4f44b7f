import { expect, test } from 'vitest'
import { openAccount, subscriberIn } from './in-process.ts'
import { statusesOf, typesOf } from './subscriber.ts'

const at = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000
const sent = { collection_method: 'send_invoice', days_until_due: 14 } as const

// Source: the SDK's descriptions of `Subscription.status` (past_due when not paid by the due date), `days_until_due`,
// `hosted_invoice_url` and `invoice.overdue`; docs.stripe.com/billing/collection-method.
test('an invoice that is sent is not late before its due date', async () => {
  const buyer = await subscriberIn(openAccount(), sent)
  expect(buyer.subscription).toMatchObject({ ...sent, status: 'active' })
  expect((await buyer.invoices())[0]).toMatchObject({ status: 'draft', hosted_invoice_url: null })

  const events = buyer.until('2026-04-14T00:00:00Z')
  expect(typesOf(events)).toEqual(['payment_intent.created', 'invoice.finalized', 'invoice.sent'])
  const [open] = await buyer.invoices()
  expect(open).toMatchObject({
    status: 'open',
    attempted: false,
    attempt_count: 0,
    due_date: at('2026-04-15'),
    hosted_invoice_url: expect.stringContaining('https://invoice.stripe.com/'),
    next_payment_attempt: null,
  })
  expect(await buyer.read()).toMatchObject({ status: 'active' })
  const late = buyer.until('2026-04-16T00:00:00Z')
  expect(statusesOf(late)).toEqual(['updated past_due'])
  expect(typesOf(late)).toContain('invoice.overdue')
  expect(typesOf(late)).not.toContain('invoice.payment_failed')

  await buyer.stripe.invoices.pay(String(open?.id), { paid_out_of_band: true })
  expect(await buyer.read()).toMatchObject({ status: 'active' })
})

test('days after the due date the seller’s final outcome comes, if there is one', async () => {
  const buyer = await subscriberIn(openAccount(), sent)
  buyer.simulator.setBilling({
    overdue_final_days: 30,
    final_outcome: 'unpaid',
    final_invoice: 'uncollectible',
  })
  buyer.until('2026-05-16T00:00:00Z')
  const invoices = await buyer.invoices()
  expect(invoices.at(-1)).toMatchObject({
    status: 'uncollectible',
    status_details: { uncollectible: { reason: 'payment_not_received' } },
  })
  expect(await buyer.read()).toMatchObject({ status: 'unpaid' })
})

// Source: the SDK's descriptions of `payment_intent.partially_funded` and `Invoice.amount_remaining`.
test('a bank transfer of less than is owed leaves the rest open', async () => {
  const buyer = await subscriberIn(openAccount(), sent)
  buyer.until('2026-04-03T00:00:00Z')
  const [open] = await buyer.invoices()
  const before = buyer.simulator.events().length
  buyer.simulator.payInPart(String(open?.id), 400)
  expect(typesOf(buyer.simulator.events().slice(before))).toEqual([
    'payment_intent.partially_funded',
    'invoice.updated',
  ])
  expect(await buyer.stripe.invoices.retrieve(String(open?.id))).toMatchObject({
    status: 'open',
    amount_due: 1000,
    amount_paid: 400,
    amount_remaining: 600,
  })
  expect(() => buyer.simulator.payInPart(String(open?.id), 601)).toThrow('600')
  expect(buyer.simulator.payInPart(String(open?.id), 600)).toMatchObject({
    status: 'paid',
    amount_paid: 1000,
    amount_remaining: 0,
  })
  const [charge] = (await buyer.stripe.charges.list()).data
  expect(charge).toMatchObject({ amount: 1000, payment_method_details: { type: 'customer_balance' } })
})

test('a subscription can be charged first and sent invoices later', async () => {
  const buyer = await subscriberIn(openAccount())
  await expect(
    buyer.stripe.subscriptions.update(buyer.id, { collection_method: 'send_invoice' }),
  ).rejects.toMatchObject({ param: 'days_until_due' })
  buyer.simulator.collectBy(buyer.id, 7)
  buyer.until('2026-05-07T00:00:00Z')
  expect((await buyer.invoices())[0]).toMatchObject({
    collection_method: 'send_invoice',
    status: 'open',
    due_date: at('2026-05-08'),
  })
  expect(await buyer.read()).toMatchObject({ status: 'active' })
})

// Source: docs.stripe.com/invoicing/partial-payments, the SDK's description of `InvoicePayment.is_default`.
test('several PaymentIntents pay one invoice, and its default payment asks for the rest', async () => {
  const buyer = await subscriberIn(openAccount(), sent)
  buyer.until('2026-04-03T00:00:00Z')
  const [open] = await buyer.invoices()
  const id = String(open?.id)
  const before = buyer.simulator.events().length
  expect(buyer.simulator.attachPayment(id, 400)).toMatchObject({ status: 'open', amount_remaining: 600 })
  expect(typesOf(buyer.simulator.events().slice(before))).toEqual([
    'payment_intent.created',
    'payment_method.attached',
    'charge.succeeded',
    'payment_intent.succeeded',
    'invoice_payment.paid',
    'invoice.updated',
  ])
  const listed = async () => (await buyer.stripe.invoicePayments.list({ invoice: id })).data
  expect(await listed()).toContainEqual(
    expect.objectContaining({ is_default: true, status: 'open', amount_requested: 600 }),
  )
  expect(() => buyer.simulator.attachPayment(id, 601)).toThrow('600')
  expect(buyer.simulator.attachPayment(id, 600)).toMatchObject({ status: 'paid', amount_paid: 1000 })
  const payments = (await listed()).map(({ is_default, status, amount_paid }) => [
    is_default,
    status,
    amount_paid,
  ])
  expect(payments).toHaveLength(3)
  expect(payments).toEqual(
    expect.arrayContaining([
      [true, 'canceled', null],
      [false, 'paid', 400],
      [false, 'paid', 600],
    ]),
  )
})

test('one PaymentIntent may pay several open invoices, and its charge is of all of them', async () => {
  const buyer = await subscriberIn(openAccount(), { collection_method: 'send_invoice', days_until_due: 30 })
  buyer.until('2026-05-02T00:00:00Z')
  const open = (await buyer.invoices()).filter(({ status }) => status === 'open').map(({ id }) => String(id))
  expect(open).toHaveLength(2)
  const paid = buyer.simulator.attachToSeveral(open)
  expect(paid.map(({ status, amount_paid }) => [status, amount_paid])).toEqual([
    ['paid', 1000],
    ['paid', 1000],
  ])
  const payments = (await buyer.stripe.invoicePayments.list({})).data.filter(
    ({ status }) => status === 'paid',
  )
  expect(payments.map(({ amount_paid }) => amount_paid)).toEqual([1000, 1000])
  const [intent, ...others] = new Set(payments.map(({ payment }) => String(payment.payment_intent)))
  expect(others).toEqual([])
  expect(await buyer.stripe.paymentIntents.retrieve(String(intent))).toMatchObject({ amount: 2000 })
  expect(() => buyer.simulator.attachToSeveral(open)).toThrow('open')
})
