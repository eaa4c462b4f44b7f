import { expect, test } from 'vitest'
import { openAccount, subscriberIn } from './in-process.ts'

// Source of all: docs.stripe.com/billing/customer/balance, and the SDK's descriptions of `starting_balance`,
// `ending_balance`, `amount_due` and `amount_paid`.
test('credit pays a part of a renewal, and no more than what the card paid can be refunded', async () => {
  const buyer = await subscriberIn(openAccount(), { amount: 999 })
  buyer.simulator.credit(buyer.customer, 500)
  buyer.until('2026-05-02T00:00:00Z')
  const [renewal] = await buyer.invoices()
  expect(renewal).toMatchObject({
    total: 999,
    starting_balance: -500,
    ending_balance: 0,
    amount_due: 499,
    amount_paid: 499,
    amount_remaining: 0,
  })
  const [payment] = (await buyer.stripe.invoicePayments.list({ invoice: String(renewal?.id) })).data
  expect(payment).toMatchObject({ amount_paid: 499, status: 'paid' })
  const payment_intent = String(payment?.payment.payment_intent)
  await expect(buyer.stripe.refunds.create({ payment_intent, amount: 999 })).rejects.toThrow('greater than')
  await buyer.stripe.refunds.create({ payment_intent })
  const [charge] = (await buyer.stripe.charges.list({ payment_intent })).data
  expect(charge).toMatchObject({ amount: 499, amount_refunded: 499, refunded: true })
})

test('a debt is asked for with the next renewal', async () => {
  const buyer = await subscriberIn(openAccount())
  buyer.simulator.credit(buyer.customer, -250)
  buyer.until('2026-05-02T00:00:00Z')
  expect((await buyer.invoices())[0]).toMatchObject({ total: 1000, amount_due: 1250, ending_balance: 0 })
})

// Source: the SDK's description of `Invoice.amount_due`; docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.
test('an amount too small to charge waits in the balance for the next renewal', async () => {
  const buyer = await subscriberIn(openAccount())
  buyer.until('2026-04-30T00:00:00Z')
  buyer.simulator.switchPlan({ subscription: buyer.id, amount: 1600, proration_behavior: 'always_invoice' })
  expect((await buyer.invoices())[0]).toMatchObject({
    status: 'paid',
    total: 20,
    amount_due: 0,
    amount_paid: 0,
    ending_balance: 20,
  })
  buyer.until('2026-05-02T00:00:00Z')
  expect((await buyer.invoices())[0]).toMatchObject({ total: 1600, amount_paid: 1620 })
})

test('an invoice that becomes void gives back the credit it had used', async () => {
  const buyer = await subscriberIn(openAccount())
  buyer.simulator.credit(buyer.customer, 500)
  buyer.simulator.setCard(buyer.customer, 'declined')
  buyer.until('2026-05-02T00:00:00Z')
  const [open] = await buyer.invoices()
  expect(open).toMatchObject({ status: 'open', amount_due: 500 })
  await buyer.stripe.invoices.voidInvoice(String(open?.id))
  expect(await buyer.stripe.customers.retrieve(buyer.customer)).toMatchObject({ balance: -500 })
})
