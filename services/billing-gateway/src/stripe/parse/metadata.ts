import type { z } from '@hono/zod-openapi'
import { type Payment, paymentSchema } from '@spawnpoint/contracts'
import { oneLine } from '@spawnpoint/service-kit'

type OrderFields = Pick<Payment, 'order_id' | 'plan' | 'region' | 'server_name'>

/** What our metadata on a Stripe object names: its order, or what is to be ordered. */
export function orderFieldsOf(metadata: Record<string, string>): OrderFields {
  return {
    order_id: orderIdOf(metadata),
    plan: clipped(metadata.plan, maxOfField),
    region: clipped(metadata.region, maxOfField),
    server_name: clipped(metadata.server_name, maxOfField),
  }
}

export function isOurs(metadata: Record<string, string>): boolean {
  return orderIdOf(metadata) !== null || Boolean(metadata.plan?.trim())
}

/** Our ids are UUIDs of version 5; a shop's own checkouts may carry an unrelated `order_id`. */
function orderIdOf(metadata: Record<string, string>): string | null {
  const id = metadata.order_id?.trim() ?? ''
  return /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id) ? id : null
}

/** A long name is clipped. A long address is dropped, since a clipped one would be another person's. */
export function buyerOf(email: string | null | undefined, name: string | null | undefined) {
  return {
    customer_email: email && email.length <= maxOfBuyer ? email.toWellFormed() : null,
    customer_name: clipped(name, maxOfBuyer),
  }
}

// Stripe accepts longer text than a payment may carry, and a paid order must not fail for that.
const maxOfField = longestOf(paymentSchema.shape.plan)
const maxOfBuyer = longestOf(paymentSchema.shape.customer_name)

function longestOf(text: z.ZodNullable<z.ZodString>): number {
  const { maxLength } = text.unwrap()
  if (maxLength === null) throw new Error('Texts of a payment have a maximum length')
  return maxLength
}

// Clipped, not dropped: a region that is too long is an unknown region, while none at all could mean the only one. Control characters
// would reach terminals and the panel.
export function clipped(text: string | null | undefined, max: number): string | null {
  const line = oneLine(text ?? '')
  return line ? line.slice(0, max).toWellFormed() : null
}
