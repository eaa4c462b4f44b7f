import { z } from 'zod'

/** Integer minor units (cents; whole yen) and a lower-case ISO 4217 code. */
export const moneySchema = z.object({
  amount: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  currency: z.string().regex(/^[a-z]{3}$/),
})
export type Money = z.infer<typeof moneySchema>
