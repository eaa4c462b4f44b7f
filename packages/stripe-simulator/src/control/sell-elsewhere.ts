import { z } from 'zod'
import { type Account, nobody } from '../account.ts'
import { createSession } from '../checkout/create-session.ts'
import { paySession } from '../checkout/pay-session.ts'

export const otherSale = z.strictObject({
  mode: z.enum(['payment', 'subscription']).default('payment'),
  /** In minor units. */
  amount: z.number().int().min(0).default(2500),
  currency: z.string().length(3).default('usd'),
  name: z.string().default('Something else'),
  metadata: z.record(z.string(), z.string()).default({}),
  /** `plan` is a word that others use too. */
  subscription_metadata: z.record(z.string(), z.string()).default({}),
  /** Ties it to somebody who has bought before. */
  customer: z.string().optional(),
})

/** The same account sells another product, by another program: nothing of it says that it is not ours, but what is missing. */
export function sellElsewhere(
  account: Account,
  { mode, amount, currency, name, metadata, subscription_metadata, customer }: z.infer<typeof otherSale>,
) {
  const recurring = mode === 'subscription' ? { interval: 'month' as const } : undefined
  const line = {
    quantity: 1,
    price_data: { currency, unit_amount: amount, recurring, product_data: { name } },
  }
  const session = createSession(
    account,
    {
      mode,
      line_items: [line],
      metadata,
      customer,
      ...(mode === 'subscription' && { subscription_data: { metadata: subscription_metadata } }),
      success_url: 'https://other.example.com/thanks',
    },
    { payUrl: (id) => `https://other.example.com/pay/${id}`, cause: nobody },
  )
  return paySession(account, session.id, 'paid')
}
