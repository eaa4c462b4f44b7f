import { sql, type Transaction, type TransactionClient } from '@spawnpoint/database'
import type { Check, Finding } from '@spawnpoint/service-kit'
import { describeLimits } from './connection/stream-limits.ts'
import { findStream } from './connection/streams.ts'
import { startHousekeeping } from './jobs/housekeeping.ts'
import { type RelayOptions, startRelay } from './outbox/relay.ts'
import { startStreamRepair } from './repair/repair-streams.ts'

/** The outgoing half of a service: publishes its outbox, repairs its stream from the outbox, removes old rows. */
export function startMessaging(
  options: RelayOptions & { prisma: TransactionClient<Transaction>; auditRetentionDays?: number },
) {
  const relay = startRelay(options)
  const streamRepair = startStreamRepair({ ...options, wakeRelay: relay.wake })
  const housekeeping = startHousekeeping(options)
  return {
    wake: relay.wake,
    /** What waits, what is dead, and what housekeeping has removed since the start. */
    lag: async () => ({
      ...(await lagOf(options.prisma)),
      removed: housekeeping.removed(),
      nats_permissions: options.nats.permissions(),
    }),
    /** Whether the stream is there, and stores what is published until it was read. */
    streamCheck: {
      find: async () =>
        options.nats.isConnected() ? (streamRepair.limitProblem() ?? (await streamProblem(options))) : null,
      mend: `see whether JetStream answers: nats stream info ${options.stream}, and the log of nats-server`,
    } satisfies Check,
    async stop(): Promise<void> {
      await housekeeping.stop()
      await streamRepair.stop()
      await relay.stop()
    },
  }
}

async function streamProblem({ nats, stream, limits }: RelayOptions): Promise<Finding | null> {
  const info = await findStream(nats, stream)
  if (info) return describeLimits(info, limits)
  return {
    problem: `Stream ${stream} is missing: it is made anew within seconds, and filled from the outbox`,
    mend: "where it stays so: the log of nats-server, and this service's (Stream repair failed)",
  }
}

/** What waits to be published, waits for a fact, or is dead. Each count is of one index; the first in the outbox is the oldest. */
export async function lagOf(db: Transaction) {
  const [row] = await db.$queryRaw<
    { waiting: bigint; oldest: bigint | number | null; parked: bigint; dead: bigint }[]
  >(sql`SELECT (SELECT COUNT(*) FROM outbox WHERE published_at IS NULL) AS waiting,
      (SELECT TIMESTAMPDIFF(SECOND, created_at, UTC_TIMESTAMP(3)) FROM outbox
        WHERE published_at IS NULL ORDER BY seq LIMIT 1) AS oldest,
      (SELECT COUNT(*) FROM parked_event) AS parked,
      (SELECT COUNT(*) FROM dead_letter WHERE resolved_at IS NULL) AS dead`)
  return {
    outbox_waiting: Number(row?.waiting ?? 0),
    outbox_oldest_seconds: Number(row?.oldest ?? 0),
    events_parked: Number(row?.parked ?? 0),
    dead_letters_open: Number(row?.dead ?? 0),
  }
}
