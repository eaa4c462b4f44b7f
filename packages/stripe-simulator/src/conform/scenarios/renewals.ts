import { day } from '../buyer.ts'
import type { Scenario } from '../scenario.ts'

export const renewals: Scenario[] = [
  {
    name: 'renewal',
    async run({ priceOf, subscribe, advancePast }, step) {
      const { id } = await subscribe(await priceOf(999))
      await step('subscribed')
      await advancePast(id)
      await step('renewed')
    },
  },
  {
    name: 'long invoice',
    async run({ stripe, customer, priceOf, subscribe, advancePast }, step) {
      const { id } = await subscribe(await priceOf(999))
      for (let index = 0; index < 12; index++) {
        await stripe.invoiceItems.create({ customer, subscription: id, amount: 100 + index, currency: 'eur' })
      }
      await step('crowded')
      await advancePast(id)
      await step('renewed')
    },
  },
  {
    name: 'failing card, then one that works',
    async run({ stripe, payWith, priceOf, subscribe, advancePast }, step) {
      const { id } = await subscribe(await priceOf(999))
      await payWith('pm_card_chargeCustomerFail')
      await advancePast(id)
      await step('refused')
      await payWith('pm_card_visa')
      const [open] = (await stripe.invoices.list({ subscription: id, status: 'open' })).data
      await stripe.invoices.pay(String(open?.id))
      await step('paid')
    },
  },
  {
    name: 'renewal that needs the customer',
    async run({ payWith, priceOf, subscribe, advancePast }, step) {
      const { id } = await subscribe(await priceOf(999))
      await payWith('pm_card_authenticationRequired')
      await advancePast(id)
      await step('asked')
    },
  },
  {
    name: 'cancellation at the end of the period',
    async run({ stripe, priceOf, subscribe, advancePast }, step) {
      const { id } = await subscribe(await priceOf(999))
      await stripe.subscriptions.update(id, { cancel_at_period_end: true })
      await step('scheduled')
      await advancePast(id)
      await step('over')
    },
  },
  {
    name: 'sent invoice',
    async run({ stripe, priceOf, subscribe, advanceTo }, step) {
      const terms = { collection_method: 'send_invoice', days_until_due: 7 } as const
      const { id } = await subscribe(await priceOf(999), terms)
      await step('subscribed')
      await advanceTo(6)
      await step('sent')
      await advanceTo(8)
      await step('late')
      const [open] = (await stripe.invoices.list({ subscription: id, status: 'open' })).data
      await stripe.invoices.pay(String(open?.id), { paid_out_of_band: true })
      await step('paid past Stripe')
    },
  },
  {
    name: 'prorated first period',
    async run({ start, priceOf, subscribe, advancePast }, step) {
      const { id } = await subscribe(await priceOf(3000), { billing_cycle_anchor: start + 10 * day })
      await step('subscribed')
      await advancePast(id)
      await step('first full period')
    },
  },
]
