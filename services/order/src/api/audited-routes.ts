import type { AuditedRoute, AuditedRoutes } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { readCatalogue, readRegions } from '../store/catalogue.ts'
import { discrepancyOf, readDiscrepancy } from '../store/discrepancies.ts'
import { readOrder } from './show-order.ts'

/** What the audit log keeps of each route that changes something. */
export function auditedRoutes(prisma: PrismaClient): AuditedRoutes {
  const order: AuditedRoute = async ({ params: { id = '' } }) => {
    // Its history is kept with the order itself, and its checkout is for its buyer.
    const { id: order_id, history: _, checkout_url: __, ...shown } = await readOrder(prisma, id)
    return { order_id, ...shown }
  }
  const plan: AuditedRoute = async ({ params: { id = '' } }) =>
    (await readCatalogue(prisma)).plans.get(id) ?? null
  const region: AuditedRoute = async ({ params }) =>
    (await readRegions(prisma)).find(({ id }) => id === params.id) ?? null
  const discrepancy: AuditedRoute = async ({ params: { id = '' } }) =>
    discrepancyOf(await readDiscrepancy(prisma, id))
  return {
    'POST /orders': async ({ answer }) => placed(await answer()),
    'POST /orders/:id/plan': order,
    'POST /orders/:id/cancel': order,
    'DELETE /orders/:id/cancel': order,
    'POST /orders/:id/renew': order,
    'PUT /admin/plans/:id': plan,
    'PUT /admin/regions/:id': region,
    'POST /admin/orders/:id/decide': order,
    'POST /admin/orders/:id/set-subscription': order,
    'POST /admin/orders/:id/suspend': order,
    'POST /admin/orders/:id/resume': order,
    'POST /admin/orders/:id/terminate': order,
    'POST /admin/orders/:id/change-plan': order,
    'POST /admin/orders/:id/change-region': order,
    'POST /admin/orders/:id/rename': order,
    'POST /admin/orders/:id/change-owner': order,
    'POST /admin/customers/find': 'reads',
    'POST /admin/reconcile': 'answer',
    'POST /admin/differences/:id/repair': discrepancy,
    'POST /admin/differences/:id/ignore': discrepancy,
  }
}

/** What it is stands in the order itself; here, who placed it. */
function placed(answer: Record<string, unknown>): object | null {
  return typeof answer.id === 'string' ? { order_id: answer.id } : null
}
