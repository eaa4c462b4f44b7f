import { currentApiVersion, eventBody, type SnapshotEvent } from '@spawnpoint/stripe-simulator'
import { oldVersion, saleStory, start, subscriptionStory } from './stripe-story.ts'

type Case = { event: SnapshotEvent; version: string; before: SnapshotEvent[] }

/** One event of each type in use, as its version sends it, and the events before it. */
function eventOfEachType(apiVersion?: string): Case[] {
  const options = apiVersion === undefined ? {} : { apiVersion }
  const sale = saleStory(options)
  const story = subscriptionStory(options)
  const renewal = story.renewal(1, { status: 'open', attempt_count: 2 })
  const [created, invoicePaid, invoicePayment, updated, completed] = story.six
  const unpaid = { ...sale.session, payment_status: 'unpaid' as const }
  const again = { ...story.sub, status: 'past_due' as const }
  const later = start + 60

  const cases: [SnapshotEvent | undefined, SnapshotEvent[]][] = [
    [sale.paid, []],
    [sale.emit('checkout.session.async_payment_succeeded', sale.session), []],
    [sale.emit('checkout.session.async_payment_failed', unpaid), []],
    [sale.emit('checkout.session.expired', { ...unpaid, status: 'expired' }), []],
    [invoicePaid, []],
    [story.emit('invoice.payment_failed', renewal), story.six],
    [story.emit('invoice.payment_action_required', renewal), story.six],
    [story.emit('invoice.finalized', { ...renewal, collection_method: 'send_invoice' }), story.six],
    [story.emit('invoice.overdue', { ...renewal, collection_method: 'send_invoice' }), story.six],
    [story.emit('invoice.updated', { ...renewal, amount_paid: 100 }), story.six],
    [story.emit('invoice.marked_uncollectible', renewal), story.six],
    [story.emit('invoice.voided', renewal), story.six],
    [invoicePayment, story.six.slice(0, 2)],
    [created, []],
    [updated, created ? [created] : []],
    [story.deleted(later), story.six],
    [story.emit('customer.subscription.paused', { ...story.sub, status: 'paused' }, later), story.six],
    [story.emit('customer.subscription.resumed', story.sub, later), story.six],
    [story.emit('customer.subscription.pending_update_applied', again, later), story.six],
    [story.emit('customer.subscription.pending_update_expired', again, later), story.six],
    [sale.refund({ amount: 100, status: 'pending' }, later, 'refund.created'), [sale.paid]],
    [sale.refund({ amount: 100 }, later, 'refund.updated'), [sale.paid]],
    [sale.refund({ amount: 100, status: 'failed' }, later, 'refund.failed'), [sale.paid]],
    [sale.refund({ amount: 100 }, later, 'charge.refund.updated'), [sale.paid]],
    [sale.refundedCharge(100), [sale.paid]],
    [sale.dispute('needs_response', later, 'dp_1', 'charge.dispute.created'), [sale.paid]],
    [sale.dispute('under_review', later), [sale.paid]],
    [sale.dispute('lost', later, 'dp_1', 'charge.dispute.closed'), [sale.paid]],
    [sale.dispute('needs_response', later, 'dp_1', 'charge.dispute.funds_withdrawn'), [sale.paid]],
    [sale.dispute('won', later, 'dp_1', 'charge.dispute.funds_reinstated'), [sale.paid]],
    [sale.warning(), [sale.paid]],
    [{ ...sale.warning(), type: 'radar.early_fraud_warning.updated' }, [sale.paid]],
    [sale.review(true), [sale.paid]],
    [sale.review(false, 'refunded'), [sale.paid]],
  ]
  if (!completed) throw new Error('The story has six events')
  return cases.map(([event, before]) => {
    if (!event) throw new Error('The story has six events')
    // In its final shape already.
    const sent: SnapshotEvent = { ...JSON.parse(eventBody(event)), api_version: currentApiVersion }
    return { event: sent, version: event.api_version, before }
  })
}

export function eventOfEachTypeAndVersion(): Case[] {
  return [...eventOfEachType(), ...eventOfEachType(oldVersion)]
}
