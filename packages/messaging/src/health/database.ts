import { explainOutage, openProbe } from '@spawnpoint/database'
import type { Check, Finding } from '@spawnpoint/service-kit'

type Measured = { aheadMs: number; tookMs: number }

// Stripe's signatures count for five minutes.
const mostAheadMs = 60_000
const slowMs = 1_000

/** Whether this service's schema takes writes, soon enough, and by a clock that agrees with ours. */
export function watchDatabase(url: string): {
  database: Check
  slow_database: Check
  clock: Check
  close(): Promise<void>
} {
  const probe = openProbe(url, writes)
  let measuring: Promise<Measured> | undefined

  function measure(): Promise<Measured> {
    measuring ??= probe.write().finally(() => {
      measuring = undefined
    })
    return measuring
  }

  return {
    database: {
      find: async () => {
        try {
          await measure()
          return null
        } catch (error) {
          const outage = explainOutage(error)
          if (outage) return outage
          throw error
        }
      },
      mend: 'see that the database answers: SHOW PROCESSLIST and its error log; restart it where it does not',
    },
    slow_database: {
      find: async () => describeSlow(await measureOrNull(measure)),
      mend: 'see what it does: SHOW PROCESSLIST; give it memory and a faster disk (infra/README.md, Sizing)',
    },
    clock: { find: async () => describeClock(await measureOrNull(measure)), mend: mendClock },
    close: () => probe.close(),
  }
}

const writes = {
  little: `INSERT INTO lease (name, owner, expires_at) VALUES ('health', '', UTC_TIMESTAMP(3))
    ON DUPLICATE KEY UPDATE expires_at = UTC_TIMESTAMP(3)`,
  much: `INSERT INTO outbox (event_id, \`key\`, subject, envelope, created_at, next_attempt_at)
    VALUES (UUID(), '', 'health', REPEAT('x', 800000), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
}

// What it throws is told by the database's own check.
async function measureOrNull(measure: () => Promise<Measured>): Promise<Measured | null> {
  return await measure().catch(() => null)
}

function describeSlow(measured: Measured | null): string | null {
  if (measured === null || measured.tookMs < slowMs) return null
  return `The database needs ${(measured.tookMs / 1_000).toFixed(1)} s for one small write: payments and orders take as long`
}

const mendClock =
  'synchronise the clocks of both machines: timedatectl set-ntp true (or start chrony), and compare with date -u'

function describeClock(measured: Measured | null): Finding | null {
  if (measured === null || Math.abs(measured.aheadMs) < mostAheadMs) return null
  const { aheadMs } = measured
  return {
    problem: `This machine's clock is ${Math.round(Math.abs(aheadMs) / 1_000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the database's: from 300 s on Stripe's signatures are refused, and due dates are wrong by as much`,
    mend: mendClock,
  }
}
