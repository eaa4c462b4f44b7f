import type Stripe from 'stripe'
import { z } from 'zod'
import type { Account, Cause } from '../account.ts'
import { clearable, expand, flag, integer, mergedMetadata, metadata, text } from '../api/params.ts'

export const updateParams = z.strictObject({
  auto_advance: flag.optional(),
  description: clearable(text).optional(),
  due_date: integer.optional(),
  expand,
  metadata: clearable(metadata).optional(),
})

/** A draft that was left alone goes on by itself again with `auto_advance`. Source: docs.stripe.com/invoicing/automatic-collection. */
export function updateInvoice(
  account: Account,
  invoice: Stripe.Invoice,
  { auto_advance, description, due_date, metadata: changes }: Omit<z.infer<typeof updateParams>, 'expand'>,
  cause: Cause,
): Stripe.Invoice {
  return account.change(
    account.invoices,
    invoice,
    {
      ...(description !== undefined && { description }),
      ...(due_date !== undefined && { due_date }),
      ...(changes !== undefined && { metadata: mergedMetadata(invoice.metadata, changes) }),
      ...(auto_advance !== undefined && advanced(account, invoice, auto_advance)),
    },
    'invoice.updated',
    cause,
  )
}

function advanced(account: Account, { status }: Stripe.Invoice, auto_advance: boolean) {
  const at = account.seconds()
  return {
    auto_advance,
    ...(status === 'draft' && {
      automatically_finalizes_at: auto_advance ? at + account.billing.finalize_after_seconds : null,
    }),
    ...(status === 'open' && { next_payment_attempt: auto_advance ? at : null }),
  }
}
