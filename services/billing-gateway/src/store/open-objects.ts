import type { Tx } from './tx.ts'

type Kind = 'sessions' | 'invoices' | 'subscriptions' | 'refunds' | 'disputes'
export type OpenObject = { kind: Kind; id: string }

const atMost = 200

const invoicesOfDays = 60
const endedDisputes = ['won', 'lost', 'warning_closed', 'charge_refunded', 'prevented', 'prevented_in_vain']

/** Objects that are open here and may have changed at Stripe without an event: the longest untouched first. */
export async function findOpenObjects(db: Tx): Promise<OpenObject[]> {
  const sessions = await db.payment.findMany({
    where: { status: 'pending', sessionId: { not: null } },
    select: { sessionId: true },
    orderBy: { updatedAt: 'asc' },
    take: atMost,
  })
  const since = new Date(Date.now() - invoicesOfDays * 24 * 60 * 60 * 1_000)
  const invoices = await db.payment.findMany({
    where: { status: { in: ['pending', 'failed'] }, invoiceId: { not: null }, updatedAt: { gt: since } },
    select: { invoiceId: true },
    orderBy: { updatedAt: 'asc' },
    take: atMost,
  })
  const refunds = await db.refund.findMany({
    where: { status: { in: ['pending', 'requires_action'] } },
    select: { id: true },
    orderBy: { asOf: 'asc' },
    take: atMost,
  })
  const disputes = await db.dispute.findMany({
    where: { status: { notIn: endedDisputes } },
    select: { id: true },
    orderBy: { asOf: 'asc' },
    take: atMost,
  })
  return [
    ...sessions.flatMap(({ sessionId }) => openObject('sessions', sessionId)),
    ...invoices.flatMap(({ invoiceId }) => openObject('invoices', invoiceId)),
    ...refunds.flatMap(({ id }) => openObject('refunds', id)),
    ...disputes.flatMap(({ id }) => openObject('disputes', id)),
  ]
}

/** Our subscriptions that have not ended and that Stripe did not list. */
export async function findLostSubscriptions(db: Tx, living: ReadonlySet<string>): Promise<OpenObject[]> {
  const open = await db.subscription.findMany({
    where: { status: { notIn: ['canceled', 'incomplete_expired'] } },
    select: { id: true },
  })
  return open.filter(({ id }) => !living.has(id)).map(({ id }) => ({ kind: 'subscriptions', id }))
}

function openObject(kind: Kind, id: string | null): OpenObject[] {
  return id === null ? [] : [{ kind, id }]
}
