import type { Due } from './dues.ts'
import type { Entitlement, openOracle } from './oracle.ts'
import { type Decided, type Product, policy } from './product.ts'
import { dateOf, planPrices } from './stripe-environment.ts'

const hour = 3_600
const day = 24 * hour
/** What a check may take from when it is due. */
const slackS = 2 * hour
/** The clock of the order service looks every 15 s. */
export const tickS = 15
export const graceS = policy.grace_days * day

type Options = {
  oracle: ReturnType<typeof openOracle>
  product: () => Product
  seconds: () => number
  /** Whether all that happened since then has arrived, or was caught up. */
  isKnowable: (since: number) => boolean
  /** When something happened at Stripe for the last time. */
  changedAt: () => number
  /** Whether much has happened in this hour: each event shows a state of its own. */
  isBusy: () => boolean
  /** How often something happened. */
  changes: () => number
  report: (who: string, what: () => string) => void
}

/** Compares what is decided with what is true. */
export function openCheck({
  oracle,
  product,
  seconds,
  isKnowable,
  changedAt,
  changes,
  isBusy,
  report,
}: Options) {
  const violations: string[] = []
  let current: Entitlement = oracle.entitlement()
  let lookedAt = seconds()
  let refreshedAt = ''
  let stoodSince = seconds()
  let agreedAt = 0
  let paid = { after: seconds(), since: seconds() }
  let desired = 'none'
  let suspendedAt: number | null = null
  let warnedAt: number | null = null
  let hasServer = false
  let resumed = { at: Number.NEGATIVE_INFINITY, changedAt: 0 }
  let hasEndedRightly = false
  let owedFrom = Number.POSITIVE_INFINITY
  const certainSince = new Map<string, number>()

  function refresh(): void {
    // Nothing else makes another truth.
    const now = `${seconds()} ${changes()}`
    if (now === refreshedAt) return
    refreshedAt = now
    const next = oracle.entitlement()
    if (next.stand !== current.stand)
      report('truth', () => `${next.stand} since ${dateOf(next.since)}: ${next.why}`)
    if (next.stand !== current.stand) stoodSince = seconds()
    // A debit that was returned is owed from then on: the next period gives no grace of its own.
    if (next.stand === 'owed') owedFrom = Math.min(owedFrom, next.since)
    if (next.stand === 'paid') owedFrom = Number.POSITIVE_INFINITY
    if (next.stand === 'paid' && current.stand !== 'paid') paid = { after: lookedAt, since: seconds() }
    current = next
    lookedAt = seconds()
  }

  /** What lasts: running though not paid, or not running though paid. */
  function run(): void {
    refresh()
    const { stand, since } = current
    const isRunning = desired === 'running'
    if (!isRunning) agreedAt = seconds()
    // An end may become certain after it: an old invoice is paid, and its period is over.
    const certain = Math.max(since, stoodSince)
    if (isRunning && stand === 'stopped' && seconds() > certain + slackS && isKnowable(certain))
      wrong('freeloading', 'it runs on')
    if (isRunning && stand === 'owed' && seconds() > owedUntil(since) && isUnnoticed())
      wrong('freeloading', 'it runs on unpaid after its grace')
    if (isRunning && stand === 'paid') checkPrice()
    if (isRunning && stand === 'paid' && isUnnoticed())
      checkTold(oracle.dues.untold(seconds()), 'freeloading')
    if (desired === 'suspended' && suspendedAt !== null && stand !== 'stopped' && isUnnoticed())
      checkTold(oracle.dues.paidInVain(suspendedAt), 'harmed')
    if (!isUnnoticed()) checkAlarm()
    const isStill = desired === 'suspended' || (desired === 'terminated' && !hasEndedRightly)
    const isPaid = stand === 'paid' && seconds() > paid.since + slackS
    if (isStill && isPaid && isKnowable(paid.after) && canBeKnown()) wrong('harmed', `it is ${desired}`)
  }

  /** Whose debt is old when it becomes certain, because a debit was under way, runs on until the daily recheck. */
  function owedUntil(since: number): number {
    return Math.max(since + graceS, stoodSince + day) + slackS
  }

  function isUnnoticed(): boolean {
    return product().findings().length === 0
  }

  function checkTold(dues: Due[], kind: 'freeloading' | 'harmed'): void {
    // It may become certain after its grace: a debit was under way until then.
    for (const why of certainSince.keys())
      if (!dues.some((each) => each.why === why)) certainSince.delete(why)
    for (const { why } of dues) certainSince.set(why, certainSince.get(why) ?? seconds())
    const due = dues.find(({ since, knownSince, why }) => {
      const certain = certainSince.get(why) ?? seconds()
      return seconds() > Math.max(since, certain) + slackS && isKnowable(Math.max(knownSince, certain))
    })
    if (due)
      wrong(kind, `it is ${desired} since ${dateOf(due.since)}, ${due.why}, and no finding tells of it`)
  }

  function checkAlarm(): void {
    const since = changedAt()
    if (seconds() <= since + slackS || !isKnowable(since) || !oracle.dues.areNone(seconds())) return
    const [{ finding = '' } = {}] = product().findings()
    wrong('alarmed', `a finding is open while all is in order: ${finding}`)
  }

  function checkPrice(): void {
    const pricing = oracle.pricing()
    if (pricing === null) return
    const { plan, since } = pricing
    const { plan: actual } = product().order()
    if (plan === actual) agreedAt = seconds()
    if (seconds() <= Math.max(since, agreedAt) + slackS || !isKnowable(since)) return
    if (plan === null && isUnnoticed())
      wrong('freeloading', 'it pays a price of no plan, and no finding reports it')
    if (plan === null || plan === actual) return
    const isCheaper = (planPrices.get(plan) ?? 0) < (planPrices.get(actual) ?? 0)
    wrong(isCheaper ? 'freeloading' : 'harmed', `it is of the plan ${actual} and pays for ${plan}`)
  }

  /** What cannot be undone has to be right at the moment of the decision, whatever has arrived. */
  function decided({ type, order }: Decided): void {
    if (type === 'order.warned' && order.warning?.step === 'terminate') warnedAt ??= seconds()
    if (order.desired === desired) return
    if (desired === 'suspended' && order.desired === 'running')
      resumed = { at: seconds(), changedAt: changedAt() }
    desired = order.desired
    hasServer ||= desired === 'running'
    refresh()
    if (desired === 'suspended') checkSuspension()
    if (desired === 'terminated') checkDeletion()
    suspendedAt = desired === 'suspended' ? (suspendedAt ?? seconds()) : null
    if (desired === 'running') warnedAt = null
  }

  function checkSuspension(): void {
    if (seconds() < resumed.at + hour && changedAt() === resumed.changedAt && !isBusy())
      wrong('harmed', 'it has resumed for a moment alone')
    if (current.stand === 'paid' && canBeKnown()) wrong('harmed', 'it is suspended')
    if (current.stand === 'owed' && seconds() < Math.min(current.since, owedFrom) + graceS)
      wrong('harmed', 'it is suspended within its grace')
  }

  function canBeKnown(): boolean {
    const { knownSince } = current
    return knownSince === undefined || (seconds() > knownSince + slackS && isKnowable(knownSince))
  }

  function checkDeletion(): void {
    const retentionS = policy.retention_days * day
    const warnS = policy.warn_days * day - tickS
    const isKept = current.stand === 'paid' || current.isKept === true
    if (isKept && canBeKnown()) wrong('harmed', 'it is DELETED')
    // A held order never had a server.
    if (!hasServer) hasEndedRightly = true
    else if (suspendedAt === null || seconds() < suspendedAt + retentionS)
      wrong('harmed', 'it is deleted before it stood still for the retention')
    else if (warnedAt === null || seconds() < warnedAt + warnS)
      wrong('harmed', 'it is deleted without a warning in time')
    else hasEndedRightly = true
  }

  function wrong(kind: 'harmed' | 'freeloading' | 'alarmed' | 'broken', what: string): void {
    const line = `${kind}: ${what}, though ${current.stand} since ${dateOf(current.since)}: ${current.why}`
    report('WRONG', () => line)
    violations.push(line)
  }

  return { violations, run, decided, wrong, hasEnded: () => hasEndedRightly }
}
