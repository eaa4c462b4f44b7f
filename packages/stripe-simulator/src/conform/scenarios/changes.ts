import type { Scenario } from '../scenario.ts'

export const changes: Scenario[] = [
  {
    name: 'switch to another price',
    async run({ stripe, priceOf, subscribe, advanceTo, advancePast }, step) {
      const { id, items } = await subscribe(await priceOf(999))
      await advanceTo(10)
      const [item] = items.data
      await stripe.subscriptions.update(id, {
        items: [{ id: String(item?.id), price: await priceOf(1999) }],
      })
      await step('switched')
      await advancePast(id)
      await step('renewed')
    },
  },
  {
    name: 'yearly to monthly',
    async run({ stripe, priceOf, subscribe, advanceTo, advancePast }, step) {
      const { id, items } = await subscribe(await priceOf(9990, 'year'))
      await advanceTo(5)
      const [item] = items.data
      await stripe.subscriptions.update(id, {
        items: [{ id: String(item?.id), price: await priceOf(999) }],
      })
      await step('switched')
      await advancePast(id)
      await step('renewed from credit')
    },
  },
  {
    name: 'credit pays a part, and the rest is refunded',
    async run({ stripe, customer, priceOf, subscribe, advancePast }, step) {
      const { id } = await subscribe(await priceOf(999))
      await stripe.customers.update(customer, { balance: -500 })
      await advancePast(id)
      await step('renewed')
      const [charge] = (await stripe.charges.list({ customer })).data
      await stripe.refunds.create({ charge: String(charge?.id) })
      await step('refunded')
    },
  },
  {
    name: 'extended trial',
    async run({ stripe, start, priceOf, subscribe, advanceTo, advancePast }, step) {
      const { id } = await subscribe(await priceOf(999), { trial_period_days: 7 })
      await step('trial')
      await advanceTo(5)
      await stripe.subscriptions.update(id, { trial_end: start + 14 * 86_400 })
      await step('extended')
      await advancePast(id)
      await step('first payment')
    },
  },
]
