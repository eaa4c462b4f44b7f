import type { AnyEvent } from '@spawnpoint/contracts'
import type { Transaction } from '@spawnpoint/database'
import { lockPayments, readPayment, savePayments } from '../store/payments.ts'
import { lockSubscriptions, saveSubscriptions } from '../store/subscriptions.ts'

type Of<Prefix extends string> = Extract<AnyEvent, { type: `${Prefix}.${string}` }>

/** Restores payments and subscriptions from our own events since the backup. Returns the payments that were newer. */
export async function restoreBilling(tx: Transaction, events: AnyEvent[]): Promise<string[]> {
  await restoreSubscriptions(tx, events.filter(isOf('subscription')))
  return await restorePayments(tx, events.filter(isOf('payment')))
}

async function restorePayments(tx: Transaction, events: Of<'payment'>[]): Promise<string[]> {
  const latest = latestBySubject(events)
  const keys = { paymentIntents: [], charges: [], invoices: [], subscriptions: [] }
  const locked = await lockPayments(tx, { ...keys, ids: [...latest.keys()] })
  const known = new Map(locked.map((payment) => [payment.payment_id, payment]))
  const newer = [...latest].filter(([id, { data }]) => data.version > (known.get(id)?.version ?? 0))
  const restored = newer.map(([id, { data }]) =>
    readPayment({ id, state: JSON.stringify({ ...known.get(id), ...data }) }),
  )
  await savePayments(tx, restored, new Set(known.keys()))
  return restored.map(({ payment_id }) => payment_id)
}

async function restoreSubscriptions(tx: Transaction, events: Of<'subscription'>[]): Promise<void> {
  const latest = latestBySubject(events)
  const known = await lockSubscriptions(tx, { ids: [...latest.keys()], ours: [] })
  const newer = [...latest].filter(
    ([id, { data }]) => data.version > (known.get(id)?.subscription.version ?? 0),
  )
  await saveSubscriptions(
    tx,
    newer.map(([, { data, time }]) => ({ subscription: data, asOf: asOf(time) })),
  )
}

function latestBySubject<Event extends { subject: string; sequence: number }>(
  events: Event[],
): Map<string, Event> {
  const found = new Map<string, Event>()
  for (const event of events)
    if (event.sequence > (found.get(event.subject)?.sequence ?? 0)) found.set(event.subject, event)
  return found
}

// The first millisecond of a second means creation, which every other event of that second would replace.
function asOf(time: string): Date {
  const at = new Date(time)
  return at.getTime() % 1000 === 0 ? new Date(at.getTime() + 1) : at
}

function isOf<Prefix extends 'payment' | 'subscription'>(prefix: Prefix) {
  return (event: AnyEvent): event is Of<Prefix> => event.type.startsWith(`${prefix}.`)
}
