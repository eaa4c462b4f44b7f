import type { Transaction } from '@spawnpoint/database'
import type { Audit, AuditedRoute, AuditedRoutes } from '@spawnpoint/service-kit'
import { customerAudit } from '../customers/customer-audit.ts'
import { readReplay } from '../replay/replay-runs.ts'
import { recordAudit } from './audit-log.ts'

/** The audit log of a service: its own routes, and those that every service has. */
export function auditOf(prisma: Transaction, routes: AuditedRoutes): Audit {
  return {
    routes: { ...operationAudit(prisma), ...routes },
    record: (entry) => recordAudit(prisma, entry),
  }
}

function operationAudit(prisma: Transaction): AuditedRoutes {
  const replay: AuditedRoute = async ({ params: { id = '' } }) => {
    const found = await readReplay(prisma, id)
    return found && { id, state: found.state, read: found.read, total: found.total, error: found.error }
  }
  return {
    ...customerAudit,
    'POST /admin/dead-letters/redrive': 'request and answer',
    'POST /admin/dead-letters/resolve': 'request and answer',
    'POST /admin/replays': 'answer',
    'POST /admin/replays/:id/abort': replay,
    'POST /admin/replays/:id/resume': replay,
  }
}
