import type { AuditedRoute, AuditedRoutes } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { keySecret, type MainPanel } from '../panel-types/main-panel.ts'
import { planSpecOf } from '../rules/plan-spec.ts'
import { findDrift, showDrift } from '../store/drifts.ts'
import { showPanels } from '../store/panels.ts'
import { readRegion } from '../store/regions.ts'
import { showOrder } from '../store/servers.ts'

/** What the audit log keeps of each route that changes something: of secrets, that and when they were set. */
export function auditedRoutes({ prisma, main }: { prisma: PrismaClient; main: MainPanel }): AuditedRoutes {
  const drift: AuditedRoute = async ({ params: { id = '' } }) => {
    const found = await findDrift(prisma, id)
    return found && showDrift(found)
  }
  const panel: AuditedRoute = async ({ params: { panel: id = '' } }) => {
    const shown = (await showPanels(prisma, main)).find((one) => one.panel === id)
    return shown ? { ...shown, key: await secretOf(keySecret(id)) } : null
  }
  const secretOf = async (name: string) => {
    const row = await prisma.secret.findUnique({ where: { name }, omit: { ciphertext: true } })
    return row && { name, key_id: row.keyId, updated_at: row.updatedAt.toISOString() }
  }
  return {
    'POST /api/servers/provision': async ({ body }) => {
      const { order_id } = await body()
      if (typeof order_id !== 'string') return null
      const server = await showOrder(prisma, order_id)
      return server && { order_id, ...server }
    },
    'POST /admin/drifts/sweep': 'answer',
    'POST /admin/drifts/:id/repair': drift,
    'POST /admin/drifts/:id/ignore': drift,
    'PUT /admin/plan-specs/:plan': async ({ params: { plan = '' } }) => {
      const specs = await prisma.planSpec.findMany({ where: { plan }, orderBy: { panelId: 'asc' } })
      return specs.length === 0
        ? null
        : Object.fromEntries(specs.map((row) => [row.panelId, planSpecOf(row)]))
    },
    'PUT /admin/region-nodes/:region': ({ params: { region = '' } }) => readRegion(prisma, region),
    'POST /admin/panel/check': 'reads',
    'PUT /admin/panels/:panel': panel,
    'DELETE /admin/panels/:panel': panel,
    'PUT /admin/secrets/:name': ({ params: { name = '' } }) => secretOf(name),
    'DELETE /admin/secrets/:name': ({ params: { name = '' } }) => secretOf(name),
    'POST /admin/secrets/rotate': 'answer',
  }
}
