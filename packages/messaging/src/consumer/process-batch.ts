import { randomUUID } from 'node:crypto'
import type { AnyEvent } from '@spawnpoint/contracts'
import { inTransaction, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { step } from '@spawnpoint/service-kit'
import { hasSaid } from '../outbox/outbox.ts'
import { type Decide, firstTimeOf, type Outcome } from './inbox.ts'
import { settle } from './settle.ts'

type Options<Tx> = { prisma: TransactionClient<Tx>; consumer: string; decide: Decide<Tx> }

/** `says`: something was put into the outbox. */
export type Processed = { outcomes: Map<string, Outcome>; says: boolean }

/** Inbox marks, state and outgoing events of a whole list commit together, or not at all. */
export async function processList<Tx extends Transaction>(
  { prisma, consumer, decide }: Options<Tx>,
  events: AnyEvent[],
): Promise<Processed> {
  const processed = await inTransaction(prisma, async (tx) => {
    const outcomes = await decideFirstTime(tx, { consumer, decide, events, now: new Date() })
    step('consume.before-commit')
    return { outcomes, says: hasSaid(tx) }
  })
  step('consume.after-commit')
  return processed
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
