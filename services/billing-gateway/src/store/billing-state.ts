import type { Transaction } from '@spawnpoint/database'
import { appendOutbox } from '@spawnpoint/messaging'
import { type BillingState, emptyBillingState } from '../rules/billing-state.ts'
import type { BillingUpdate } from '../rules/billing-update.ts'
import {
  findDisputes,
  findFraudSignals,
  findRefunds,
  saveDisputes,
  saveFraudSignals,
  saveRefunds,
} from './charges.ts'
import { findSubscriptions, lockPayments, type PaymentKeys, savePayments } from './payments.ts'
import { lockSubscriptions, saveSubscriptions } from './subscriptions.ts'

/** The billing state that these updates concern, locked: subscriptions first, then payments, each ordered by id. */
export async function loadBillingState(tx: Transaction, updates: BillingUpdate[]): Promise<BillingState> {
  const { ids, ours } = subscriptionsOf(updates)
  const disputed = await subscriptionsOfDisputes(tx, updates)
  const subscriptions = await lockSubscriptions(tx, { ids: unique([...ids, ...disputed]), ours })
  const keys = keysOf(updates)
  const payments = await lockPayments(tx, {
    ...keys,
    subscriptions: unique([...keys.subscriptions, ...disputed]),
  })
  const billing = {
    ...emptyBillingState(),
    subscriptions,
    payments: new Map(payments.map((each) => [each.payment_id, each])),
  }

  const abouts = new Set(updates.map(({ about }) => about))
  const links = {
    paymentIntents: payments.flatMap(({ charged_by }) => charged_by.filter((id) => id.startsWith('pi_'))),
    charges: payments.flatMap(({ charged_by }) => charged_by.filter((id) => !id.startsWith('pi_'))),
  }
  if (links.paymentIntents.length + links.charges.length === 0) return billing
  // Everything of a payment is read under its lock: no one else adds to it meanwhile.
  if (abouts.has('refunds')) billing.refunds = byId(await findRefunds(tx, links), ({ refundId }) => refundId)
  if (abouts.has('dispute'))
    billing.disputes = byId(await findDisputes(tx, links), ({ disputeId }) => disputeId)
  if (abouts.has('fraud'))
    billing.signals = byId(await findFraudSignals(tx, links), ({ signalId }) => signalId)
  return billing
}

/** `known` are the payments that were there when the state was loaded. */
export async function saveBillingState(
  tx: Transaction,
  billing: BillingState,
  known: ReadonlySet<string>,
): Promise<void> {
  const { changed } = billing
  await savePayments(tx, pick(billing.payments, changed.payments), known)
  await saveSubscriptions(
    tx,
    pick(billing.subscriptions, changed.subscriptions).filter((each) => each !== null),
  )
  await saveRefunds(tx, pick(billing.refunds, changed.refunds))
  await saveDisputes(tx, pick(billing.disputes, changed.disputes))
  await saveFraudSignals(tx, pick(billing.signals, changed.signals))
  await appendOutbox(tx, billing.outgoing)
}

function pick<T>(all: Map<string, T>, ids: Set<string>): T[] {
  return [...all].flatMap(([id, item]) => (ids.has(id) ? [item] : []))
}

function byId<T>(items: T[], idOf: (item: T) => string): Map<string, T> {
  return new Map(items.map((item) => [idOf(item), item]))
}

function subscriptionsOf(updates: BillingUpdate[]): { ids: string[]; ours: string[] } {
  const named = updates.flatMap((update) => {
    const id = subscriptionOf(update)
    return id === null ? [] : [{ id, isOurs: 'isOurs' in update && update.isOurs }]
  })
  const ours = named.filter(({ isOurs }) => isOurs)
  return { ids: unique(named.map(({ id }) => id)), ours: unique(ours.map(({ id }) => id)) }
}

// A returned direct debit changes the paid period of its subscription.
async function subscriptionsOfDisputes(tx: Transaction, updates: BillingUpdate[]): Promise<string[]> {
  const links = updates.flatMap((update) => (update.about === 'dispute' ? [update.link] : []))
  if (links.length === 0) return []
  return await findSubscriptions(tx, {
    paymentIntents: unique(links.flatMap(({ paymentIntentId }) => paymentIntentId ?? [])),
    charges: unique(links.flatMap(({ chargeId }) => chargeId ?? [])),
  })
}

function subscriptionOf(update: BillingUpdate): string | null {
  switch (update.about) {
    case 'payment':
      return update.payment.subscription_id
    case 'subscription':
      return update.state.subscription_id
    case 'refunds':
    case 'dispute':
    case 'fraud':
    case 'invoice-payment':
      return null
    default:
      return update satisfies never
  }
}

function keysOf(updates: BillingUpdate[]): PaymentKeys {
  const links = updates.flatMap((update) =>
    'link' in update && update.about !== 'invoice-payment' ? [update.link] : [],
  )
  const subscriptions = updates.flatMap((update) => subscriptionOf(update) ?? [])
  return {
    ids: unique(updates.flatMap((update) => (update.about === 'payment' ? [update.payment.payment_id] : []))),
    paymentIntents: unique(links.flatMap(({ paymentIntentId }) => paymentIntentId ?? [])),
    charges: unique(links.flatMap(({ chargeId }) => chargeId ?? [])),
    invoices: unique(
      updates.flatMap((update) => (update.about === 'invoice-payment' ? [update.invoiceId] : [])),
    ),
    subscriptions: unique(subscriptions),
  }
}

function unique(ids: string[]): string[] {
  return [...new Set(ids)]
}
