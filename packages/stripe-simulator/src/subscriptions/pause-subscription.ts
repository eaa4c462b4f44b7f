import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { draftInvoice } from '../invoices/draft-invoice.ts'
import { finalizeInvoice } from '../invoices/finalize-invoice.ts'
import { subscriptionLine } from '../objects/invoice-line.ts'
import { periodEnd } from '../objects/subscription.ts'
import { changeSubscription } from './change-subscription.ts'
import { rolledTo, startingAt, withItems } from './periods.ts'

type Reason = Stripe.Subscription.StatusDetails.Paused.Subscription.Type

/** Stands still: after the last attempt (since 2026), or at the end of a trial without a payment method. */
export function pauseSubscription(account: Account, id: string, reason: Reason) {
  const paused = changeSubscription(account, id, {
    status: 'paused',
    status_details: {
      paused: {
        subscription: { type: reason },
        transitioned_at: account.seconds(),
        type: 'subscription',
      },
    },
  })
  account.emit('customer.subscription.paused', paused)
  return paused
}

/** Goes on in a new period that has to be paid first, or in the old one as if nothing had been. */
export function openResumption(
  account: Account,
  id: string,
  anchor: 'now' | 'unchanged',
  cause: Cause,
): { subscription: Stripe.Subscription; invoice: Stripe.Invoice | null } {
  const before = must(account.subscriptions, id)
  if (before.status !== 'paused') {
    throw new ApiError(
      400,
      `You can only resume subscriptions with status \`paused\`. This one is ${before.status}.`,
    )
  }
  const now = account.seconds()
  if (anchor === 'unchanged') {
    const items = before.items.data.map((item) => rolledTo(before, item, now))
    const { status_details: _, ...resumed } = changeSubscription(
      account,
      id,
      { ...withItems(before, items), status: 'active' },
      cause,
    )
    account.emit('customer.subscription.resumed', account.subscriptions.save(resumed), { cause })
    return { subscription: resumed, invoice: null }
  }
  account.milestones.add(`resuming/${id}`)
  const items = before.items.data.map((item) => startingAt(item, now))
  const moved = { ...before, ...withItems(before, items), billing_cycle_anchor: now }
  const invoice = draftInvoice(
    account,
    moved,
    {
      lines: items.map((item) => subscriptionLine(moved, item)),
      reason: 'subscription_update',
      finalizesAt: null,
      period: { start: now, end: Math.min(...items.map(({ price }) => periodEnd(now, price))) },
    },
    cause,
  )
  const subscription = changeSubscription(account, id, { ...moved, latest_invoice: invoice.id }, cause)
  return { subscription, invoice: finalizeInvoice(account, invoice, { cause }) }
}
