import type { AuditedRoute, AuditedRoutes } from '@spawnpoint/service-kit'

/** Whose records were handed out or erased, by their orders; never what was in them, nor the address they were found by. */
const about: AuditedRoute = async ({ body, answer }) => {
  const { erased, remains, records } = await answer()
  if (erased === undefined && records === undefined) return null
  const { subject } = await body()
  const ids = orderIdsOf(subject)
  return {
    ...(ids.length === 1 ? { order_id: ids[0] } : {}),
    order_ids: ids,
    ...(erased === undefined ? { exported: Object.keys(records ?? {}) } : { erased, remains }),
  }
}

export const customerAudit: AuditedRoutes = {
  'POST /admin/customers/export': about,
  'POST /admin/customers/forget': about,
}

function orderIdsOf(subject: unknown): string[] {
  if (typeof subject !== 'object' || subject === null || !('order_ids' in subject)) return []
  const { order_ids } = subject
  return Array.isArray(order_ids) ? order_ids.filter((id) => typeof id === 'string') : []
}
