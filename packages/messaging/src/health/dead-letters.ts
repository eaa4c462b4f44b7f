import { sql, type Transaction } from '@spawnpoint/database'
import type { Check } from '@spawnpoint/service-kit'
import { describeAge } from './age.ts'

/** Events that could not be decided and wait for a person. */
export function watchDeadLetters({ prisma, service }: { prisma: Transaction; service: string }): Check {
  return {
    find: async () => {
      const oldest = await oldestOpen(prisma)
      if (!oldest) return null
      const { count, subject, className, seconds } = oldest
      const which = count === 1 ? 'is a dead letter' : `is the oldest of ${count} dead letters`
      return `${subject} (${className}) could not be decided and ${which}, for ${describeAge(seconds)}`
    },
    mend: `npx spawnpoint dead-letters list --service ${service}, correct the cause, then dead-letters redrive or resolve`,
  }
}

type Open = { count: number; subject: string; className: string; seconds: number }

async function oldestOpen(db: Transaction): Promise<Open | null> {
  const [row] = await db.$queryRaw<(Open & { count: bigint; seconds: bigint | number })[]>(
    sql`SELECT subject, class AS className, TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP(3)) AS seconds,
          (SELECT COUNT(*) FROM dead_letter WHERE resolved_at IS NULL) AS count
        FROM dead_letter WHERE resolved_at IS NULL ORDER BY created_at LIMIT 1`,
  )
  return row ? { ...row, count: Number(row.count), seconds: Number(row.seconds) } : null
}
