import type Stripe from 'stripe'

export type Buyer = Awaited<ReturnType<typeof createBuyer>>

type Card = 'pm_card_visa' | 'pm_card_chargeCustomerFail' | 'pm_card_authenticationRequired'

/** A customer on a test clock of its own, in any Stripe: the scenarios know nothing else of it. */
export async function createBuyer(
  stripe: Stripe,
  { name, at, card = 'pm_card_visa' }: { name: string; at: number; card?: Card | null },
) {
  const testClock = await stripe.testHelpers.testClocks.create({ frozen_time: at, name })
  const start = testClock.frozen_time
  const customer = await stripe.customers.create({
    email: 'conform@example.com',
    test_clock: testClock.id,
    ...(card !== null && { payment_method: card, invoice_settings: { default_payment_method: card } }),
  })
  const advance = async (frozen_time: number) => {
    await stripe.testHelpers.testClocks.advance(testClock.id, { frozen_time })
    await readiness(stripe, testClock.id)
  }

  return {
    stripe,
    start,
    customer: customer.id,

    async priceOf(unit_amount: number, interval: 'month' | 'year' = 'month') {
      const product_data = { name: `Conform ${unit_amount}` }
      const recurring = { interval }
      return (await stripe.prices.create({ currency: 'eur', unit_amount, recurring, product_data })).id
    },
    async subscribe(price: string, params: Partial<Stripe.SubscriptionCreateParams> = {}) {
      const items = [{ price }]
      return stripe.subscriptions.create({ customer: customer.id, items, ...params })
    },
    async payWith(method: Card) {
      const { id } = await stripe.paymentMethods.attach(method, { customer: customer.id })
      await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: id } })
    },
    /** Past the end of the subscription's period, and the hours that a draft waits. */
    async advancePast(subscription: string) {
      const { items } = await stripe.subscriptions.retrieve(subscription)
      const [item] = items.data
      await advance(Number(item?.current_period_end) + 3 * 3600)
    },
    /** Days after the start; returns when the clock is there and everything on the way has happened. */
    advanceTo: (days: number) => advance(start + days * day),
    close: () => stripe.testHelpers.testClocks.del(testClock.id),
  }
}

export const day = 86_400

async function readiness(stripe: Stripe, id: string) {
  for (let waited = 0; waited < patienceMs; waited += pauseMs) {
    const { status } = await stripe.testHelpers.testClocks.retrieve(id)
    if (status === 'ready') return
    if (status === 'internal_failure') throw new Error(`the test clock ${id} failed to advance`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  throw new Error(`the test clock ${id} is still advancing after ${patienceMs / 1000} s`)
}

const pauseMs = 1_000
const patienceMs = 300_000
