import type { Envelope, Payment, Subscription } from '@spawnpoint/contracts'
import {
  applyLookup,
  applyPayment,
  applySubscription,
  defaultPolicy,
  evaluateBilling,
  isReturned,
  mayEnd,
  type Order,
  placedOrder,
  policyOf,
  type Rules,
  recordRefundCancellation,
  reevaluateOrder,
  summarizeBilling,
} from '@spawnpoint/order'
import { type Change, openGateway } from './gateway.ts'
import type { StripeApi } from './stripe-api.ts'

/** Bugs that the model has to find: each one is a rule that is not kept. */
export type Mutant =
  | 'first-page-only'
  | 'total-instead-of-collected'
  | 'no-second-check'
  | 'exact-replacements-only'
  | 'newest-invoice-only'
  | 'no-invoices-of-changes'

export type Decided = { type: string; order: Order; note: string | null; alarm: string | null }
type Options = {
  api: StripeApi
  orderId: string
  plan: string
  plans: Rules['catalogue']['plans']
  mutant: Mutant | null
  /** Whether an answer of the gateway comes before the events about the same. */
  answersFirst: boolean
  decided: (decided: Decided) => void
}
type Product = ReturnType<typeof openProduct>

export type { Product }

export const policy = defaultPolicy

const request = {
  region: 'eu',
  customer: { id: null, email: 'buyer@example.com', name: 'Buyer' },
  server_name: 'Home',
  environment: {},
}

/** The order service without a database, its clock, and the gateway whose events it consumes and which it asks. */
export function openProduct({ api, orderId, plan, plans, mutant, answersFirst, decided }: Options) {
  const price = { amount: plans.get(plan)?.price.amount ?? 0, currency: 'eur' }
  let order: Order = placedOrder(orderId, { ...request, plan }, price)
  let isChanging = false
  let delayed: Envelope[] | null = null
  const rules = (): Rules => ({ catalogue: { plans, regions: new Set(['eu']) }, now: api.now() })
  const gateway = openGateway({ api, readsOnePage: mutant === 'first-page-only', publish: consume })

  function consume(event: Envelope): void {
    if (delayed) {
      delayed.push(event)
      return
    }
    const { data } = event
    if (isPayment(data) && isLeftOut(data)) return
    const decision = isPayment(data)
      ? applyPayment(order, asPublished(data), rules())
      : applySubscription(order, data as Subscription, rules())
    if (decision.kind === 'apply') apply(decision)
  }

  function isLeftOut({ kind, payment_id, paid }: Payment): boolean {
    if (mutant === 'no-invoices-of-changes') return kind === 'change'
    const isSecond = kind === 'first' && order.payment_id !== null && order.payment_id !== payment_id
    return mutant === 'exact-replacements-only' && isSecond && paid.amount !== order.price.amount
  }

  function asPublished(payment: Payment): Payment {
    return mutant === 'total-instead-of-collected' ? { ...payment, collected: payment.paid.amount } : payment
  }

  function apply({ order: next, event, note, alarm }: ReturnType<typeof reevaluateOrder>): void {
    // Its server is made at once: a hold for fraud comes too late then.
    order = next.desired === 'running' ? { ...next, ptero_server_id: 1 } : next
    if (event !== null || alarm) decided({ type: event ?? 'alarm', order, note, alarm: alarm ?? null })
  }

  /** The clock: what is due by now is done, after Stripe was asked where that is wanted. */
  function tick(): void {
    for (let round = 0; isDue(); round++) {
      if (round > 20) throw new Error(`the clock of the order does not get on: due at ${order.money_due_at}`)
      recheck()
    }
  }

  function isDue(): boolean {
    return !isChanging && order.money_due_at !== null && Date.parse(order.money_due_at) <= api.now().getTime()
  }

  function recheck(): void {
    const { subscription_id: id } = order
    const { mustAsk, endsSubscription, keepsSubscription } = evaluated(order)
    if (id !== null && order.desired === 'terminated' && mayEnd(order))
      changeSubscription(id, { do: 'cancel', when: 'now' })
    else if (id !== null && (endsSubscription || keepsSubscription)) changeAfterLookup(id)
    else if (mustAsk) followAnswer(id)
    else follow(order)
  }

  function evaluated(of: Order) {
    const { catalogue, now } = rules()
    return evaluateBilling(of, { policy: policyOf(rules(), of.plan), now, catalogue })
  }

  // As the job of the order service does: the end of a subscription is set and taken back by what Stripe reports at that moment.
  function changeAfterLookup(id: string): void {
    const answer = ask(id)
    const { endsSubscription, keepsSubscription } = evaluated(applyLookup(order, answer, rules()))
    if (keepsSubscription) changeSubscription(id, { do: 'keep' }, answer.payments)
    else if (endsSubscription)
      changeSubscription(id, { do: 'cancel', when: 'period_end', because: 'refund' }, answer.payments)
    else if (isDue()) follow(applyLookup(order, answer, rules()))
  }

  /** What was looked up is published too; which of both comes first is chance. */
  function followAnswer(id: string | null): void {
    delayed = answersFirst ? [] : null
    const answer = ask(id)
    // Something that was published was enough.
    if (isDue()) follow(applyLookup(order, answer, rules()))
    const events = delayed ?? []
    delayed = null
    for (const event of events) consume(event)
  }

  function ask(id: string | null) {
    const { payments: all, present } = summarizeBilling(order, api.now().getTime(), rules().catalogue)
    const decisive = all.filter((payment) => present.includes(payment) || isReturned(payment))
    const isAsked = !(mutant === 'no-second-check' && order.desired === 'suspended')
    const { payments, ...answer } = gateway.readBilling(
      id,
      decisive.map(({ payment_id }) => payment_id),
      { isAsked },
    )
    return { ...answer, payments: payments.filter((each) => !isLeftOut(each)).map(asPublished) }
  }

  function changeSubscription(id: string, change: Change, payments: Payment[] = []): void {
    isChanging = true
    gateway.changeSubscription(id, change, (subscription) => {
      isChanging = false
      const answered = applyLookup(order, { subscription, payments }, rules())
      const isOfRefund = change.do === 'cancel' && change.when === 'period_end'
      follow(isOfRefund ? recordRefundCancellation(answered, rules().now) : answered)
    })
  }

  function isTold(finding: { finding: string }): boolean {
    return mutant !== 'newest-invoice-only' || !isOfOlderInvoice(finding)
  }

  function follow(written: Order): void {
    apply(reevaluateOrder(order, written, { rules: rules() }))
  }

  return {
    processEvent: gateway.processEvent,
    sweep: gateway.sweep,
    tick,
    order: () => order,
    dueAt: () => (isChanging ? null : order.money_due_at),
    /** The open findings for a person. */
    findings: () => (order.money.findings ?? []).filter(isTold),
    /** The page its buyer was sent to. */
    sentTo(session: string) {
      order = { ...order, checkout_session_id: session }
    },
  }
}

function isOfOlderInvoice({ finding }: { finding: string }): boolean {
  return finding.includes('and a later one is')
}

function isPayment(data: unknown): data is Payment {
  return typeof data === 'object' && data !== null && 'payment_id' in data
}
