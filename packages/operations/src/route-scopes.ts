import type { RouteScopes } from '@spawnpoint/service-kit'

/** What keys need for the routes that every service has. */
export const operationScopes: RouteScopes = {
  'GET /admin/audit': ['read', 'operate'],
  'POST /admin/customers/export': ['operate'],
  'POST /admin/customers/forget': ['operate'],
  'GET /admin/dead-letters': ['read', 'operate'],
  'POST /admin/dead-letters/redrive': ['operate'],
  'POST /admin/dead-letters/resolve': ['operate'],
  'GET /admin/replays': ['read', 'operate'],
  'POST /admin/replays': ['operate'],
  'GET /admin/replays/:id': ['read', 'operate'],
  'GET /admin/replays/:id/findings': ['read', 'operate'],
  'POST /admin/replays/:id/abort': ['operate'],
  'POST /admin/replays/:id/resume': ['operate'],
}
