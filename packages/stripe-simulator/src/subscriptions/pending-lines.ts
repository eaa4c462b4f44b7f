import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { subscriptionLine } from '../objects/invoice-line.ts'

type Owner = Pick<Stripe.Subscription, 'id' | 'customer'>

/**
 * The lines of a subscription's next invoice: first what waits for it, newest first, and then the items of the
 * subscription, newest first. Source: the SDK's description of `Invoice.lines`.
 */
export function linesOf(
  account: Account,
  subscription: Stripe.Subscription,
  items: readonly Stripe.SubscriptionItem[],
  options: Parameters<typeof subscriptionLine>[2] = {},
): Stripe.InvoiceLineItem[] {
  const waiting = waitingFor(account, subscription).sort((one, other) => other.at - one.at)
  const billed = [...items].sort((one, other) => other.created - one.created)
  return [
    ...waiting.map(({ line }) => line),
    ...billed.map((item) => subscriptionLine(subscription, item, options)),
  ]
}

export function addPending(account: Account, owner: string, lines: readonly Stripe.InvoiceLineItem[]) {
  const at = account.seconds()
  account.pendingLines.push(...lines.map((line) => ({ owner, at, line })))
}

/** They are on an invoice now. */
export function takePending(account: Account, subscription: Owner) {
  const taken = new Set(waitingFor(account, subscription))
  if (taken.size > 0) account.pendingLines = account.pendingLines.filter((pending) => !taken.has(pending))
}

/** Nobody is going to be asked for them. */
export function takePendingOf(account: Account, owner: string) {
  account.pendingLines = account.pendingLines.filter((pending) => pending.owner !== owner)
}

function waitingFor(account: Account, { id, customer }: Owner) {
  return account.pendingLines.filter(({ owner }) => owner === id || owner === customer)
}
