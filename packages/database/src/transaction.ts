import { setTimeout as delay } from 'node:timers/promises'
import type { Sql } from '@prisma/client/runtime/client'

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

/** Lost to another transaction, not wrong: the same work can be done again at once. */
export function isRace(error: unknown): boolean {
  const text = describe(error)
  return races.test(text) || duplicates.test(text)
}

/** A row of this key is there already; the transaction goes on. */
export function isDuplicate(error: unknown): boolean {
  return duplicates.test(describe(error))
}

/** The database cannot be reached or refuses everybody: nobody's message is to blame. */
export function isDatabaseAway(error: unknown): boolean {
  const text = describe(error)
  return away.test(text) && !/expired transaction/i.test(text)
}

// Numbers count only where they stand as an error's code: a message may quote anything, such as an order called 1213.
const numbered = (codes: string) => `(?:code: \`|code":\\s?"?|\\(errno: |, no: )(?:${codes})\\b`
const duplicates = new RegExp(
  `${numbered('1062')}|"?P2002"?|duplicate entry '|UniqueConstraintViolation`,
  'i',
)
const races = new RegExp(
  `${numbered('1213|1205|1020')}|"?P2034"?|deadlock found|lock wait timeout exceeded|record has changed since last read|TransactionWriteConflict`,
  'i',
)
const away = new RegExp(
  `${numbered('1040|1053|1203|1927|2006|2013|45009|45012|45028')}|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|pool timeout|pool is closed|pool is ending|socket has unexpectedly been closed|cannot execute new commands|connection (?:was |is )?(?:closed|lost|killed)|server has gone away|too many connections|server shutdown in progress|P1001|P1002|P1017|P2024|P2028`,
  'i',
)

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, meta, cause } = error as Error & { code?: unknown; meta?: unknown }
  return [error.name, error.message, code, JSON.stringify(meta), cause && describe(cause)].join(' ')
}
