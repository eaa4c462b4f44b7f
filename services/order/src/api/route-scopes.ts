import { operationScopes } from '@spawnpoint/operations'
import type { RouteScopes } from '@spawnpoint/service-kit'

const operate = ['operate'] as const
/** A shop's key sees and changes the orders that it placed. */
const shop = ['orders', 'operate'] as const

export const routeScopes: RouteScopes = {
  ...operationScopes,
  'POST /orders': ['orders'],
  'GET /orders': ['orders', 'read'],
  'GET /orders/:id': ['orders', 'read'],
  'POST /orders/:id/plan': shop,
  'POST /orders/:id/cancel': shop,
  'DELETE /orders/:id/cancel': shop,
  'POST /orders/:id/renew': shop,
  'GET /availability': ['orders', 'catalogue', 'read'],
  'PUT /admin/plans/:id': ['catalogue'],
  'PUT /admin/regions/:id': ['catalogue'],
  'POST /admin/orders/:id/decide': operate,
  'POST /admin/orders/:id/set-subscription': operate,
  'POST /admin/orders/:id/suspend': operate,
  'POST /admin/orders/:id/resume': operate,
  'POST /admin/orders/:id/terminate': operate,
  'POST /admin/orders/:id/change-plan': operate,
  'POST /admin/orders/:id/change-region': operate,
  'POST /admin/orders/:id/rename': operate,
  'POST /admin/orders/:id/change-owner': operate,
  'POST /admin/customers/find': operate,
  'GET /admin/differences': ['read', 'operate'],
  'POST /admin/reconcile': operate,
  'POST /admin/differences/:id/repair': operate,
  'POST /admin/differences/:id/ignore': operate,
}
