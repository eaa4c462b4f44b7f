import { inTransaction } from '@spawnpoint/database'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import type { BillingUpdate } from '../rules/billing-update.ts'
import type { FetchedEvent } from '../rules/fetched-event.ts'
import { either, idsOf } from '../rules/merge-payment.ts'
import type { StoredPayment } from '../rules/stored-payment.ts'
import { saveDisputes, saveFraudSignals, saveRefunds } from '../store/charges.ts'
import { findStoredPayment, lockPayments, savePayments } from '../store/payments.ts'
import { timeAtStripe } from '../stripe/clock.ts'
import { all, readInvoice } from '../stripe/complete-lists.ts'
import { isMissing } from '../stripe/errors.ts'
import { type Charged, findCharged, idOfCharged } from '../stripe/find-charged.ts'
import { eventFromObject, eventOfType } from '../stripe/object-event.ts'
import { parseStripeEvent } from '../stripe/parse/parse-event.ts'

type Options = { prisma: PrismaClient; stripe: Stripe; livemode: boolean }

/**
 * What a payment's own events do not carry but its state depends on: its invoice, refunds and disputes. Without them the
 * backfill would take each of them for new, and publish the sums of those it has processed so far.
 */
export async function restoreCharges(options: Options, paymentIds: string[]): Promise<void> {
  for (const id of new Set(paymentIds)) {
    try {
      await restoreCharge(options, id)
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }
}

async function restoreCharge({ prisma, stripe, livemode }: Options, id: string): Promise<void> {
  const payment = await findStoredPayment(prisma, id)
  if (!payment || payment.status === 'pending' || payment.status === 'expired') return
  const parts = (await findCharged(stripe, payment)).map(({ charged }) => charged)
  const fetched = await invoiceOf(stripe, { id, charged: parts[0] ?? null, livemode })
  for (const charged of parts) fetched.push(...(await movesOf(stripe, charged, livemode)))
  const updates = fetched.flatMap(({ body, created }) => {
    const parsed = parseStripeEvent(JSON.parse(body), { livemode, lookedAt: created })
    return 'fact' in parsed ? [parsed.fact] : []
  })
  await inTransaction(prisma, async (tx) => {
    const keys = { paymentIntents: [], charges: [], invoices: [], subscriptions: [] }
    const locked = await lockPayments(tx, { ...keys, ids: [id] })
    await savePayments(
      tx,
      locked.map((each) => withDetails(each, updates, parts)),
      new Set([id]),
    )
    await saveRefunds(
      tx,
      pick(updates, 'refunds').flatMap(({ refunds }) => refunds),
    )
    await saveDisputes(
      tx,
      pick(updates, 'dispute').map(({ dispute }) => dispute),
    )
    await saveFraudSignals(
      tx,
      pick(updates, 'fraud').map(({ signal }) => signal),
    )
  })
}

type Invoiced = { id: string; charged: Charged | null; livemode: boolean }

async function invoiceOf(stripe: Stripe, { id, charged, livemode }: Invoiced): Promise<FetchedEvent[]> {
  const invoiceId = id.startsWith('in_')
    ? id
    : id.startsWith('sub_')
      ? await invoicePaidBy(stripe, charged)
      : null
  if (invoiceId === null) return []
  const invoice = await readInvoice(stripe, invoiceId)
  const at = timeAtStripe(invoice.lastResponse)
  return [eventFromObject(invoice, { at, livemode })].filter((fetched) => fetched !== null)
}

async function invoicePaidBy(stripe: Stripe, charged: Charged | null): Promise<string | null> {
  if (!charged || !('payment_intent' in charged)) return null
  const payment = { type: 'payment_intent', ...charged } as const
  const { data } = await stripe.invoicePayments.list({ payment, limit: 1 })
  const invoice = data[0]?.invoice
  return typeof invoice === 'string' ? invoice : (invoice?.id ?? null)
}

async function movesOf(stripe: Stripe, charged: Charged, livemode: boolean): Promise<FetchedEvent[]> {
  const page = { ...charged, limit: 100 }
  return [
    ...(await readAll(() => stripe.refunds.list(page), { type: 'refund.updated', livemode })),
    ...(await readAll(() => stripe.disputes.list(page), { type: 'charge.dispute.updated', livemode })),
    ...(await readAll(() => stripe.radar.earlyFraudWarnings.list(page), {
      type: 'radar.early_fraud_warning.created',
      livemode,
    })),
  ]
}

/** A list to its end, as of the time at Stripe when its first page was read. */
async function readAll<Item extends { id: string }>(
  list: () => Stripe.ApiListPromise<Item>,
  as: { type: string; livemode: boolean },
): Promise<FetchedEvent[]> {
  const page = await list()
  const at = timeAtStripe(page.lastResponse)
  const items = page.has_more ? await all(list()) : page.data
  return items.map((item) => eventOfType(item, { ...as, at }))
}

function withDetails(payment: StoredPayment, updates: BillingUpdate[], parts: Charged[]): StoredPayment {
  const intents = parts.flatMap((charged) => ('payment_intent' in charged ? [charged.payment_intent] : []))
  const details = pick(updates, 'payment').find(
    (update) => update.payment.payment_id === payment.payment_id,
  )?.payment
  return {
    ...payment,
    payment_intent_id: intents.reduce<string | null>(either, payment.payment_intent_id),
    charge_id: either(payment.charge_id, details?.charge_id ?? null),
    charged_by: idsOf([...payment.charged_by, ...parts.map(idOfCharged)], details?.charged_by ?? []),
    invoice_id: either(payment.invoice_id, details?.invoice_id ?? null),
    period_end: payment.period_end ?? details?.period_end ?? null,
    lines: payment.lines ?? details?.lines ?? null,
    collected: payment.collected ?? details?.collected ?? null,
    details_at: payment.details_at ?? details?.details_at ?? null,
  }
}

function pick<About extends BillingUpdate['about']>(updates: BillingUpdate[], about: About) {
  return updates.filter(
    (update): update is Extract<BillingUpdate, { about: About }> => update.about === about,
  )
}
