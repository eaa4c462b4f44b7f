import type { Subscription } from '@spawnpoint/contracts'
import type { Order } from '../order.ts'
import { type Account, msOf } from './account.ts'
import { inMs, type Policy } from './policy.ts'

/** Why an order's server is not to run, as far as its money goes. */
export type Trouble = {
  kind: 'lost' | 'disputed' | 'refunded' | 'ended' | 'given-up' | 'late'
  why: string
  /** From then on its server stands still, in ms; 0: at once. */
  from: number
  /** Whether it is deleted once it has stood still for long enough; from when that is counted at the earliest. */
  ends: false | { since: number }
  /** It is for want of money, which may have come unheard: the gateway is asked before anything is done. */
  byWant: boolean
}

/** A renewal is made out an hour after its period begins, and then paid for. */
const renewalTakesMs = 7_200_000

/** What is wrong with the money of an order, worst first. */
export function troublesOf(account: Account, policy: Policy, { now }: { now: number }): Trouble[] {
  return [
    ...disputeOf(account, policy),
    ...refundOf(account, policy),
    ...endOf(account),
    ...givenUpOf(account),
    ...latenessOf(account, policy, now),
  ]
}

/** When silence about a renewal is worth a question; null where none is due. */
export function silentFrom({ paidUntil, subscription }: Account, policy: Policy): number | null {
  if (paidUntil === null || isOver(subscription)) return null
  const { grace_days: grace, warn_days: warn } = policy
  // Early enough to warn before its server stands still.
  return paidUntil + Math.min(renewalTakesMs, inMs(Math.max(grace - warn, grace / 2)))
}

export function isOver(subscription: Subscription | null): boolean {
  return subscription?.status === 'canceled' || subscription?.status === 'incomplete_expired'
}

/** Whether it may ask for more money; one that nothing was heard of may. */
export function mayRenew({ subscription_id, money }: Pick<Order, 'subscription_id' | 'money'>): boolean {
  return money.subscription === null ? subscription_id !== null : !isOver(money.subscription)
}

function disputeOf({ dispute }: Account, policy: Policy): Trouble[] {
  if (policy.dispute === 'keep') return []
  const trouble = { from: 0, ends: false, byWant: false } as const
  if (dispute === 'lost')
    return [{ ...trouble, kind: 'lost', why: "The buyer's bank took the money back for good." }]
  if (dispute === 'open')
    return [{ ...trouble, kind: 'disputed', why: "The buyer's bank took the money back for now." }]
  return []
}

function refundOf({ isRefunded }: Account, policy: Policy): Trouble[] {
  if (!isRefunded || policy.full_refund === 'keep') return []
  const ends = policy.full_refund === 'end' && { since: 0 }
  return [{ kind: 'refunded', why: 'All its money went back to the buyer.', from: 0, ends, byWant: false }]
}

function endOf({ subscription }: Account): Trouble[] {
  if (!isOver(subscription)) return []
  const ends = { since: msOf(subscription?.ended_at) ?? 0 }
  return [{ kind: 'ended', why: 'Its subscription is over.', from: 0, ends, byWant: false }]
}

function givenUpOf({ subscription, paidUntil }: Account): Trouble[] {
  if (!subscription || isBehind(subscription, paidUntil)) return []
  const why = whyGivenUp(subscription)
  return why === null ? [] : [{ kind: 'given-up', why, from: 0, ends: { since: 0 }, byWant: true }]
}

function whyGivenUp({ status, uncollectible, note }: Subscription): string | null {
  if (status === 'unpaid') return note ?? 'Stripe no longer tries to get the money of its renewal.'
  if (status === 'paused') return note ?? 'Its subscription is paused: no money is asked for.'
  return uncollectible ? (note ?? 'Stripe gave up the money of its renewal.') : null
}

function latenessOf(account: Account, policy: Policy, now: number): Trouble[] {
  const { subscription, paidUntil } = account
  if (isOver(subscription)) return []
  const base = paidUntil ?? (isBadlyPaid(account) ? msOf(subscription?.current_period_end) : null)
  if (base === null || !(isBadlyPaid(account) || now >= base)) return []
  const why = `Its renewal of ${new Date(base).toISOString().slice(0, 10)} is not paid.`
  return [{ kind: 'late', why, from: base + inMs(policy.grace_days), ends: { since: 0 }, byWant: true }]
}

/** Its renewal was asked for, and did not come. */
export function isBadlyPaid({ subscription, paidUntil, failedRenewal }: Account): boolean {
  if (subscription?.status === 'past_due' && !isBehind(subscription, paidUntil)) return true
  return failedRenewal
}

// A payment that is in was heard, and what became of its subscription was not yet.
function isBehind({ paid_until }: Subscription, paidUntil: number | null): boolean {
  return (msOf(paid_until) ?? 0) < (paidUntil ?? 0)
}
