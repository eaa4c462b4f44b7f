import { z } from 'zod'
import { clearable, expand, integer, metadata, text } from '../api/params.ts'

const endBehavior = z.enum(['release', 'cancel'])
const prorationBehavior = z.enum(['always_invoice', 'create_prorations', 'none'])

export const createParams = z.strictObject({
  expand,
  from_subscription: text,
})

const phase = z.strictObject({
  duration: z
    .strictObject({
      interval: z.enum(['day', 'week', 'month', 'year']),
      interval_count: integer.pipe(z.number().int().min(1)).optional(),
    })
    .optional(),
  end_date: integer.optional(),
  items: z
    .array(z.strictObject({ price: text, quantity: integer.pipe(z.number().int().min(0)).optional() }))
    .min(1),
  metadata: metadata.optional(),
  proration_behavior: prorationBehavior.optional(),
  start_date: z.union([z.literal('now').transform(() => 'now' as const), integer]).optional(),
})

export const updateParams = z.strictObject({
  end_behavior: endBehavior.optional(),
  expand,
  metadata: clearable(metadata).optional(),
  phases: z.array(phase).min(1).optional(),
  proration_behavior: prorationBehavior.optional(),
})

export type PhaseParams = z.infer<typeof phase>
export type UpdateParams = z.infer<typeof updateParams>
