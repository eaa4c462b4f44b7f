import type { z } from '@hono/zod-openapi'
import { orderSchema } from '@spawnpoint/contracts'

const lastAppliedSchema = orderSchema
  .pick({ plan: true, environment: true, server_name: true, customer: true })
  .partial()
export type LastApplied = z.output<typeof lastAppliedSchema>

type States = { built_state: string | null; order_state: string }

/** What the server on the panel was last made to fit, as far as it is known. */
export function lastAppliedOf({ built_state }: Pick<States, 'built_state'>): LastApplied {
  return built_state === null ? {} : lastAppliedSchema.parse(JSON.parse(built_state))
}

/** What the order wants otherwise by now. What nobody knows is taken to be as it should. */
export function pendingChanges(server: States): { size: boolean; details: boolean } {
  const { built_state, order_state } = server
  if (built_state === null || built_state === order_state) return { size: false, details: false }
  const built = lastAppliedOf(server)
  const wanted = lastAppliedSchema.parse(JSON.parse(order_state))
  const differs = (field: keyof LastApplied) =>
    built[field] !== undefined && JSON.stringify(built[field]) !== JSON.stringify(wanted[field])
  return {
    size: differs('plan') || differs('environment'),
    details: differs('server_name') || differs('customer'),
  }
}

/** What stands in the row once these of the order's wishes are fulfilled. */
export function lastAppliedWith(server: States, fields: (keyof LastApplied)[]): string {
  const wanted = lastAppliedSchema.parse(JSON.parse(server.order_state))
  const fulfilled = Object.fromEntries(fields.map((field) => [field, wanted[field]]))
  return JSON.stringify({ ...lastAppliedOf(server), ...fulfilled })
}

/** Nothing and nobody is called so: whatever the order wants differs from it. */
const unknown = '?'
const nobody = { id: null, email: 'nobody@example.invalid', name: unknown }

/** What was last applied, without what somebody changed on the panel since: it is applied again. */
export function withoutChanged(row: Pick<States, 'built_state'>, changed: string[]): string | null {
  const has = (...fields: string[]) => fields.some((field) => changed.includes(field))
  const built = {
    ...lastAppliedOf(row),
    ...(has('memory', 'swap', 'disk', 'io', 'cpu') ? { plan: unknown } : {}),
    ...(has('owner') ? { customer: nobody } : {}),
    ...(has('external_id') ? { server_name: unknown } : {}),
  }
  return row.built_state === null && Object.keys(built).length === 0 ? null : JSON.stringify(built)
}
