import { describeAge, openHealth } from '@spawnpoint/messaging'
import type { Check } from '@spawnpoint/service-kit'
import type { UnpaidCapacity } from '../capacity/unpaid-capacity.ts'
import type { PrismaClient } from '../generated/client.ts'
import { panelProblems } from '../panels/panel-health.ts'
import type { Panels } from '../panels/panels.ts'
import { openDrifts } from '../store/summary.ts'
import { consumers } from './consumers.ts'

type Options = Omit<Parameters<typeof openHealth>[0], 'service' | 'stream' | 'consumers' | 'prisma'> & {
  prisma: PrismaClient
  panels: Panels
  unpaid: UnpaidCapacity
}

/** What the service checks of itself. */
export function createHealth({ panels, unpaid, ...options }: Options) {
  const { database, nats, degrading, close } = openHealth({
    ...options,
    ...{ service: 'provisioner', stream: 'SERVER', consumers },
  })
  return {
    checks: { database },
    degrading: {
      nats: nats('no orders are consumed'),
      ...degrading,
      panel: {
        find: () => panelProblems(panels),
        mend: 'npx spawnpoint panel check names what to correct; orders go on by themselves',
      },
      unpaid_orders: {
        find: unpaid.problem,
        mend: 'POST /orders/:id/cancel for orders that will not be paid, add a node, or raise UNPAID_CAPACITY_SHARE and restart the service',
      },
      drifts: watchDrifts(options.prisma),
    },
    close,
  }
}

function watchDrifts(prisma: PrismaClient): Check {
  return {
    find: async () => {
      const open = await openDrifts(prisma)
      if (!open) return null
      const { finding, foundAt } = open.oldest
      const age = describeAge(Math.max(0, (Date.now() - foundAt.getTime()) / 1_000))
      return `${open.count} drifts between the panel and the orders wait for a decision, the oldest for ${age}: ${finding.slice(0, 200)}`
    },
    mend: 'npx spawnpoint drifts list, then npx spawnpoint drifts repair ID or ignore ID',
  }
}
