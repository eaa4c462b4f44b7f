import type { Scenario } from '../scenario.ts'

export const pauses: Scenario[] = [
  ...(['keep_as_draft', 'mark_uncollectible', 'void'] as const).map(
    (behavior): Scenario => ({
      name: `paused collection: ${behavior}`,
      async run({ stripe, priceOf, subscribe, advancePast }, step) {
        const { id } = await subscribe(await priceOf(999))
        await stripe.subscriptions.update(id, { pause_collection: { behavior } })
        await step('paused')
        await advancePast(id)
        await step('renewed')
      },
    }),
  ),
  ...(['cancel', 'create_invoice', 'pause'] as const).map(
    (missing_payment_method): Scenario => ({
      name: `trial without a card: ${missing_payment_method}`,
      card: null,
      async run({ priceOf, subscribe, advancePast }, step) {
        const trial_settings = { end_behavior: { missing_payment_method } }
        const { id } = await subscribe(await priceOf(999), { trial_period_days: 7, trial_settings })
        await step('trial')
        await advancePast(id)
        await step('over')
      },
    }),
  ),
]
