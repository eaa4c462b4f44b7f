import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { ApiError, missing } from '../api/api-error.ts'
import { draftInvoice } from '../invoices/draft-invoice.ts'
import { finalizeInvoice } from '../invoices/finalize-invoice.ts'
import { cardError, isAccepted } from '../payments/card.ts'
import { cardOf } from '../payments/cards.ts'
import { changeItems, type ItemsChange } from './change-items.ts'
import { changeSubscription, isOver } from './change-subscription.ts'
import { changesTrial, changeTrial } from './change-trial.ts'
import { invoiceNow } from './invoice-now.ts'
import { addPending, linesOf, takePending } from './pending-lines.ts'
import { expirePendingUpdate, holdUpdate } from './pending-update.ts'
import { withItems } from './periods.ts'
import { plainChanges } from './plain-changes.ts'
import { prorationLines } from './prorate.ts'
import type { UpdateParams } from './subscription-params.ts'

export function updateSubscription(account: Account, id: string, params: UpdateParams, cause: Cause) {
  const before = account.subscriptions.get(id)
  if (!before) throw missing('subscription', id)
  refuseWhenOver(before, params)
  refuseInPendingUpdate(params)
  const plain = plainChanges(account, before, params)
  if (changesTrial(before, params)) return changeTrial(account, before, { plain, params, cause })
  if (!params.items && params.billing_cycle_anchor !== 'now') {
    return changeSubscription(account, id, plain, cause)
  }
  const restart = params.billing_cycle_anchor === 'now'
  if (before.pending_update) expirePendingUpdate(account, id)
  const current = must(account.subscriptions, id)
  const change = changeItems(account, current, { items: params.items, restart }, cause)
  return changePriced(account, current, { change, plain, params, cause })
}

/** A change of what is billed: with the invoice it brings, or without one. */
function changePriced(
  account: Account,
  before: Stripe.Subscription,
  {
    change,
    plain = {},
    params,
    cause,
  }: {
    change: ItemsChange
    plain?: Partial<Stripe.Subscription>
    params: Pick<UpdateParams, 'payment_behavior' | 'proration_behavior' | 'proration_date'>
    cause: Cause
  },
): Stripe.Subscription {
  const { id } = before
  const now = account.seconds()
  const moved = {
    ...plain,
    ...withItems(before, change.items),
    ...(change.restarts && { billing_cycle_anchor: now }),
  }
  const lines = linesToInvoice(account, { ...before, ...moved }, change, params)
  if (lines.length === 0) return changeSubscription(account, id, moved, cause)

  const card = cardOf(account, before.customer)
  const due = lines.reduce((sum, { amount }) => sum + amount, 0) + balanceOf(account, before)
  const fails = due > 0 && !isAccepted(card)
  if (due > 0 && !isAccepted(card) && params.payment_behavior === 'error_if_incomplete') throw cardError(card)

  const draft = draftInvoice(
    account,
    { ...before, ...moved },
    { lines, reason: 'subscription_update', finalizesAt: null },
    cause,
  )
  takePending(account, before, draft.id)
  if (fails && params.payment_behavior === 'pending_if_incomplete') {
    const anchor = change.restarts ? now : null
    holdUpdate(account, id, { items: change.items, invoice: draft.id, anchor }, cause)
  } else {
    changeSubscription(account, id, { ...moved, latest_invoice: draft.id }, cause)
  }
  if (due > 0 && params.payment_behavior === 'default_incomplete') {
    finalizeInvoice(account, draft, { cause })
    return changeSubscription(account, id, { status: 'past_due' }, cause)
  }
  invoiceNow(account, draft, cause)
  return must(account.subscriptions, id)
}

/** Prorations wait for the next invoice unless they are wanted at once, or a new period begins anyway. */
function linesToInvoice(
  account: Account,
  after: Stripe.Subscription,
  change: ItemsChange,
  {
    proration_behavior = 'create_prorations',
    proration_date,
  }: Pick<UpdateParams, 'proration_behavior' | 'proration_date'>,
) {
  const prorations =
    proration_behavior === 'none'
      ? []
      : prorationLines(account, after, change, proration_date ?? account.seconds())
  if (change.restarts && after.status !== 'trialing') {
    return [...prorations, ...linesOf(account, after, change.items)]
  }
  if (prorations.length === 0) return []
  if (proration_behavior === 'always_invoice') return [...prorations, ...linesOf(account, after, [])]
  addPending(account, after.id, prorations)
  return []
}

function balanceOf(account: Account, { customer }: Stripe.Subscription) {
  return account.customers.get(String(customer))?.balance ?? 0
}

function refuseWhenOver(
  subscription: Stripe.Subscription,
  { metadata: _, expand: __, cancellation_details: ___, ...rest }: UpdateParams,
) {
  if (!isOver(subscription) || Object.keys(rest).length === 0) return
  throw new ApiError(400, 'A canceled subscription can only update its cancellation_details and metadata.', {
    code: 'invalid_canceled_subscription_fields',
  })
}

/** A change that may have to wait carries nothing but the change. */
function refuseInPendingUpdate(params: UpdateParams) {
  if (params.payment_behavior !== 'pending_if_incomplete') return
  const refused = (['cancel_at', 'cancel_at_period_end', 'description', 'metadata'] as const).filter(
    (name) => params[name] !== undefined,
  )
  if (refused.length === 0) return
  throw new ApiError(
    400,
    `When \`payment_behavior\` is set to \`pending_if_incomplete\`, you can only pass supported params. These are not: ${refused.join(', ')}.`,
    { param: String(refused[0]) },
  )
}
