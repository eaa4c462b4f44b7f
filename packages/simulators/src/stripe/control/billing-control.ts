import type { z } from 'zod'
import type { Account } from '../account.ts'
import { crowd, crowdInvoice } from './crowd-invoice.ts'

/** What happens to subscriptions and their invoices besides the passing of time. */
export function createBillingControl(account: Account) {
  return {
    /** Puts one-off items and prorations on the next invoice of a subscription: 12, 40 or 120 lines. */
    crowdInvoice: (request: z.input<typeof crowd>) => crowdInvoice(account, crowd.parse(request)),
  }
}
