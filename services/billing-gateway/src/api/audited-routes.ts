import type { AuditedRoute, AuditedRoutes } from '@spawnpoint/service-kit'
import { readRefundRequest } from '../store/refund-requests.ts'
import { findStripeEvent } from '../store/stripe-events.ts'
import type { Tx } from '../store/tx.ts'
import { showRefundRequest } from './refund-routes.ts'

/** What the audit log keeps of each route that changes something. Stripe's webhooks are in the journal instead. */
export function auditedRoutes(prisma: Tx): AuditedRoutes {
  const refund: AuditedRoute = async ({ params: { id = '' } }) => {
    const request = await readRefundRequest(prisma, id)
    return request && showRefundRequest(request)
  }
  return {
    'POST /admin/refunds/:id/approve': refund,
    'POST /admin/refunds/:id/refuse': refund,
    'POST /admin/stripe-events/:event_id/retry': ({ params: { event_id = '' } }) =>
      findStripeEvent(prisma, event_id),
    'POST /admin/catch-up': 'answer',
  }
}
