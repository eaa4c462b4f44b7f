import { randomUUID } from 'node:crypto'
import type { AnyEvent } from '@spawnpoint/contracts'
import { inTransaction, type Transaction, type TransactionClient } from '@spawnpoint/database'
import { step } from '@spawnpoint/service-kit'
import { bury } from './dead-letter.ts'
import { type Decide, firstTimeOf, type Outcome, writeOutcomes } from './inbox.ts'
import { park } from './parked.ts'

type Options<Tx> = { prisma: TransactionClient<Tx>; consumer: string; decide: Decide<Tx> }

/** Inbox marks, state and outgoing events of a whole list commit together, or not at all. */
export async function processList<Tx extends Transaction>(
  { prisma, consumer, decide }: Options<Tx>,
  events: AnyEvent[],
): Promise<Map<string, Outcome>> {
  const outcomes = await inTransaction(prisma, async (tx) => {
    const first = await firstTimeOf(tx, { consumer, batchId: randomUUID(), events })
    if (first.length === 0) return new Map<string, Outcome>()
    const decided = await decide(tx, first, new Date())
    for (const event of first) await settle(tx, consumer, event, decided.get(event.id))
    await writeOutcomes(tx, decided)
    step('consume.before-commit')
    return decided
  })
  step('consume.after-commit')
  return outcomes
}

async function settle(tx: Transaction, consumer: string, event: AnyEvent, outcome: Outcome | undefined) {
  if (!outcome) throw new Error(`${consumer} decided nothing about ${event.type} ${event.id}`)
  if (outcome.outcome === 'parked') await park(tx, event, outcome.waitingFor)
  if (outcome.outcome === 'dead')
    await bury(tx, {
      eventId: event.id,
      consumer,
      class: outcome.class,
      message: outcome.message,
      subject: event.type,
      envelope: JSON.stringify(event),
    })
}
