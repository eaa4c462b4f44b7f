import { operationScopes } from '@spawnpoint/operations'
import type { RouteScopes } from '@spawnpoint/service-kit'

const seen = ['read', 'operate'] as const
const panels = ['panels'] as const

export const routeScopes: RouteScopes = {
  ...operationScopes,
  'GET /servers': seen,
  'GET /servers/:order_id': seen,
  'POST /api/servers/provision': ['operate'],
  'GET /admin/drifts': seen,
  'POST /admin/drifts/sweep': ['operate'],
  'POST /admin/drifts/:id/repair': ['operate'],
  'POST /admin/drifts/:id/ignore': ['operate'],
  'GET /admin/plan-specs/:plan': ['catalogue', 'read'],
  'PUT /admin/plan-specs/:plan': ['catalogue'],
  'PUT /admin/region-nodes/:region': ['catalogue'],
  'POST /admin/panel/check': ['panels', 'operate'],
  'GET /admin/panels': ['panels', 'read'],
  'GET /admin/panels/:panel': ['panels', 'read'],
  'PUT /admin/panels/:panel': panels,
  'DELETE /admin/panels/:panel': panels,
  'GET /admin/secrets': ['panels', 'read'],
  'PUT /admin/secrets/:name': panels,
  'DELETE /admin/secrets/:name': panels,
  'POST /admin/secrets/rotate': panels,
}
