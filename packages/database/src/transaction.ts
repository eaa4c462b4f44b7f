import { setTimeout as delay } from 'node:timers/promises'
import type { Sql } from '@prisma/client/runtime/client'
import { isRace } from './errors.ts'

/** What our SQL needs of a Prisma client or of the caller's transaction. */
export type Transaction = {
  $executeRaw(query: Sql): PromiseLike<number>
  $queryRaw<T = unknown>(query: Sql): PromiseLike<T>
}

type Options = { maxWait: number; timeout: number }
export type TransactionClient<Tx> = {
  $transaction<R>(work: (tx: Tx) => Promise<R>, options: Options): Promise<R>
}

const rerunAtMost = 5

/**
 * Runs `work` in one transaction, READ COMMITTED as every session is. A deadlock, a lock timeout or a lost race for a new row
 * runs the whole of it again.
 */
export async function inTransaction<Tx, R>(
  prisma: TransactionClient<Tx>,
  work: (tx: Tx) => Promise<R>,
): Promise<R> {
  return await againAfterRaces(() => prisma.$transaction(work, { maxWait: 10_000, timeout: 30_000 }))
}

/** For a statement that is a transaction by itself: it is run again when it lost against another. */
export async function againAfterRaces<R>(work: () => PromiseLike<R>): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= rerunAtMost || !isRace(error)) throw error
      await delay(Math.random() * 10 * 2 ** attempt)
    }
  }
}
