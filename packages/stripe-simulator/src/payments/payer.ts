import type Stripe from 'stripe'
import type { Account } from '../account.ts'

export type Payer = { email: string | null; name: string | null }

export function payerOf(account: Account, customer: string | { id: string } | null): Payer {
  const id = typeof customer === 'string' ? customer : customer?.id
  const known: Stripe.Customer | undefined = account.customers.get(id ?? '')
  return { email: known?.email ?? null, name: known?.name ?? null }
}
