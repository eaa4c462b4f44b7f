import { inTransaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { applyUpdate } from '../rules/apply-update.ts'
import { emptyTally, type Tally } from '../rules/backfill-report.ts'
import type { BillingState } from '../rules/billing-state.ts'
import type { BillingUpdate } from '../rules/billing-update.ts'
import type { FetchedEvent } from '../rules/fetched-event.ts'
import { storeFetched } from '../store/journal.ts'
import { loadBillingState } from '../store/load-billing-state.ts'
import { confirmSubscriptions } from '../store/subscriptions.ts'
import { knownAsOthers } from '../store/waiting-events.ts'
import { type ParsedEvent, parseFetched } from '../stripe/parse/parse-event.ts'

/**
 * Holds objects of Stripe's against what we know, by the very rules that decide events, and stores only those that would
 * change something.
 */
export async function compare(
  prisma: PrismaClient,
  { livemode, fetched }: { livemode: boolean; fetched: FetchedEvent[] },
): Promise<Tally> {
  if (fetched.length === 0) return emptyTally()
  return await inTransaction(prisma, async (tx) => {
    const tally = { ...emptyTally(), looked_at: fetched.length }
    const read = fetched.map((event) => ({ event, said: parseFetched(event, livemode) }))
    const billing = await loadBillingState(
      tx,
      read.flatMap(({ said }) => (said && 'fact' in said ? [said.fact] : [])),
    )
    const others = await knownAsOthers(
      tx,
      read.flatMap(({ said }) => linksOf(said)),
    )
    const differing: FetchedEvent[] = []
    const confirmed: { id: string; asOf: Date }[] = []
    for (const { event, said } of read) {
      if (said === null) tally.unreadable += 1
      if (said === null || 'ignored' in said || linksOf(said).some((link) => others.has(link))) continue
      const isKnown = knows(billing, said.fact)
      const held = hold(billing, said.fact, event.created)
      if (held === 'newer' && said.fact.about === 'subscription')
        confirmed.push({ id: said.fact.state.subscription_id, asOf: said.fact.asOf })
      if (held !== 'different') continue
      if (isKnown) tally.changed += 1
      else tally.missing += 1
      differing.push(event)
    }
    await storeFetched(tx, differing)
    await confirmSubscriptions(tx, confirmed)
    return tally
  })
}

/** `newer`: a subscription is as it was, and known to be so as of a later time; events of before say nothing any more. */
function hold(
  billing: BillingState,
  update: BillingUpdate,
  happenedAt: Date,
): 'same' | 'newer' | 'different' {
  const saidBefore = billing.outgoing.length
  const { outcome } = applyUpdate(billing, update, { happenedAt, wasLooked: false })
  if (outcome === 'ignored') return 'same'
  const isNews = update.about !== 'subscription' || outcome === 'look' || billing.outgoing.length > saidBefore
  return isNews ? 'different' : 'newer'
}

function knows(billing: BillingState, update: BillingUpdate): boolean {
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

function linksOf(said: ParsedEvent | null): string[] {
  if (said === null || 'ignored' in said || !('link' in said.fact)) return []
  const { paymentIntentId, chargeId } = said.fact.link
  return [paymentIntentId ?? chargeId].filter((link) => link !== null)
}
