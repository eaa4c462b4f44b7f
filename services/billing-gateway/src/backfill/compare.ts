import { inTransaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { applyUpdate } from '../rules/apply-update.ts'
import { emptyTally, type Tally } from '../rules/backfill-report.ts'
import type { BillingState } from '../rules/billing-state.ts'
import type { BillingUpdate } from '../rules/billing-update.ts'
import type { FetchedEvent } from '../rules/fetched-event.ts'
import { loadBillingState } from '../store/billing-state.ts'
import { storeFetched } from '../store/journal.ts'
import { confirmSubscriptions } from '../store/subscriptions.ts'
import { waitedFor } from '../store/waiting-events.ts'
import { type ParsedEvent, parseFetched } from '../stripe/parse/parse-event.ts'

/**
 * Compares Stripe's objects with the billing state, by the same rules that apply events, and stores only those that would
 * change something.
 */
export async function compare(
  prisma: PrismaClient,
  { livemode, fetched }: { livemode: boolean; fetched: FetchedEvent[] },
): Promise<Tally> {
  if (fetched.length === 0) return emptyTally()
  return await inTransaction(prisma, async (tx) => {
    const tally = { ...emptyTally(), looked_at: fetched.length }
    const read = fetched.map((event) => ({ event, parsed: parseFetched(event, livemode) }))
    const billing = await loadBillingState(
      tx,
      read.flatMap(({ parsed }) => (parsed && 'fact' in parsed ? [parsed.fact] : [])),
    )
    const others = await waitedFor(
      tx,
      read.flatMap(({ parsed }) => linksOf(parsed)),
    )
    const differing: FetchedEvent[] = []
    const confirmed: { id: string; asOf: Date }[] = []
    for (const { event, parsed } of read) {
      if (parsed === null) tally.unreadable += 1
      if (parsed === null || 'ignored' in parsed || linksOf(parsed).some((link) => others.has(link))) continue
      const wasKnown = isKnown(billing, parsed.fact)
      const difference = compareWith(billing, parsed.fact, event.created)
      if (difference === 'newer' && parsed.fact.about === 'subscription')
        confirmed.push({ id: parsed.fact.state.subscription_id, asOf: parsed.fact.asOf })
      if (difference !== 'different') continue
      if (wasKnown) tally.changed += 1
      else tally.missing += 1
      differing.push(event)
    }
    await storeFetched(tx, differing)
    await confirmSubscriptions(tx, confirmed)
    return tally
  })
}

/** `newer`: a subscription is unchanged as of a later time, so events from before that time no longer apply. */
function compareWith(
  billing: BillingState,
  update: BillingUpdate,
  happenedAt: Date,
): 'same' | 'newer' | 'different' {
  const eventsBefore = billing.outgoing.length
  const { outcome } = applyUpdate(billing, update, { happenedAt, wasLooked: false })
  if (outcome === 'ignored') return 'same'
  const isChange =
    update.about !== 'subscription' || outcome === 'look' || billing.outgoing.length > eventsBefore
  return isChange ? 'different' : 'newer'
}

function isKnown(billing: BillingState, update: BillingUpdate): boolean {
  switch (update.about) {
    case 'payment':
      return billing.payments.has(update.payment.payment_id)
    case 'subscription':
      return billing.subscriptions.has(update.state.subscription_id)
    case 'refunds':
      return update.refunds.every(({ refundId }) => billing.refunds.has(refundId))
    case 'dispute':
      return billing.disputes.has(update.dispute.disputeId)
    case 'fraud':
      return billing.signals.has(update.signal.signalId)
    case 'invoice-payment':
      return true
    default:
      return update satisfies never
  }
}

function linksOf(parsed: ParsedEvent | null): string[] {
  if (parsed === null || 'ignored' in parsed || !('link' in parsed.fact)) return []
  const { paymentIntentId, chargeId } = parsed.fact.link
  return [paymentIntentId ?? chargeId].filter((link) => link !== null)
}
