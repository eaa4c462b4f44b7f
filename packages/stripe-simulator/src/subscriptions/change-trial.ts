import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { draftInvoice } from '../invoices/draft-invoice.ts'
import { changeSubscription } from './change-subscription.ts'
import { invoiceNow } from './invoice-now.ts'
import { linesOf, takePending } from './pending-lines.ts'
import { startingAt, withItems } from './periods.ts'
import { prorationLines } from './prorate.ts'
import type { UpdateParams } from './subscription-params.ts'

/** Whether a new end of the trial is more than another date for one that runs already. */
export function changesTrial({ status }: Stripe.Subscription, { trial_end }: UpdateParams) {
  return trial_end === 'now' ? status === 'trialing' : trial_end !== undefined && status !== 'trialing'
}

/**
 * A trial that ends now is charged for at once; one that begins in a paid period gives the rest of it back and costs
 * nothing. Source: the SDK's description of `trial_end`, docs.stripe.com/billing/subscriptions/prorations.
 */
export function changeTrial(
  account: Account,
  before: Stripe.Subscription,
  { plain, params, cause }: { plain: Partial<Stripe.Subscription>; params: UpdateParams; cause: Cause },
): Stripe.Subscription {
  const now = account.seconds()
  const isOver = params.trial_end === 'now'
  const end = typeof params.trial_end === 'number' ? params.trial_end : now
  if (end < now) throw new ApiError(400, '`trial_end` must be in the future.', { param: 'trial_end' })
  const items = before.items.data.map((item) =>
    isOver ? startingAt(item, now) : { ...item, current_period_start: now, current_period_end: end },
  )
  const moved: Partial<Stripe.Subscription> = {
    ...plain,
    ...withItems(before, items),
    billing_cycle_anchor: end,
    status: isOver ? 'active' : 'trialing',
    trial_end: end,
    trial_start: before.trial_start ?? now,
  }
  const after = { ...before, ...moved }
  const unused = before.items.data.map((old) => ({ old }))
  const isCredited = !isOver && params.proration_behavior !== 'none'
  const credit = { items, changed: unused, restarts: true }
  const lines = [
    ...(isCredited ? prorationLines(account, before, credit, params.proration_date ?? now) : []),
    ...linesOf(account, after, items, isOver ? {} : { amount: 0 }),
  ]
  const draft = draftInvoice(
    account,
    after,
    { lines, reason: 'subscription_update', finalizesAt: null },
    cause,
  )
  takePending(account, before, draft.id)
  changeSubscription(account, before.id, { ...moved, latest_invoice: draft.id }, cause)
  invoiceNow(account, draft, cause)
  return must(account.subscriptions, before.id)
}
