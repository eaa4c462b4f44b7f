import type { OrderWarning } from '@spawnpoint/contracts'
import type { Order } from '../order/order.ts'
import { inMs, leastNoticeDays } from '../order/policy.ts'
import type { Situation } from './billing-situation.ts'
import { msOf } from './billing-summary.ts'
import type { SuspensionReason } from './suspension-reasons.ts'

/** How much later a server is deleted at most while a page to renew on is open. */
const longestWaitMs = 86_400_000

export type Step = { warning: OrderWarning | null; due: number }

/** When its server is deleted, and whether that is certain; null while nothing ends it. */
export function endOf({ order, policy, now, askedAt }: Situation, active: SuspensionReason[], since: number) {
  const ending = active.flatMap(({ ends, ...reason }) => (ends ? [{ ...reason, ends }] : []))
  const [first] = ending
  if (!first || active.some(({ kind }) => kind === 'disputed')) return null
  const retention = inMs(Math.max(policy.retention_days, leastNoticeDays))
  const warn = Math.min(inMs(Math.max(policy.warn_days, leastNoticeDays)), retention)
  const planned = afterRenewal(order, Math.max(since, ...ending.map(({ ends }) => ends.since)) + retention)
  const announced = order.warning?.step === 'terminate' ? (msOf(order.warning.at) ?? 0) : 0
  // Nothing is deleted without the whole warning, even if this service was down for days or the plan moved forward.
  const isAnnounced = announced > 0 && now < planned
  const at = announced >= planned ? announced : isAnnounced ? planned : Math.max(planned, now + warn)
  // Whatever the reason, it is looked up once more before anything is deleted.
  const isSure = askedAt >= at
  return {
    why: first.why,
    isDue: now >= at && isSure,
    mustAsk: now >= at && !isSure,
    ...stepOf({ step: 'terminate', at, reason: first.why }, { now, warn }),
  }
}

// A page to renew on is open: its buyer may be about to pay. Opening one again and again keeps nothing for ever.
function afterRenewal({ money }: Order, planned: number): number {
  return Math.max(planned, Math.min(msOf(money.renewal_until) ?? 0, planned + longestWaitMs))
}

/** The suspension that comes next. */
export function suspensionOf({ policy, now }: Situation, upcoming: SuspensionReason[]): Step | null {
  const [first] = upcoming.toSorted((a, b) => a.from - b.from)
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
