import type { StreamName } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import type { Check, Finding } from '@spawnpoint/service-kit'
import { describeAge } from './age.ts'
import { mendOf } from './mend-of.ts'

type Options = { prisma: Transaction; stream: StreamName; stalledAfterMs: number }

/** Whether committed events are published. */
export function watchOutbox({ prisma, stream, stalledAfterMs }: Options): Check {
  return {
    find: async () => {
      const oldest = await oldestWaiting(prisma)
      if (!oldest || oldest.seconds * 1_000 < stalledAfterMs) return null
      return describe(oldest, stream)
    },
    mend: `nats stream info ${stream}`,
  }
}

type Waiting = { subject: string; seconds: number; lastError: string | null }

async function oldestWaiting(db: Transaction): Promise<Waiting | null> {
  // One that stream repair has reset is as old as its event, and waits since it became due.
  const rows = await db.$queryRaw<{ subject: string; seconds: bigint | number; lastError: string | null }[]>(
    sql`SELECT subject, last_error AS lastError, TIMESTAMPDIFF(SECOND,
          IF(attempts = 0, GREATEST(created_at, next_attempt_at), created_at), UTC_TIMESTAMP(3)) AS seconds
        FROM outbox WHERE published_at IS NULL ORDER BY seq LIMIT 1`,
  )
  const [row] = rows
  return row ? { ...row, seconds: Number(row.seconds) } : null
}

function describe({ subject, seconds, lastError }: Waiting, stream: StreamName): Finding {
  const since = `Events are not published: ${subject} has waited for ${describeAge(seconds)}`
  if (lastError === null)
    return {
      problem: since,
      mend: `restart the service; where NATS is away, bring it back (nats stream info ${stream})`,
    }
  return {
    problem: `${since} (${lastError.replace(/^Error: /, '').slice(0, 200)})`,
    mend: mendOf(lastError, stream),
  }
}
