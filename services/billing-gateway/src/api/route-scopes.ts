import { operationScopes } from '@spawnpoint/operations'
import type { RouteScopes } from '@spawnpoint/service-kit'

export const routeScopes: RouteScopes = {
  ...operationScopes,
  'GET /admin/refunds': ['refunds', 'read'],
  'POST /admin/refunds/:id/approve': ['refunds'],
  'POST /admin/refunds/:id/refuse': ['refunds'],
  'GET /admin/stripe-events': ['read', 'operate'],
  'POST /admin/stripe-events/:event_id/retry': ['operate'],
  'GET /admin/catch-up': ['read', 'operate'],
  'POST /admin/catch-up': ['operate'],
}
