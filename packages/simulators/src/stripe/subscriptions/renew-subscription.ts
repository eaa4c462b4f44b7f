import { type Account, must } from '../account.ts'
import { draftInvoice, draftOf } from '../invoices/draft-invoice.ts'
import { changeSubscription } from './change-subscription.ts'
import { linesOf, takePending } from './pending-lines.ts'
import { nextPeriodEnd, renewed, withItems } from './periods.ts'

/** The items whose period is over begin a new one, and an invoice asks for it. One that is `unpaid` stays a draft. */
export function renewSubscription(account: Account, id: string) {
  const before = must(account.subscriptions, id)
  const now = account.seconds()
  const { items, lines } = nextPeriod(account, id, now)
  const period = before.items.data.find((item) => item.current_period_end <= now)
  const draft = draftInvoice(account, before, {
    lines,
    reason: 'subscription_cycle',
    finalizesAt: before.status === 'unpaid' ? null : now + account.billing.finalize_after_seconds,
    period: { start: period?.current_period_start ?? now, end: period?.current_period_end ?? now },
  })
  takePending(account, before)
  changeSubscription(account, id, {
    ...withItems(before, items),
    latest_invoice: draft.id,
    ...(before.status === 'trialing' && { status: 'active' }),
  })
}

/** Says what the next invoice is going to ask for. There is no such invoice yet, and so it has no id. */
export function announceRenewal(account: Account, id: string) {
  const subscription = must(account.subscriptions, id)
  const end = nextPeriodEnd(subscription)
  const { lines } = nextPeriod(account, id, end)
  const period = subscription.items.data.find((item) => item.current_period_end === end)
  const { id: _, ...upcoming } = draftOf(account, subscription, 'upcoming', {
    lines: lines.map((line) => ({ ...line, invoice: null })),
    reason: 'upcoming',
    finalizesAt: end + account.billing.finalize_after_seconds,
    period: { start: period?.current_period_start ?? end, end },
  })
  account.emit('invoice.upcoming', {
    ...upcoming,
    created: end,
    next_payment_attempt: end + account.billing.finalize_after_seconds,
  })
}

function nextPeriod(account: Account, id: string, at: number) {
  const before = must(account.subscriptions, id)
  const isDue = (item: { current_period_end: number }) => item.current_period_end <= at
  const due = before.items.data.filter(isDue).map((item) => renewed(before, item))
  return {
    items: before.items.data.map((item) => due.find((next) => next.id === item.id) ?? item),
    lines: linesOf(account, before, due),
  }
}
