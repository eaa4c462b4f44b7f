import { randomUUID } from 'node:crypto'
import type { AnyEvent } from '@spawnpoint/contracts'
import { inTransaction, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { step } from '@spawnpoint/service-kit'
import { type Decide, firstTimeOf, type Outcome } from './inbox.ts'
import { settle } from './settle.ts'

type Options<Tx> = { prisma: TransactionClient<Tx>; consumer: string; decide: Decide<Tx> }

/** Inbox marks, state and outgoing events of a whole list commit together, or not at all. */
export async function processList<Tx extends Transaction>(
  { prisma, consumer, decide }: Options<Tx>,
  events: AnyEvent[],
): Promise<Map<string, Outcome>> {
  const outcomes = await inTransaction(prisma, async (tx) => {
    const decided = await decideFirstTime(tx, { consumer, decide, events, now: new Date() })
    step('consume.before-commit')
    return decided
  })
  step('consume.after-commit')
  return outcomes
}

/** Decides those events which nobody has decided yet, in the caller's transaction. */
export async function decideFirstTime<Tx extends Transaction>(
  tx: Tx,
  { consumer, decide, events, now }: { consumer: string; decide: Decide<Tx>; events: AnyEvent[]; now: Date },
): Promise<Map<string, Outcome>> {
  const first = await firstTimeOf(tx, { consumer, batchId: randomUUID(), events })
  if (first.length === 0) return new Map()
  const decided = await decide(tx, first, now)
  return await settle(
    tx,
    first.map((event) => ({ event, consumer })),
    decided,
    (parked) => decide(tx, parked, now),
  )
}
