import type { AnyEvent } from '@spawnpoint/contracts'
import { inTransaction, isDatabaseAway, type TransactionClient } from '@spawnpoint/database'
import { type Decide, decideFirstTime, type Found, type Outcome, reasonOf } from '@spawnpoint/messaging'
import type { Tables } from '../tables.ts'
import { orderIdOf } from './replay-request.ts'

export type Deciding<Tx> = {
  prisma: TransactionClient<Tx> & Tables
  consumer: string
  decide: Decide<Tx>
}

/** What became of one event; `effect` is what it changed, or in a dry run would change. */
export type Finding = {
  seq: number
  event_id: string
  type: string
  order_id: string
  outcome: 'done' | 'ignored' | 'parked' | 'dead' | 'skipped' | 'refused' | 'failed' | 'published'
  reason: string | null
  effect: Effect | null
}

export type Effect = { fields: Record<string, { from: unknown; to: unknown }>; says: string[] }

/** Decides a batch as the service's consumer would. An event that fails is isolated and holds up no other. */
export async function decideAgain<Tx extends Tables>(
  deciding: Deciding<Tx>,
  batch: Found[],
): Promise<Finding[]> {
  if (batch.length === 0) return []
  try {
    const outcomes = await inTransaction(deciding.prisma, (tx) =>
      forgetAndDecide(
        tx,
        deciding,
        batch.map(({ event }) => event),
      ),
    )
    return batch.map((found) => finding(found, outcomes.get(found.event.id)))
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    if (batch.length > 1) return (await inSequence(batch, (one) => decideAgain(deciding, [one]))).flat()
    return batch.map((found) => ({ ...finding(found, undefined), outcome: 'failed', reason: String(error) }))
  }
}

/** In the caller's transaction: what was ignored or parked (or, of these, what `forget` names) is decided as if it came for the first time. */
export async function forgetAndDecide<Tx extends Tables>(
  tx: Tx,
  { consumer, decide }: Pick<Deciding<Tx>, 'consumer' | 'decide'>,
  events: AnyEvent[],
  { forget = ['ignored', 'parked'], now = new Date() } = {},
): Promise<Map<string, Outcome>> {
  const eventId = { in: [...new Set(events.map(({ id }) => id))].sort() }
  await tx.inbox.updateMany({
    where: { eventId, outcome: { in: forget } },
    data: { outcome: null, reason: null },
  })
  await tx.parkedEvent.deleteMany({ where: { eventId } })
  return decideFirstTime(tx, { consumer, decide, events, now })
}

export function finding({ seq, event }: Found, outcome: Outcome | undefined): Finding {
  return {
    seq,
    event_id: event.id,
    type: event.type,
    order_id: orderIdOf(event),
    outcome: outcome?.outcome ?? 'skipped',
    reason: outcome ? inWords(outcome) : 'decided meanwhile',
    effect: null,
  }
}

async function inSequence<T, R>(items: T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const one of items) results.push(await work(one))
  return results
}

function inWords(outcome: Outcome): string | null {
  const reason = reasonOf(outcome)
  return outcome.outcome === 'parked' ? `waits for ${reason}` : reason
}
