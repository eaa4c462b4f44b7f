import type { Logger } from '@spawnpoint/service-kit'
import { monitorUnpaidCapacity } from './capacity/unpaid-capacity.ts'
import type { Env } from './env.ts'
import type { PrismaClient } from './generated/client.ts'
import { createPanels } from './panels/panels.ts'
import type { Policy } from './rules/next-step.ts'

/** What the folders are given: connections, limits and intervals. */
export function createDependencies({ env, prisma, log }: { env: Env; prisma: PrismaClient; log: Logger }) {
  const timeScale = env.TIME_SCALE
  // Below two seconds a busy machine alone makes calls time out.
  const timeoutMs = Math.max(2_000, 60_000 * timeScale)
  const main = { url: env.PANEL_URL, token: env.PANEL_TOKEN }
  const ring = env.SECRETS_KEYS
  return {
    prisma,
    /** The panel of the environment. */
    main,
    ring,
    panels: createPanels({ prisma, main, ring, timeoutMs, timeScale }),
    timeScale,
    maxBatch: env.MAX_BATCH,
    leaseMs: 2 * timeoutMs,
    /** How much of the capacity unpaid orders hold, and may hold. */
    unpaid: monitorUnpaidCapacity({ prisma, share: env.UNPAID_CAPACITY_SHARE }),
    /** How long a server stays queued before a person has to see to it. */
    deadlineMs: env.WAIT_DEADLINE_HOURS * 3_600_000 * timeScale,
    /** How often a panel is compared with the orders. */
    sweepMs: env.DRIFT_SWEEP_MINUTES * 60_000 * timeScale,
    policy: policyOf(env),
    log,
  }
}

function policyOf({ INSTALL_TRIES, FORCE_DELETE_AFTER_HOURS: hours }: Env): Policy {
  return {
    mostReinstalls: INSTALL_TRIES - 1,
    forceDeleteAfterMs: hours === undefined ? null : hours * 3_600_000,
  }
}
