import type { OrderWarning } from '@spawnpoint/contracts'
import type { Order } from '../order.ts'
import { followServer } from '../server/follow-server.ts'
import { type Account, accountOf, msOf } from './account.ts'
import { inMs, type Policy } from './policy.ts'
import { isBadlyPaid, isOver, mayRenew, silentFrom, type Trouble, troublesOf } from './troubles.ts'

export type Stood = {
  order: Order
  /** Why its server is not to run. */
  why: string | null
  /** Nothing more is done before the gateway has said how the subscription stands. */
  mustAsk: boolean
}

type Situation = { order: Order; account: Account; policy: Policy; now: number; askedAt: number }

/** Where an order stands with its money at this moment, and when that has to be looked at again. */
export function standing(order: Order, { policy, now: at }: { policy: Policy; now: Date }): Stood {
  if (order.billing_status === 'unpaid') return { order, why: null, mustAsk: false }
  const now = at.getTime()
  const account = accountOf(order, now)
  const situation = { order, account, policy, now, askedAt: msOf(order.money.asked_at) ?? 0 }
  const billed = {
    ...order,
    billing_status: billingOf(situation),
    paid_until: account.paidUntil === null ? null : new Date(account.paidUntil).toISOString(),
  }
  if (order.desired === 'terminated' || order.wanted === 'terminated') return over(billed, now)
  const { silent, stops, threats } = sort(situation)
  const lost = stops.find(({ kind }) => kind === 'lost')
  if (lost) return { ...over(billed, now), why: lost.why }
  const suspended_at = stops.length === 0 ? null : sinceWhen(situation, stops)
  const end = suspended_at === null ? null : endOf(situation, stops, suspended_at)
  if (end?.isDue) return { ...over(billed, now), why: end.why }
  const step = end ?? (stops.length === 0 ? suspensionOf(situation, threats) : null)
  const mustAsk = silent || (end?.mustAsk ?? false)
  const stood = {
    ...billed,
    suspended_at: suspended_at === null ? null : new Date(suspended_at).toISOString(),
    warning: step?.warning ?? null,
    money_due_at: dueOf(situation, { mustAsk, threats, at: step?.due ?? null }),
  }
  return { order: withDesired(stood, account), why: stops[0]?.why ?? null, mustAsk }
}

function billingOf(situation: Situation): Order['billing_status'] {
  const { account } = situation
  if (account.dispute === 'open' || account.dispute === 'lost') return 'disputed'
  if (account.isRefunded) return 'refunded'
  if (isOver(account.subscription)) return 'ended'
  return heard(situation).some(({ byWant }) => byWant) ? 'past_due' : 'paid'
}

/** Its troubles, without a silence that nobody has asked about. */
function heard({ account, policy, now, askedAt }: Situation): Trouble[] {
  const isKnown = isBadlyPaid(account) || askedAt >= (silentFrom(account, policy) ?? 0)
  return troublesOf(account, policy, { now }).filter(({ kind }) => kind !== 'late' || isKnown)
}

function sort(situation: Situation): { silent: boolean; stops: Trouble[]; threats: Trouble[] } {
  const { account, policy, now, askedAt } = situation
  const troubles = heard(situation)
  const isSure = ({ byWant, from }: Trouble) => !byWant || askedAt >= from
  const stops = troubles.filter((trouble) => trouble.from <= now && isSure(trouble))
  const isUnheard = (silentFrom(account, policy) ?? now + 1) <= now && !isBadlyPaid(account)
  const silent =
    (isUnheard && askedAt < (silentFrom(account, policy) ?? 0)) ||
    (stops.length === 0 && troubles.some(({ from }) => from <= now))
  return {
    silent,
    stops,
    threats: [...troubles.filter(({ from }) => from > now), ...cancellation(situation)],
  }
}

function cancellation({ account: { subscription }, now }: Situation): Trouble[] {
  const from = isOver(subscription) ? null : msOf(subscription?.cancel_at)
  if (from === null || from <= now) return []
  return [{ kind: 'ended', why: 'Its subscription ends then.', from, ends: false, byWant: false }]
}

// What a bank holds is not deleted meanwhile, and the time until then does not count.
function sinceWhen({ order, account, now }: Situation, stops: Trouble[]): number {
  const wasDisputed = order.billing_status === 'disputed' && account.dispute !== 'open'
  if (wasDisputed && !stops.some(({ kind }) => kind === 'disputed')) return now
  return msOf(order.suspended_at) ?? now
}

type Step = { warning: OrderWarning | null; due: number }

function endOf({ order, policy, now, askedAt }: Situation, stops: Trouble[], since: number) {
  const ending = stops.flatMap(({ ends, ...stop }) => (ends ? [{ ...stop, ends }] : []))
  const [first] = ending
  if (!first || stops.some(({ kind }) => kind === 'disputed')) return null
  const retention = inMs(policy.retention_days)
  const warn = Math.min(inMs(policy.warn_days), retention)
  const planned = Math.max(since, ...ending.map(({ ends }) => ends.since)) + retention
  const said = order.warning?.step === 'terminate' ? (msOf(order.warning.at) ?? 0) : 0
  // Nobody's files go without a word before, even if nobody looked for days.
  const at = said >= planned ? said : now < planned ? planned : now + warn
  const isSure = !ending.every(({ byWant }) => byWant) || askedAt >= at
  return {
    why: first.why,
    isDue: now >= at && isSure,
    mustAsk: now >= at && !isSure,
    ...stepOf({ step: 'terminate', at, reason: first.why }, { now, warn }),
  }
}

function suspensionOf({ policy, now }: Situation, threats: Trouble[]): Step | null {
  const [first] = threats.toSorted((a, b) => a.from - b.from)
  if (!first) return null
  const { from: at, why: reason } = first
  return stepOf({ step: 'suspend', at, reason }, { now, warn: inMs(policy.warn_days) })
}

function stepOf(
  { step, at, reason }: { step: OrderWarning['step']; at: number; reason: string },
  { now, warn }: { now: number; warn: number },
): Step {
  if (now < at - warn) return { warning: null, due: at - warn }
  return { warning: { step, at: new Date(at).toISOString(), reason: reason.slice(0, 500) }, due: at }
}

// A period that is paid needs no look before it ends, whatever the policy says.
function dueOf(
  { account, policy, now }: Situation,
  { mustAsk, threats, at }: { mustAsk: boolean; threats: Trouble[]; at: number | null },
): string | null {
  if (mustAsk) return new Date(now).toISOString()
  const times = [at, account.paidUntil, silentFrom(account, policy), ...threats.map(({ from }) => from)]
  const coming = times.filter((time) => time !== null && time > now).map(Number)
  return coming.length === 0 ? null : new Date(Math.min(...coming)).toISOString()
}

function over(order: Order, now: number): Stood {
  // Nobody is to pay on for what is gone: the subscription ends too.
  const money_due_at = mayRenew(order) ? new Date(now).toISOString() : null
  return {
    order: { ...order, desired: 'terminated', warning: null, money_due_at },
    why: null,
    mustAsk: false,
  }
}

function withDesired(order: Order, account: Account): Order {
  if (order.wanted === null) return { ...order, desired: 'none' }
  const isStill =
    order.suspended_at !== null || order.wanted === 'suspended' || order.delivery.moving_to !== null
  if (isStill) return followServer({ ...order, desired: 'suspended' })
  const { fraudWarning } = account
  if (fraudWarning !== null && !order.delivery.released && order.ptero_server_id === null)
    return { ...order, desired: 'none', status: 'error', error_message: `Held: ${fraudWarning}` }
  return followServer({ ...order, desired: 'running' })
}
