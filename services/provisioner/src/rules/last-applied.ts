import { z } from '@hono/zod-openapi'
import { orderSchema } from '@spawnpoint/contracts'

const lastAppliedSchema = orderSchema
  .pick({ plan: true, environment: true, server_name: true, customer: true })
  // A change of its size was sent, and it is not known how far the panel came with it.
  .extend({ unsettled: z.boolean() })
  .partial()
export type LastApplied = z.output<typeof lastAppliedSchema>

type States = { built_state: string | null; order_state: string }

/** The order fields that were last applied to the server on the panel, as far as they are known. */
export function lastAppliedOf({ built_state }: Pick<States, 'built_state'>): LastApplied {
  return built_state === null ? {} : lastAppliedSchema.parse(JSON.parse(built_state))
}

/** What the order has changed since. Unknown fields count as applied. */
export function pendingChanges(server: States): { size: boolean; details: boolean } {
  const { built_state, order_state } = server
  if (built_state === null || built_state === order_state) return { size: false, details: false }
  const built = lastAppliedOf(server)
  const wanted = lastAppliedSchema.parse(JSON.parse(order_state))
  const differs = (field: keyof LastApplied) =>
    built[field] !== undefined && JSON.stringify(built[field]) !== JSON.stringify(wanted[field])
  return {
    size: built.unsettled === true || differs('plan') || differs('environment'),
    details: differs('server_name') || differs('customer'),
  }
}

/** The row's value once these fields of the order are applied. */
export function lastAppliedWith(server: States, fields: (keyof LastApplied)[]): string {
  const wanted = lastAppliedSchema.parse(JSON.parse(server.order_state))
  const fulfilled = Object.fromEntries(fields.map((field) => [field, wanted[field]]))
  const { unsettled, ...before } = lastAppliedOf(server)
  const rest = unsettled && !fields.includes('plan') ? { unsettled } : {}
  return JSON.stringify({ ...before, ...rest, ...fulfilled })
}

/** The row's value before its plan is applied: should that fail half-way, the plan of before is no more what the server has. */
export function unsettled({ built_state }: Pick<States, 'built_state'>): string | null {
  return built_state === null ? null : JSON.stringify({ ...lastAppliedOf({ built_state }), unsettled: true })
}

/** The row's value before a create is sent: where an earlier one may still be carried out instead, the server is as that one says. */
export function builtByCreate(server: States, isEarlierInDoubt: boolean): string {
  const { size, details } = pendingChanges(server)
  return (isEarlierInDoubt && (size || details) && unsettled(server)) || server.order_state
}

/** No plan, customer or server has this name: every order differs from it. */
const unknown = '?'
const nobody = { id: null, email: 'nobody@example.invalid', name: unknown }

/** Whether its plan is applied again because somebody changed the server by hand. */
export function isRepair({ plan }: LastApplied): boolean {
  return plan === unknown
}

/** The last-applied fields without those that were changed by hand on the panel: they are applied again. */
export function withoutChanged(row: Pick<States, 'built_state'>, changed: string[]): string | null {
  const has = (...fields: string[]) => fields.some((field) => changed.includes(field))
  const built = {
    ...lastAppliedOf(row),
    ...(has('memory', 'swap', 'disk', 'io', 'cpu', 'egg', 'ports', 'variables') ? { plan: unknown } : {}),
    ...(has('owner') ? { customer: nobody } : {}),
    ...(has('external_id') ? { server_name: unknown } : {}),
  }
  return row.built_state === null && Object.keys(built).length === 0 ? null : JSON.stringify(built)
}
