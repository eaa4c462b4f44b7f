import { z } from 'zod'
import { customerSchema } from './customer.ts'
import { moneySchema } from './money.ts'
import { deliverySchema, orderMoneySchema, orderWarningSchema, refundRequestSchema } from './order-money.ts'
import { paymentSchema } from './payment.ts'

export const orderStatuses = [
  'pending',
  'paid',
  'provisioning',
  'provisioned',
  'error',
  'suspended',
  'terminated',
  'cancelled',
] as const
export const billingStatuses = ['unpaid', 'paid', 'past_due', 'disputed', 'refunded', 'ended'] as const

/** What the provisioner is to bring about: nothing yet, a running server, a suspended one, none any more. */
export const desiredStates = ['none', 'running', 'suspended', 'terminated'] as const

const chargeSchema = paymentSchema.pick({
  paid: true,
  discount: true,
  tax: true,
  shipping: true,
  nothing_owed: true,
  trial_end: true,
})
/** What Stripe charged, as far as the price is compared with it. */
export type Charge = z.infer<typeof chargeSchema>

/** The whole state of one order that others need. */
export const orderSchema = z.object({
  order_id: z.string().min(1).max(191),
  version: z.number().int().positive(),
  status: z.enum(orderStatuses),
  billing_status: z.enum(billingStatuses),
  desired: z.enum(desiredStates),
  plan: z.string().min(1).max(191),
  region: z.string().min(1).max(191),
  customer: customerSchema,
  server_name: z.string().min(1).max(191),
  /** The order's own egg variables, by name; they win over the plan's and the egg's. */
  environment: z.record(z.string(), z.string()),
  price: moneySchema,
  payment_id: z.string().max(191).nullable(),
  /** So that the order can be rebuilt from this event alone. Not in events of before these fields were added. */
  payment_version: z.number().int().nonnegative().optional(),
  charge: chargeSchema.nullable().optional(),
  error_message: z.string().nullable().optional(),
  /** In the `order.changed` that says that the plan is another one: the one before. */
  previous_plan: z.string().min(1).max(191).optional(),
  /** Until when it is paid; null for what is paid once. Not in events of before these fields were added. */
  paid_until: z.iso.datetime().nullable().optional(),
  money: orderMoneySchema.optional(),
  /** What a seller wants of its server, whatever its money says; `desired` follows from both. */
  wanted: z.enum(['running', 'suspended', 'terminated']).optional(),
  /** Since when its money keeps its server suspended. */
  suspended_at: z.iso.datetime().nullable().optional(),
  /** The plan it changes to with its next paid period. */
  next_plan: z.string().min(1).max(191).nullable().optional(),
  /** The end of the period that was paid when that was asked for. */
  next_plan_at: z.iso.datetime().nullable().optional(),
  delivery: deliverySchema.optional(),
  /** What happens next unless money comes: it was said in `order.warned`. */
  warning: orderWarningSchema.nullable().optional(),
  /** Money that is to go back because nothing can be delivered. */
  refund_request: refundRequestSchema.nullable().optional(),
  /** What a person should know about this change. */
  note: z.string().nullable().optional(),
})
export type OrderState = z.infer<typeof orderSchema>
