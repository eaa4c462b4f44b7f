import {
  applyUpdate,
  asOfLookup,
  emptyBillingState,
  eventFromObject,
  handledEventTypes,
  parseStripeEvent,
  pendingPrices,
  publishedPayment,
  requiredChange,
} from '@spawnpoint/billing-gateway'
import type { Envelope, Payment, Subscription } from '@spawnpoint/contracts'
import type { StripeApi } from './stripe-api.ts'
import type { Event } from './stripe-environment.ts'

/** The types that are delivered at all. */
export const usedTypes: ReadonlySet<string> = new Set(handledEventTypes)

export type Change = Parameters<typeof requiredChange>[1]
type BillingUpdate = Extract<ReturnType<typeof parseStripeEvent>, { fact: unknown }>['fact']
type Looked = { lookedAt?: Date; wasLooked?: boolean }
type Options = { api: StripeApi; readsOnePage: boolean; publish: (event: Envelope) => void }

/** The billing gateway without a database: its rules, and around them as little as can be. */
export function openGateway({ api, readsOnePage, publish }: Options) {
  const billingState = emptyBillingState()
  let waiting: { event: Event; waitingFor: string }[] = []
  let sweptAt: number | null = null
  // An object that was seen has no news the next time, unless what is known of it changed meanwhile: that saves most of the time.
  const seen = new WeakMap<object, { about: BillingUpdate | null; known: unknown }>()

  /** An event of Stripe's, or an object that was looked up, in the form of one. */
  function processEvent(arrived: Event, { lookedAt, wasLooked = false }: Looked = {}): BillingUpdate | null {
    const event = readsOnePage ? asIfWhole(arrived) : arrived
    const read = lookedAt ? parseStripeEvent(event, { livemode: false, lookedAt }) : readOnce(event)
    if ('ignored' in read) return null
    const { fact, happenedAt } = read
    const decision = applyUpdate(billingState, fact, { happenedAt, wasLooked })
    for (const news of billingState.outgoing.splice(0)) publish(news)
    if (decision.outcome === 'look') lookup(decision.target, event, lookedAt)
    else if (decision.outcome === 'ignored' && decision.waitingFor)
      waiting.push({ event, waitingFor: decision.waitingFor })
    const due = waiting.filter(({ waitingFor }) => billingState.links.has(waitingFor))
    billingState.links.clear()
    waiting = waiting.filter((each) => !due.includes(each))
    for (const each of due) processEvent(each.event)
    return fact
  }

  /** What is known of what a fact is about; every change makes it another object. */
  function knownOf(fact: BillingUpdate): unknown {
    if (fact.about === 'payment') return billingState.payments.get(fact.payment.payment_id)
    if (fact.about === 'subscription') return billingState.subscriptions.get(fact.state.subscription_id)
    if (fact.about === 'dispute') return billingState.disputes.get(fact.dispute.disputeId)
    return fact.about === 'refunds' ? billingState.refunds.get(fact.refunds[0]?.refundId ?? '') : undefined
  }

  function lookup(target: string, event: Event, lookedAt: Date | undefined): void {
    const [, what = '', id = ''] = /^look:([a-z-]+):(.+)$/.exec(target) ?? []
    const question = questions[what]
    if (!question) throw new Error(`nobody knows how to look up ${target}`)
    const at = asOfLookup(api.now(), lookedAt ?? new Date(event.created * 1000))
    for (const object of question.answer(id)) {
      const type = object && (question.type ?? typeOf(object))
      if (type) processEvent(seenAs(type, object, at), { lookedAt: at, wasLooked: true })
    }
    processEvent(event, { ...(lookedAt && { lookedAt }), wasLooked: true })
  }

  const questions: Record<string, { type?: string; answer: (id: string) => (object | undefined)[] }> = {
    subscription: { type: 'customer.subscription.updated', answer: (id) => [api.subscription(id)] },
    invoice: { answer: (id) => [api.invoice(id)] },
    'invoice-payments': { type: 'invoice_payment.paid', answer: api.invoicePayments },
    refunds: { type: 'refund.updated', answer: api.refundsOf },
  }

  function see(object: object, at: Date): void {
    const type = typeOf(object)
    const last = seen.get(object)
    if (type === null || (last && isUnchanged(last))) return
    const about = processEvent(seenAs(type, object, at), { lookedAt: at })
    seen.set(object, { about, known: about && knownOf(about) })
  }

  // Of a subscription it is kept as of when it is known.
  function isUnchanged({ about, known }: { about: BillingUpdate | null; known: unknown }): boolean {
    return about === null || (about.about !== 'subscription' && knownOf(about) === known)
  }

  /** What Stripe reports now of a subscription, its invoices, and what went back of these payments. */
  function readBilling(id: string | null, present: string[], { isAsked }: { isAsked: boolean }) {
    const known = billingState.subscriptions.get(id ?? '')?.asOf ?? new Date(0)
    const at = asOfLookup(new Date(0), new Date(Math.max(api.now().getTime(), known.getTime())))
    const charged = present.flatMap((payment) => billingState.payments.get(payment)?.charged_by ?? [])
    const intents = charged.filter((by) => by.startsWith('pi_'))
    const others = id === null ? [] : api.othersOf(id)
    const ofOthers = others.flatMap((other) => [...api.invoicesOf(other.id), other])
    const ofSubscription = id === null ? [] : [...api.invoicesOf(id), ...ofOthers, api.subscription(id)]
    for (const object of isAsked ? [...intents.flatMap(api.movesOf), ...ofSubscription] : [])
      if (object) see(object, at)
    const subscription = id === null || !isAsked ? undefined : api.subscription(id)
    const pending = subscription ? api.pendingItems(String(subscription.customer)) : []
    return {
      ...reported(id, present),
      pending_prices: id === null ? [] : pendingPrices(pending, id),
      other_subscriptions: isAsked ? others.flatMap((other) => knownAs(other.id) ?? []) : [],
    }
  }

  function reported(
    id: string | null,
    present: string[],
  ): { subscription: Subscription | null; payments: Payment[] } {
    const payments = [...billingState.payments.values()].filter(
      (payment) => present.includes(payment.payment_id) || payment.subscription_id === id,
    )
    return { subscription: knownAs(id ?? ''), payments: payments.map(publishedPayment) }
  }

  function knownAs(id: string): Subscription | null {
    return billingState.subscriptions.get(id)?.subscription ?? null
  }

  /** Catch-up without events: the state of Stripe's objects is enough. */
  function sweep(): void {
    const now = api.now()
    // As the product does: what was made since the last time, with an overlap of ten minutes, and what is open here.
    const listed = api.listed(sweptAt === null ? 0 : sweptAt - 600)
    for (const object of [...listed, ...openIds().map(api.retrieve)]) if (object) see(object, now)
    sweptAt = Math.floor(now.getTime() / 1000)
  }

  function openIds(): string[] {
    const open: (string | null)[] = []
    for (const { status, invoice_id, checkout_session_id } of billingState.payments.values()) {
      if (status === 'pending') open.push(checkout_session_id)
      if (status === 'pending' || status === 'failed') open.push(invoice_id)
    }
    for (const { refundId, status } of billingState.refunds.values())
      if (status === 'pending') open.push(refundId)
    for (const { disputeId, status } of billingState.disputes.values())
      if (!closed.has(status)) open.push(disputeId)
    for (const known of billingState.subscriptions.values())
      if (known && !ended.has(known.subscription.status)) open.push(known.subscription.subscription_id)
    return open.filter((id) => id !== null)
  }

  return {
    processEvent,
    sweep,
    readBilling,
    /** Brings a subscription into the wanted state, and gives it as Stripe shows it then. */
    changeSubscription(id: string, change: Change, then: (after: Subscription | null) => void) {
      const before = api.subscription(id)
      const read = () => {
        see(api.subscription(id) ?? {}, asOfLookup(new Date(0), api.now()))
        then(knownAs(id))
      }
      const required = before && requiredChange(before, change, api.now())
      if (required?.do === 'cancel') api.call('DELETE', `subscriptions/${id}`, {}, read)
      else if (required?.do === 'update') api.call('POST', `subscriptions/${id}`, required.params, read)
      else read()
    },
  }
}

const closed = new Set(['won', 'lost', 'warning_closed', 'charge_refunded', 'prevented', 'prevented_in_vain'])
const ended = new Set(['canceled', 'incomplete_expired'])

// The same event may arrive more than once.
const read = new WeakMap<Event, ReturnType<typeof parseStripeEvent>>()

function readOnce(event: Event): ReturnType<typeof parseStripeEvent> {
  const known = read.get(event) ?? parseStripeEvent(event, { livemode: false })
  read.set(event, known)
  return known
}

const types = new WeakMap<object, string | null>()

/** The event type that reports such an object. What else is made of an object that was seen costs time. */
function typeOf(object: object): string | null {
  const known = types.get(object)
  if (known !== undefined) return known
  const seen = eventFromObject(object as Parameters<typeof eventFromObject>[0], {
    at: new Date(0),
    livemode: false,
  })
  types.set(object, seen?.type ?? null)
  return seen?.type ?? null
}

function seenAs(type: string, object: object, at: Date): Event {
  return {
    ...{ id: 'seen', object: 'event', api_version: '', livemode: false, pending_webhooks: 0, type },
    request: { id: null, idempotency_key: null },
    created: Math.floor(at.getTime() / 1000),
    data: { object },
  }
}

/** As one has it who reads the first page of a list and does not look whether there is more. */
function asIfWhole(event: Event): Event {
  const { object } = event.data
  if (typeof object !== 'object' || object === null || !('lines' in object)) return event
  const lines = { ...(object.lines as { data: unknown[] }), has_more: false }
  return { ...event, data: { object: { ...object, lines: { ...lines, data: lines.data.slice(0, 10) } } } }
}
