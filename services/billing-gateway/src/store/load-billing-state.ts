import type { Transaction } from '@spawnpoint/database'
import { type Books, emptyBooks } from '../rules/billing-state.ts'
import type { Fact } from '../rules/billing-update.ts'
import { findDisputes } from './disputes.ts'
import { findFraudSignals } from './fraud-signals.ts'
import { findSubscriptions, lockPayments, type PaymentKeys } from './payments.ts'
import { findRefunds } from './refunds.ts'
import { lockSubscriptions } from './subscriptions.ts'

/** What is known of whatever these facts speak of, locked: subscriptions first, then payments, both in the order of their ids. */
export async function loadBooks(tx: Transaction, facts: Fact[]): Promise<Books> {
  const { ids, ours } = subscriptionsOf(facts)
  const disputed = await subscriptionsOfDisputes(tx, facts)
  const subscriptions = await lockSubscriptions(tx, { ids: unique([...ids, ...disputed]), ours })
  const keys = keysOf(facts)
  const payments = await lockPayments(tx, {
    ...keys,
    subscriptions: unique([...keys.subscriptions, ...disputed]),
  })
  const books = {
    ...emptyBooks(),
    subscriptions,
    payments: new Map(payments.map((each) => [each.payment_id, each])),
  }

  const abouts = new Set(facts.map(({ about }) => about))
  const links = {
    paymentIntents: payments.flatMap(({ payment_intent_id }) => payment_intent_id ?? []),
    charges: payments.flatMap(({ charge_id }) => charge_id ?? []),
  }
  if (links.paymentIntents.length + links.charges.length === 0) return books
  // All that is of one payment is read under its lock: nobody else adds to it meanwhile.
  if (abouts.has('refunds')) books.refunds = byId(await findRefunds(tx, links), ({ refundId }) => refundId)
  if (abouts.has('dispute'))
    books.disputes = byId(await findDisputes(tx, links), ({ disputeId }) => disputeId)
  if (abouts.has('fraud')) books.signals = byId(await findFraudSignals(tx, links), ({ signalId }) => signalId)
  return books
}

function byId<T>(items: T[], idOf: (item: T) => string): Map<string, T> {
  return new Map(items.map((item) => [idOf(item), item]))
}

function subscriptionsOf(facts: Fact[]): { ids: string[]; ours: string[] } {
  const named = facts.flatMap((fact) => {
    const id = subscriptionOf(fact)
    return id === null ? [] : [{ id, isOurs: 'isOurs' in fact && fact.isOurs }]
  })
  const ours = named.filter(({ isOurs }) => isOurs)
  return { ids: unique(named.map(({ id }) => id)), ours: unique(ours.map(({ id }) => id)) }
}

// A returned direct debit changes what is paid of its subscription.
async function subscriptionsOfDisputes(tx: Transaction, facts: Fact[]): Promise<string[]> {
  const links = facts.flatMap((fact) => (fact.about === 'dispute' ? [fact.link] : []))
  if (links.length === 0) return []
  return await findSubscriptions(tx, {
    paymentIntents: unique(links.flatMap(({ paymentIntentId }) => paymentIntentId ?? [])),
    charges: unique(links.flatMap(({ chargeId }) => chargeId ?? [])),
  })
}

function subscriptionOf(fact: Fact): string | null {
  switch (fact.about) {
    case 'payment':
      return fact.payment.subscription_id
    case 'subscription':
      return fact.state.subscription_id
    case 'refunds':
    case 'dispute':
    case 'fraud':
    case 'invoice-payment':
      return null
    default:
      return fact satisfies never
  }
}

function keysOf(facts: Fact[]): PaymentKeys {
  const links = facts.flatMap((fact) =>
    'link' in fact && fact.about !== 'invoice-payment' ? [fact.link] : [],
  )
  const subscriptions = facts.flatMap((fact) => subscriptionOf(fact) ?? [])
  return {
    ids: unique(facts.flatMap((fact) => (fact.about === 'payment' ? [fact.payment.payment_id] : []))),
    paymentIntents: unique(links.flatMap(({ paymentIntentId }) => paymentIntentId ?? [])),
    charges: unique(links.flatMap(({ chargeId }) => chargeId ?? [])),
    invoices: unique(facts.flatMap((fact) => (fact.about === 'invoice-payment' ? [fact.invoiceId] : []))),
    subscriptions: unique(subscriptions),
  }
}

function unique(ids: string[]): string[] {
  return [...new Set(ids)]
}
